// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/two.yaml --moe-place-experts | FileCheck %s --check-prefix=LINEAR
// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/two.yaml --moe-place-experts=strategy=round-robin | FileCheck %s --check-prefix=ROUND
// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/two.yaml --moe-load-routing=files=%S/Inputs/skewed.json --moe-place-experts | FileCheck %s --check-prefix=BEST
// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/two.yaml --moe-load-routing=files=%S/Inputs/skewed.json --moe-place-experts | moe-opt --moe-place-experts=strategy=round-robin | FileCheck %s --check-prefix=BEST
// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/small.yaml --moe-place-experts | FileCheck %s --check-prefix=SMALL
// RUN: not moe-opt %s --moe-load-hardware=file=%S/Inputs/tiny.yaml --moe-place-experts 2>&1 | FileCheck %s --check-prefix=TINY
// RUN: moe-opt %s --moe-place-experts | FileCheck %s --check-prefix=NONE

// LINEAR: moe.placed = #moe.decision<strategy = "linear", {{.*}}reason = "linear: no routing statistics">
// LINEAR-SAME: moe.placement = #moe.placement<{{\[}}[0, 1], [2, 3]]>
// ROUND: moe.placement = #moe.placement<{{\[}}[0, 2], [1, 3]]>

// The two busy experts part; what is placed stays where it is.
// BEST: moe.placed = #moe.decision<strategy = "{{[a-z]+}}", {{.*}} below linear
// BEST-SAME: moe.placement = #moe.placement<{{\[\[0.*\], \[1}}

// An expert takes 1024 bytes.
// SMALL: moe.placement = #moe.placement<{{\[}}[0, 1, 2], [3]]>
// TINY: error: MoE layer 0 has 4 experts of 1024 bytes; the memories of the 2 devices have room for 2 beside the other weights; add devices or memory
// NONE-NOT: moe.placement
module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
