// moe-compile's options reach the passes.
// RUN: moe-compile %s --hardware %S/Inputs/two.yaml --emit=plan -o - | FileCheck %s --check-prefix=LINEAR
// RUN: moe-compile %s --hardware %S/Inputs/two.yaml --routing %S/Inputs/skewed.json --slots 5 --emit=plan -o - | FileCheck %s --check-prefix=SLOTS
// RUN: moe-compile %s --hardware %S/Inputs/two.yaml --strategy=round-robin --emit=plan -o - | FileCheck %s --check-prefix=ROUND
// RUN: not moe-compile %s --hardware %S/Inputs/tiny.yaml --emit=plan -o - 2>&1 | FileCheck %s --check-prefix=TINY
// RUN: not moe-compile %s --hardware %S/Inputs/two.yaml --routing %S/Inputs/two-layers.json --emit=plan -o - 2>&1 | FileCheck %s --check-prefix=LAYERS
// RUN: not moe-compile %s --strategy=fast --emit=plan -o - 2>&1 | FileCheck %s --check-prefix=STRATEGY
// RUN: not moe-compile %s --slots=0 --emit=plan -o - 2>&1 | FileCheck %s --check-prefix=ZERO

// LINEAR: moe.placement = #moe.placement<{{\[}}[0, 1], [2, 3]]>
// Even shares of a replica would not relieve the busier device.
// SLOTS: moe.placed = #moe.decision<{{.*}}; no gain from replicas">, moe.placement = #moe.placement<{{\[}}[0], [1, 2, 3]]>
// ROUND: moe.placement = #moe.placement<{{\[}}[0, 2], [1, 3]]>
// TINY: moe-compile: error: {{.*}}MoE layer 0 has 4 experts of 1024 bytes
// LAYERS: moe-compile: error: the routing statistics have 2 MoE layers; the model has 1
// STRATEGY: moe-compile: error: --strategy knows linear, {{.*}} or best, not 'fast'
// ZERO: moe-compile: error: --slots takes a number of at least 1, not '0'
module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
