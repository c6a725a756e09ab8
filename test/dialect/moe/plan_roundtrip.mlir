// RUN: moe-opt %s | moe-opt | FileCheck %s
// RUN: moe-opt %s --mlir-print-op-generic | moe-opt | FileCheck %s

// CHECK: moe.routing = ["trace.npy"]
// CHECK-SAME: moe.topology = #moe.topology<[
// CHECK-SAME: <name = "a", kind = cpu, node = 0, memory = 8589934592, rate = 2.000000e+11, bandwidth = 1.250000e+10, latency = 5.000000e-06, rows = [1, 64], seconds = [1.000000e-05, 2.000000e-04]>
// CHECK-SAME: <name = "b", kind = cuda, node = 1, speed = 5.000000e-01>], network = [5.000000e+10, 0.000000e+00]>
module attributes {
    moe.routing = ["trace.npy"],
    moe.topology = #moe.topology<[
        <name = "a", kind = cpu, node = 0, memory = 8589934592, rate = 2.0e11, bandwidth = 1.25e10, latency = 5.0e-6,
         rows = [1, 64], seconds = [1.0e-5, 2.0e-4]>,
        <name = "b", kind = cuda, node = 1, speed = 0.5>], network = [5.0e10, 0.0]>} {
  // CHECK: moe.loads = array<i64: 3, 1, 0, 9>
  // CHECK-SAME: moe.ordered = #moe.decision<strategy = "rotation", cost = 2.000000e-06, without = 2.000000e-06, bound = 0.000000e+00, reason = "no gain">
  // CHECK-SAME: moe.placement = #moe.placement<{{\[}}[0, 1, 3], [3, 2]]>
  // CHECK-SAME: moe.rounds = #moe.rounds<{{\[}}[0, -1], [1, 0], [-1, 1]]>
  func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>) -> tensor<?x16xf32> {
    %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.data", 0, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x8x16xf32>} : tensor<4x8x16xf32>
    %w2 = moe_rt.weight "w2" [#moe_rt.region<"w.data", 2048, 2048>] {pack = #moe_rt.pack<none>, source = tensor<4x16x8xf32>} : tensor<4x16x8xf32>
    %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, moe.loads = array<i64: 3, 1, 0, 9>,
        moe.placement = #moe.placement<[[0, 1, 3], [3, 2]]>, moe.rounds = #moe.rounds<[[0, -1], [1, 0], [-1, 1]]>,
        moe.ordered = #moe.decision<strategy = "rotation", cost = 2.0e-6, without = 2.0e-6, bound = 0.0, reason = "no gain">} : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x8x16xf32>, tensor<4x16x8xf32>) -> tensor<?x16xf32>
    return %y : tensor<?x16xf32>
  }
}
