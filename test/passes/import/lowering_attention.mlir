// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// One pass over each row where a kernel has the form.
// CHECK-LABEL: func.func @rms_norm
// CHECK: moe_rt.kernel @rms_norm
func.func @rms_norm(%x: tensor<2x?x8xf32>, %s: tensor<8xf32>) -> tensor<2x?x8xf32> {
  %y = onnx.RMSNormalization(%x, %s) {opset = 23 : i64} : (tensor<2x?x8xf32>, tensor<8xf32>) -> tensor<2x?x8xf32>
  return %y : tensor<2x?x8xf32>
}

// 16-bit floats are computed in f32 and rounded once.
// CHECK-LABEL: func.func @layer_norm_f16
// CHECK: arith.extf {{.*}} : f16 to f32
// CHECK: moe_rt.kernel @layer_norm {{.*}} -> tensor<4x8xf32>
// CHECK: arith.truncf {{.*}} : f32 to f16
func.func @layer_norm_f16(%x: tensor<4x8xf16>, %s: tensor<8xf16>, %b: tensor<8xf16>) -> tensor<4x8xf16> {
  %y = onnx.LayerNormalization(%x, %s, %b) {opset = 17 : i64} : (tensor<4x8xf16>, tensor<8xf16>, tensor<8xf16>) -> tensor<4x8xf16>
  return %y : tensor<4x8xf16>
}

// The mean and 1/sigma are asked for: no kernel.
// CHECK-LABEL: func.func @layer_norm_parts
// CHECK-NOT: moe_rt.kernel
// CHECK: math.sqrt
func.func @layer_norm_parts(%x: tensor<4x8xf32>, %s: tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>) {
  %y, %m, %i = onnx.LayerNormalization(%x, %s) {opset = 17 : i64} : (tensor<4x8xf32>, tensor<8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>, tensor<4x1xf32>)
  return %y, %i : tensor<4x8xf32>, tensor<4x1xf32>
}

// No matrix of scores.
// CHECK-LABEL: func.func @attention
// CHECK-NOT: @batch_matmul
// CHECK: moe_rt.kernel @attention
func.func @attention(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>) -> tensor<2x4x3x8xf32> {
  %y = onnx.Attention(%q, %k, %k) {is_causal = 1 : i64, opset = 23 : i64} : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x4x3x8xf32>
  return %y : tensor<2x4x3x8xf32>
}

// The kernel has no soft cap.
// CHECK-LABEL: func.func @attention_softcap
// CHECK: moe_rt.kernel @batch_matmul
// CHECK: math.tanh
// CHECK: moe_rt.kernel @batch_matmul
func.func @attention_softcap(%q: tensor<2x4x3x8xf32>, %k: tensor<2x2x5x8xf32>) -> tensor<2x4x3x8xf32> {
  %y = onnx.Attention(%q, %k, %k) {opset = 23 : i64, softcap = 2.0 : f32} : (tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>) -> tensor<2x4x3x8xf32>
  return %y : tensor<2x4x3x8xf32>
}

// CHECK-LABEL: func.func @group_query
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: seqlens_k is larger than the past plus the new tokens"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: total_sequence_length is less than the new tokens or seqlens_k + 1"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: a position lies beyond the cos/sin cache"
// CHECK-DAG: %[[T:.*]] = arith.index_cast %{{.*}} : i32 to index
// CHECK-DAG: %[[P:.*]] = tensor.dim %arg1
// The present is as long as the longer of both, the keys are those in use.
// CHECK: %[[ROOM:.*]] = arith.maxsi %[[P]], %[[T]]
// CHECK: tensor.empty(%[[ROOM]]) : tensor<2x1x?x4xf32>
// CHECK: %[[K:.*]] = moe_rt.kernel @place_rows ins(%arg1,
// CHECK: tensor.extract_slice %[[K]][0, 0, 0, 0] [2, 1, %[[T]], 4]
// CHECK: moe_rt.kernel @attention
func.func @group_query(%q: tensor<2x3x16xf32>, %past: tensor<2x1x?x4xf32>, %n: tensor<2xi32>, %t: tensor<i32>, %c: tensor<32x2xf32>) -> (tensor<2x3x8xf32>, tensor<2x1x?x4xf32>) {
  %none = onnx.None
  %y, %k, %v = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %past, %past, %n, %t, %c, %c) {do_rotary = 1 : i64, kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, tensor<2x1x?x4xf32>, tensor<2x1x?x4xf32>, tensor<2xi32>, tensor<i32>, tensor<32x2xf32>, tensor<32x2xf32>) -> (tensor<2x3x8xf32>, tensor<2x1x?x4xf32>, tensor<2x1x?x4xf32>)
  return %y, %k : tensor<2x3x8xf32>, tensor<2x1x?x4xf32>
}
