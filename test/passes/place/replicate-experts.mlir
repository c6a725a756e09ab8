// RUN: moe-opt %s --split-input-file --moe-place-experts --moe-replicate-experts=slots=5 | FileCheck %s
// RUN: not moe-opt %s --split-input-file --moe-place-experts --moe-replicate-experts=slots=3 2>&1 | FileCheck %s --check-prefix=FEW

// FEW: error: MoE layer 0 has 4 experts; slots=3 leaves some without one

// One expert does nearly everything: only a replica can relieve its device.
// CHECK-LABEL: module
// CHECK: moe.placed = #moe.decision<{{.*}}; 1 replicas: {{[0-9.]+}} % below one slot for each expert">
// CHECK-SAME: moe.placement = #moe.placement<{{\[\[.*0.*\], \[.*0.*\]\]}}>
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0>, <name = "b", kind = cpu, node = 0>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.loads = array<i64: 900, 10, 10, 10>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// CHECK-LABEL: module
// CHECK: no gain from replicas
// CHECK-SAME: moe.placement = #moe.placement<{{\[}}[0, 1], [2, 3]]>
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0>, <name = "b", kind = cpu, node = 0>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.loads = array<i64: 10, 10, 10, 10>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// CHECK-LABEL: module
// CHECK: linear: no routing statistics">
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0>, <name = "b", kind = cpu, node = 0>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
