// RUN: moe-opt %s --moe-lower-moe --split-input-file | FileCheck %s

// One device: sort, the two packed banks, weighted sum. The first kernel of the
// experts gathers the rows of its tokens.

// CHECK-LABEL: func.func @main
// CHECK: moe_rt.kernel @topk
// CHECK: moe_rt.check %{{.*}}, "a MoE layer has not one list of experts per token"
// CHECK: %[[SORTED:.*]]:3 = moe_rt.kernel @dispatch
// CHECK-NOT: @gather_rows
// CHECK-DAG: moe_rt.weight "w1" {{.*}} {pack = #moe_rt.pack<gated_panels, concatenated, transposed>{{.*}} : tensor<4x4x16x16xf32>
// CHECK-DAG: moe_rt.weight "w2" {{.*}} {pack = #moe_rt.pack<panels, transposed>{{.*}} : tensor<4x1x32x16xf32>
// CHECK: moe_rt.kernel @expert_gated ins(%{{.*}}, %[[SORTED]]#2, %[[SORTED]]#0, {{.*}} : tensor<?x16xf32>, tensor<?xi32>, {{.*}}activation = "silu"
// CHECK: moe_rt.kernel @expert_gemm
// CHECK: moe_rt.check %{{.*}}, "a MoE layer has not one weight per token and choice"
// CHECK: moe_rt.kernel @combine
// CHECK-NOT: moe.route
func.func @main(%x: tensor<?x16xf32>, %logits: tensor<?x4xf32>) -> tensor<?x16xf32> {
  %w1 = moe_rt.weight "w1" [#moe_rt.region<"m.data", 0, 16384>] {source = tensor<4x64x16xf32>, pack = #moe_rt.pack<none>} : tensor<4x64x16xf32>
  %w2 = moe_rt.weight "w2" [#moe_rt.region<"m.data", 16384, 8192>] {source = tensor<4x16x32xf32>, pack = #moe_rt.pack<none>} : tensor<4x16x32xf32>
  %w, %e = moe.route %logits {k = 2 : i64, score = #moe.score<softmax>, normalize = #moe.normalize<sum>} : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  %rows, %counts, %slots = moe.dispatch %x, %e {num_experts = 4 : i64} : tensor<?x16xf32>, tensor<?x2xi32> -> tensor<?x16xf32>, tensor<4xi64>, tensor<?x2xi32>
  %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<concatenated>}
      : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x64x16xf32>, tensor<4x16x32xf32>) -> tensor<?x16xf32>
  %out = moe.combine %y, %slots, %w : tensor<?x16xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x16xf32>
  return %out : tensor<?x16xf32>
}

// -----

// A bank that the model keeps expert by expert is packed from its regions.

// CHECK-LABEL: func.func @main
// CHECK: moe_rt.weight "fc1" [#moe_rt.region<"w.data", 0, 512>, #moe_rt.region<"w.data", 4096, 512>] {pack = #moe_rt.pack<panels, transposed>{{.*}} : tensor<2x1x8x16xf32>
func.func @main(%x: tensor<?x8xf32>, %w: tensor<?x2xf32>, %e: tensor<?x2xi32>) -> tensor<?x8xf32> {
  %rows, %counts, %slots = moe.dispatch %x, %e {num_experts = 2 : i64} : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x8xf32>, tensor<2xi64>, tensor<?x2xi32>
  %w1 = moe.weight "fc1" [#moe.region<"w.data", 0, 512>, #moe.region<"w.data", 4096, 512>] : tensor<2x16x8xf32>
  %w2 = moe.weight "fc2" [#moe.region<"w.data", 512, 512>, #moe.region<"w.data", 8192, 512>] : tensor<2x8x16xf32>
  %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<?x8xf32>, tensor<2xi64>, tensor<2x16x8xf32>, tensor<2x8x16xf32>) -> tensor<?x8xf32>
  %out = moe.combine %y, %slots, %w : tensor<?x8xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x8xf32>
  return %out : tensor<?x8xf32>
}

// -----

// What else reads the rows gets them; experts on other rows take them in order.

// CHECK-LABEL: func.func @main
// CHECK: %[[ROWS:.*]] = moe_rt.kernel @gather_rows
// CHECK: moe_rt.kernel @expert_gemm ins(%arg0, %[[NONE:[a-z0-9]+]], {{.*}} : tensor<?x8xf32>, tensor<0xi32>,
// CHECK: moe_rt.kernel @expert_gemm ins(%{{.*}}, %[[NONE]],
// CHECK: return %{{.*}}, %[[ROWS]]
func.func @main(%x: tensor<?x8xf32>, %e: tensor<?x2xi32>) -> (tensor<?x8xf32>, tensor<?x8xf32>) {
  %rows, %counts, %slots = moe.dispatch %x, %e {num_experts = 2 : i64} : tensor<?x8xf32>, tensor<?x2xi32> -> tensor<?x8xf32>, tensor<2xi64>, tensor<?x2xi32>
  %w1 = moe.weight "fc1" [#moe.region<"w.data", 0, 1024>] : tensor<2x16x8xf32>
  %w2 = moe.weight "fc2" [#moe.region<"w.data", 1024, 1024>] : tensor<2x8x16xf32>
  %y = moe.experts %x, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<?x8xf32>, tensor<2xi64>, tensor<2x16x8xf32>, tensor<2x8x16xf32>) -> tensor<?x8xf32>
  return %y, %rows : tensor<?x8xf32>, tensor<?x8xf32>
}
