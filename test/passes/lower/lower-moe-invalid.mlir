// RUN: moe-opt %s --moe-lower-moe --split-input-file --verify-diagnostics

// The combine of a placed layer reads the slots of another dispatch.
func.func @main(%x: tensor<?x16xf32>, %e: tensor<?x2xi32>, %w: tensor<?x2xf32>) -> tensor<?x16xf32> {
  %w1 = moe_rt.weight "w1" [#moe_rt.region<"m.data", 0, 8192>] {source = tensor<4x32x16xf32>, pack = #moe_rt.pack<none>} : tensor<4x32x16xf32>
  %w2 = moe_rt.weight "w2" [#moe_rt.region<"m.data", 8192, 8192>] {source = tensor<4x16x32xf32>, pack = #moe_rt.pack<none>} : tensor<4x16x32xf32>
  %rows, %counts, %slots = moe.dispatch %x, %e {num_experts = 4 : i64} : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, tensor<4xi64>, tensor<?x2xi32>
  %other, %n, %others = moe.dispatch %x, %e {num_experts = 4 : i64} : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, tensor<4xi64>, tensor<?x2xi32>
  %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>, moe.placement = #moe.placement<[[0, 1], [2, 3]]>}
      : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x32x16xf32>, tensor<4x16x32xf32>) -> tensor<?x16xf32>
  // expected-error @+1 {{a placed layer must be dispatch, experts and combine in a row}}
  %out = moe.combine %y, %others, %w : tensor<?x16xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x16xf32>
  return %out : tensor<?x16xf32>
}
