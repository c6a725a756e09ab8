// RUN: moe-opt %s --verify-roundtrip | moe-opt | FileCheck %s

// CHECK-LABEL: func @weight
func.func @weight() -> tensor<2x16x16xf32> {
  // CHECK: moe.weight "fc1" [#moe.region<"a.data", 0, 1024>, #moe.region<"b.data", 64, 1024>] : tensor<2x16x16xf32>
  %w = moe.weight "fc1" [#moe.region<"a.data", 0, 1024>, #moe.region<"b.data", 64, 1024>] : tensor<2x16x16xf32>
  return %w : tensor<2x16x16xf32>
}

// CHECK-LABEL: func @route
func.func @route(%logits: tensor<?x8xf32>, %half: tensor<?x8xf16>, %bias: tensor<8xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  %w0, %e0 = moe.route %logits {k = 2 : i64} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  // CHECK: normalize = #moe.normalize<sum>, scale = 2.5{{.*}}, score = #moe.score<sigmoid>
  // CHECK-SAME: bias(%{{.*}} : tensor<8xf32>) : tensor<?x8xf32>
  %w1, %e1 = moe.route %logits {k = 4 : i64, score = #moe.score<sigmoid>, normalize = #moe.normalize<sum>,
      epsilon = 1.0e-20 : f32, scale = 2.5 : f32, groups = 4 : i64, top_groups = 2 : i64,
      group_score = #moe.group_score<top2_sum>, group_mask = 0.0 : f32} bias(%bias : tensor<8xf32>)
      : tensor<?x8xf32> -> tensor<?x4xf32>, tensor<?x4xi32>
  // CHECK: tie = #moe.tie<high>} weights_from(%{{.*}} : tensor<?x8xf16>) : tensor<?x8xf16> -> tensor<?x1xf16>, tensor<?x1xi32>
  %w2, %e2 = moe.route %half {k = 1 : i64, score = #moe.score<identity>, tie = #moe.tie<high>}
      weights_from(%half : tensor<?x8xf16>) : tensor<?x8xf16> -> tensor<?x1xf16>, tensor<?x1xi32>
  // CHECK: group_mask = 0xFF800000 : f32
  %w3, %e3 = moe.route %logits {k = 2 : i64, groups = 4 : i64, top_groups = 1 : i64,
      group_score = #moe.group_score<max>, group_mask = 0xFF800000 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  // CHECK: sparse_mixer = 0.00999999977 : f32
  %w4, %e4 = moe.route %logits {k = 2 : i64, sparse_mixer = 0.01 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// CHECK-LABEL: func @layer
func.func @layer(%tokens: tensor<?x64xf32>, %w: tensor<?x2xf32>, %e: tensor<?x2xi32>, %w1: tensor<8x32x64xf32>,
                 %b1: tensor<8x32xf32>, %w2: tensor<8x64x32xf32>, %b2: tensor<8x64xf32>) -> tensor<?x64xf32> {
  // CHECK: moe.dispatch %{{.*}}, %{{.*}} {num_experts = 8 : i64} : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, tensor<8xi64>, tensor<?x2xi32>
  %rows, %counts, %slots = moe.dispatch %tokens, %e {num_experts = 8 : i64}
      : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, tensor<8xi64>, tensor<?x2xi32>
  // CHECK: moe.experts %{{.*}}, %{{.*}}, fc1(%{{.*}} bias %{{.*}}) fc3(%{{.*}} bias %{{.*}}) fc2(%{{.*}} bias %{{.*}}) {activation = #moe.activation<silu>
  %y = moe.experts %rows, %counts, fc1(%w1 bias %b1) fc3(%w1 bias %b1) fc2(%w2 bias %b2)
      {activation = #moe.activation<silu>, fusion = #moe.fusion<separate>, form = "A", layer = 0 : i64}
      : (tensor<?x64xf32>, tensor<8xi64>, tensor<8x32x64xf32>, tensor<8x32xf32>, tensor<8x32x64xf32>, tensor<8x32xf32>, tensor<8x64x32xf32>, tensor<8x64xf32>) -> tensor<?x64xf32>
  // CHECK: moe.combine %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x64xf32>
  %out = moe.combine %y, %slots, %w : tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x64xf32>
  return %out : tensor<?x64xf32>
}

// CHECK-LABEL: func @in_out
func.func @in_out(%rows: tensor<6x16xbf16>, %counts: tensor<3xi64>, %w1: tensor<3x16x8xbf16>, %w2: tensor<3x4x16xbf16>) -> tensor<6x16xbf16> {
  // CHECK: moe.experts %{{.*}}, %{{.*}}, fc1(%{{.*}}) fc2(%{{.*}}) {activation = #moe.activation<silu>, alpha = 1.702{{.*}}, beta = 1.0{{.*}}, fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, fusion = #moe.fusion<interleaved>, limit = 7.0{{.*}}
  %y = moe.experts %rows, %counts, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<interleaved>,
      fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, alpha = 1.702 : f32, beta = 1.0 : f32, limit = 7.0 : f32}
      : (tensor<6x16xbf16>, tensor<3xi64>, tensor<3x16x8xbf16>, tensor<3x4x16xbf16>) -> tensor<6x16xbf16>
  return %y : tensor<6x16xbf16>
}
