// RUN: moe-opt %s --moe-recognize | FileCheck %s

// Form A: com.microsoft.MoE by its schema.
// CHECK: moe.recognition = ["layer 0: form A, 4 experts, top 2, silu, separate"

// CHECK-LABEL: func @silu_fc3
func.func @silu_fc3(%x: tensor<?x8xf32>, %logits: tensor<?x4xf32>, %fc1: tensor<4x6x8xf32>, %fc2: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[W:.*]], %[[E:.*]] = moe.route %arg1 {k = 2 : i64, normalize = #moe.normalize<sum>} : tensor<?x4xf32>
  // CHECK: %[[R:.*]], %[[C:.*]], %[[S:.*]] = moe.dispatch %arg0, %[[E]] {num_experts = 4 : i64}
  // CHECK: %[[Y:.*]] = moe.experts %[[R]], %[[C]], fc1(%arg2) fc3(%arg2) fc2(%arg3) {activation = #moe.activation<silu>, form = "A", fusion = #moe.fusion<separate>, layer = 0 : i64}
  // CHECK: %[[O:.*]] = moe.combine %[[Y]], %[[S]], %[[W]]
  // CHECK: return %[[O]]
  %none = onnx.None
  %y = onnx.com.microsoft.MoE(%x, %logits, %fc1, %none, %fc2, %none, %fc1) {activation_type = "silu", k = 2 : i64, normalize_routing_weights = 1 : i64, opset = 1 : i64}
      : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>, none, tensor<4x6x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// Every attribute of swiglu; f16; batch and sequence apart.
// CHECK-LABEL: func @swiglu_interleaved
func.func @swiglu_interleaved(%x: tensor<?x?x8xf16>, %logits: tensor<?x4xf16>, %fc1: tensor<4x12x8xf16>, %b1: tensor<4x12xf16>, %fc2: tensor<4x8x6xf16>, %b2: tensor<4x8xf16>) -> tensor<?x?x8xf16> {
  // CHECK: onnx.Reshape(%arg0, %{{.*}} : (tensor<?x?x8xf16>, tensor<2xi64>) -> tensor<?x8xf16>
  // CHECK: moe.route %arg1 {k = 4 : i64} : tensor<?x4xf16> -> tensor<?x4xf32>
  // CHECK: fc1(%arg2 bias %arg3) fc2(%arg4 bias %arg5) {activation = #moe.activation<silu>, alpha = 1.702{{.*}}, beta = 1.0{{.*}}, form = "A", fusion = #moe.fusion<interleaved>, layer = 1 : i64, limit = 7.0
  // CHECK: %[[O:.*]] = moe.combine {{.*}} -> tensor<?x8xf16>
  // CHECK: %[[SHAPE:.*]] = onnx.Concat
  // CHECK: onnx.Reshape(%[[O]], %[[SHAPE]]) {{.*}} -> tensor<?x?x8xf16>
  %y = onnx.com.microsoft.MoE(%x, %logits, %fc1, %b1, %fc2, %b2) {activation_type = "swiglu", k = 4 : i64, swiglu_fusion = 1 : i64, activation_alpha = 1.702 : f32, activation_beta = 1.0 : f32, swiglu_limit = 7.0 : f32, opset = 1 : i64}
      : (tensor<?x?x8xf16>, tensor<?x4xf16>, tensor<4x12x8xf16>, tensor<4x12xf16>, tensor<4x8x6xf16>, tensor<4x8xf16>) -> tensor<?x?x8xf16>
  return %y : tensor<?x?x8xf16>
}

// CHECK-LABEL: func @swiglu_concatenated
func.func @swiglu_concatenated(%x: tensor<?x8xbf16>, %logits: tensor<?x4xbf16>, %fc1: tensor<4x12x8xbf16>, %fc2: tensor<4x8x6xbf16>) -> tensor<?x8xbf16> {
  // CHECK: fusion = #moe.fusion<concatenated>
  %none = onnx.None
  %y = onnx.com.microsoft.MoE(%x, %logits, %fc1, %none, %fc2) {activation_type = "swiglu", k = 1 : i64, swiglu_fusion = 2 : i64, opset = 1 : i64}
      : (tensor<?x8xbf16>, tensor<?x4xbf16>, tensor<4x12x8xbf16>, none, tensor<4x8x6xbf16>) -> tensor<?x8xbf16>
  return %y : tensor<?x8xbf16>
}

// ONNX Runtime's gelu is the tanh form.
// CHECK-LABEL: func @gelu
func.func @gelu(%x: tensor<?x8xf32>, %logits: tensor<?x4xf32>, %fc1: tensor<4x6x8xf32>, %fc2: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  // CHECK: moe.experts {{.*}} {activation = #moe.activation<gelu_tanh>, form = "A"
  %none = onnx.None
  %y = onnx.com.microsoft.MoE(%x, %logits, %fc1, %none, %fc2) {activation_type = "gelu", opset = 1 : i64}
      : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @sparse_mixer
func.func @sparse_mixer(%x: tensor<?x8xf32>, %logits: tensor<?x4xf32>, %fc1: tensor<4x6x8xf32>, %fc2: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  // CHECK: moe.route %arg1 {k = 2 : i64, sparse_mixer = 0.00999999977 : f32}
  %none = onnx.None
  %y = onnx.com.microsoft.MoE(%x, %logits, %fc1, %none, %fc2) {k = 2 : i64, use_sparse_mixer = 1 : i64, opset = 1 : i64}
      : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
