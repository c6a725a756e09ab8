// RUN: moe-opt %s --moe-lower-moe --verify-diagnostics
// RUN: moe-opt %s --moe-lower-moe 2>/dev/null | FileCheck %s

// A bank that no file holds is packed where it is used.

// CHECK-LABEL: func.func @main
// CHECK-NOT: moe_rt.weight
// CHECK: moe_rt.kernel @expert_gated ins({{.*}}tensor<4x4x16x16xf32>
// CHECK: moe_rt.kernel @expert_gemm ins({{.*}}tensor<4x1x32x16xf32>
func.func @main(%rows: tensor<?x16xf32>, %counts: tensor<4xi64>, %w1: tensor<4x64x16xf32>, %w2: tensor<4x16x32xf32>) -> tensor<?x16xf32> {
  // expected-warning @+1 {{an expert bank is computed by the graph; it is packed again in every run}}
  %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<concatenated>}
      : (tensor<?x16xf32>, tensor<4xi64>, tensor<4x64x16xf32>, tensor<4x16x32xf32>) -> tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}
