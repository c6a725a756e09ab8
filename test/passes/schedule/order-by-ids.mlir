// RUN: %python %S/Inputs/write_ids.py %t.npy
// RUN: moe-opt %s --moe-load-routing=files=%t.npy --moe-order-all-to-all | FileCheck %s

// Tokens of rank r choose an expert of rank 1, 3, 0, 2 seven times of eight: those
// heavy sends go in one round together, which the rotation does not do.
// CHECK: moe.ordered = #moe.decision<strategy = "pairs", {{.*}}"matchings by weight (token ids)">
// CHECK-SAME: moe.rounds = #moe.rounds<{{\[}}[0, 1, 2, 3], {{.*}}[1, 3, 0, 2]{{.*}}]>
module attributes {moe.topology = #moe.topology<[<name = "a", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "b", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "c", kind = cpu, node = 0, bandwidth = 1.0e9>, <name = "d", kind = cpu, node = 0, bandwidth = 1.0e9>]>} {
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.placement = #moe.placement<[[0], [1], [2], [3]]>} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
