// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/two.yaml | FileCheck %s
// RUN: not moe-opt %s --moe-load-hardware=file=%S/Inputs/none.yaml 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: moe-opt %s --moe-load-hardware=file=%S/Inputs/two.yaml | moe-opt --moe-load-hardware=file=%S/Inputs/small.yaml | FileCheck %s --check-prefix=AGAIN

// CHECK: moe.topology = #moe.topology<[<name = "d0", kind = cpu, node = 0, memory = 1073741824, rate = 1.000000e+11, bandwidth = 1.000000e+09, latency = 9.9999999999999995E-7>, <name = "d1"
// CHECK: moe.placement
// NONE: none.yaml

// Another machine drops what was decided for the first.
// AGAIN: name = "large"
// AGAIN-NOT: moe.placement
module {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.placement = #moe.placement<[[0, 1], [2, 3]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
