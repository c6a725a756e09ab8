// RUN: moe-opt %s --split-input-file --moe-order-all-to-all | FileCheck %s

// Every rank sends each expert the same share: the rotation is optimal.
// CHECK-LABEL: module
// CHECK: moe.ordered = #moe.decision<strategy = "rotation", cost = [[COST:.*]], without = [[COST]], bound = [[COST]], reason = "no gain over the rotation (loads, each rank's share the same)">
// CHECK-NOT: moe.rounds
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "b", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "c", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "d", kind = cpu, node = 0, bandwidth = 1.0e9>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.loads = array<i64: 80, 40, 40, 40>, moe.placement = #moe.placement<[[0], [1], [2], [3]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// CHECK-LABEL: module
// CHECK: no statistics, traffic taken as uniform
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "b", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "c", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "d", kind = cpu, node = 0, bandwidth = 1.0e9>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.placement = #moe.placement<[[0], [1], [2], [3]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}

// -----

// Nothing is placed, nothing to order.
// CHECK-LABEL: module
// CHECK-NOT: moe.ordered
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "b", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "c", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "d", kind = cpu, node = 0, bandwidth = 1.0e9>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
