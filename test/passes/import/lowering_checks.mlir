// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// What only the run can tell: each assumption of a lowering ends the run with
// its own message.

// CHECK-LABEL: func.func @attention
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: query and key have other batches"
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: query and value have other batches"
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: key and value have other heads"
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: key and value have other lengths"
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: query and key have other head sizes"
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: the mask is longer than the keys"
// CHECK-DAG: moe_rt.check {{.*}}, "Attention: nonpad_kv_seqlen has another batch"
func.func @attention(%q: tensor<?x4x?x?xf32>, %k: tensor<?x2x?x?xf32>, %v: tensor<?x?x?x8xf32>, %m: tensor<?x?xf32>, %n: tensor<?xi64>) -> tensor<?x4x?x8xf32> {
  %none = onnx.None
  %y = onnx.Attention(%q, %k, %v, %m, %none, %none, %n) {opset = 24 : i64} : (tensor<?x4x?x?xf32>, tensor<?x2x?x?xf32>, tensor<?x?x?x8xf32>, tensor<?x?xf32>, none, none, tensor<?xi64>) -> tensor<?x4x?x8xf32>
  return %y : tensor<?x4x?x8xf32>
}

// CHECK-LABEL: func.func @group_query
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: without a past, total_sequence_length is not the number of new tokens"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: seqlens_k has another batch"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: the cos and sin caches differ in shape"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: the caches are wider than a head"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: the position ids have another batch"
// CHECK-DAG: moe_rt.check {{.*}}, "GroupQueryAttention: the position ids have another length"
func.func @group_query(%q: tensor<?x?x16xf32>, %n: tensor<?xi32>, %t: tensor<i32>, %c: tensor<?x?xf32>, %s: tensor<?x?xf32>, %p: tensor<?x?xi64>) -> tensor<?x?x8xf32> {
  %none = onnx.None
  %y = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t, %c, %s, %p) {do_rotary = 1 : i64, kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<?x?x16xf32>, none, none, none, none, tensor<?xi32>, tensor<i32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi64>) -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @group_query_past
// CHECK: moe_rt.check {{.*}}, "GroupQueryAttention: the past does not fit the new tokens"
func.func @group_query_past(%q: tensor<?x?x16xf32>, %past: tensor<?x1x?x4xf32>, %n: tensor<?xi32>, %t: tensor<1xi32>) -> tensor<?x?x8xf32> {
  %none = onnx.None
  %y, %k, %v = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %past, %past, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<?x?x16xf32>, none, none, tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>, tensor<?xi32>, tensor<1xi32>) -> (tensor<?x?x8xf32>, tensor<?x1x?x4xf32>, tensor<?x1x?x4xf32>)
  return %y : tensor<?x?x8xf32>
}

// CHECK-LABEL: func.func @rotary
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the cos and sin caches differ in shape"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the caches do not fit the head size"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the caches are wider than a head"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the caches have another batch"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the caches have another length"
func.func @rotary(%x: tensor<?x2x?x8xf32>, %c: tensor<?x?x?xf32>, %s: tensor<?x?x?xf32>) -> tensor<?x2x?x8xf32> {
  %y = onnx.RotaryEmbedding(%x, %c, %s) {opset = 23 : i64} : (tensor<?x2x?x8xf32>, tensor<?x?x?xf32>, tensor<?x?x?xf32>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}

// CHECK-LABEL: func.func @rotary_positions
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the caches do not fit rotary_embedding_dim"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the position ids have another batch"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: the position ids have another length"
// CHECK-DAG: moe_rt.check {{.*}}, "RotaryEmbedding: an index is out of range"
func.func @rotary_positions(%x: tensor<?x2x?x8xf32>, %c: tensor<?x?xf32>, %p: tensor<?x?xi64>) -> tensor<?x2x?x8xf32> {
  %y = onnx.RotaryEmbedding(%x, %c, %c, %p) {opset = 23 : i64, rotary_embedding_dim = 4 : i64} : (tensor<?x2x?x8xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xi64>) -> tensor<?x2x?x8xf32>
  return %y : tensor<?x2x?x8xf32>
}

// CHECK-LABEL: func.func @split
// CHECK-DAG: moe_rt.check {{.*}}, "Split: the parts do not add up to the axis"
// CHECK-DAG: moe_rt.check {{.*}}, "Split: an extent is negative"
func.func @split(%x: tensor<?xf32>, %sizes: tensor<2xi64>) -> tensor<?xf32> {
  %y, %z = onnx.Split(%x, %sizes) {opset = 18 : i64} : (tensor<?xf32>, tensor<2xi64>) -> (tensor<?xf32>, tensor<?xf32>)
  return %y : tensor<?xf32>
}

// CHECK-LABEL: func.func @gather_elements
// CHECK-DAG: moe_rt.check {{.*}}, "GatherElements: an index is out of range"
// CHECK-DAG: moe_rt.check {{.*}}, "GatherElements: the indices are larger than the data"
func.func @gather_elements(%x: tensor<?x?xf32>, %i: tensor<?x?xi64>) -> tensor<?x?xf32> {
  %y = onnx.GatherElements(%x, %i) {opset = 13 : i64} : (tensor<?x?xf32>, tensor<?x?xi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @gather_nd
// CHECK-DAG: moe_rt.check {{.*}}, "GatherND: an index is out of range"
// CHECK-DAG: moe_rt.check {{.*}}, "GatherND: data and indices have different batches"
func.func @gather_nd(%x: tensor<?x4x5xf32>, %i: tensor<?x2xi64>) -> tensor<?xf32> {
  %y = onnx.GatherND(%x, %i) {batch_dims = 1 : i64, opset = 13 : i64} : (tensor<?x4x5xf32>, tensor<?x2xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// CHECK-LABEL: func.func @scatter_elements
// CHECK-DAG: moe_rt.check {{.*}}, "ScatterElements: an index is out of range"
// CHECK-DAG: moe_rt.check {{.*}}, "ScatterElements: indices and updates have different shapes"
// CHECK-DAG: moe_rt.check {{.*}}, "ScatterElements: the indices are larger than the data"
func.func @scatter_elements(%x: tensor<?x?xf32>, %i: tensor<?x?xi64>, %u: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = onnx.ScatterElements(%x, %i, %u) {opset = 18 : i64} : (tensor<?x?xf32>, tensor<?x?xi64>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @scatter_nd
// CHECK-DAG: moe_rt.check {{.*}}, "ScatterND: an index is out of range"
// CHECK-DAG: moe_rt.check {{.*}}, "ScatterND: the updates' shape does not fit data and indices"
func.func @scatter_nd(%x: tensor<?x?xf32>, %i: tensor<?x1xi64>, %u: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = onnx.ScatterND(%x, %i, %u) {opset = 18 : i64} : (tensor<?x?xf32>, tensor<?x1xi64>, tensor<?x?xf32>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @declared
// CHECK: moe_rt.check {{.*}}, "ReduceSum: axis 0 of the result has another extent than the model declares"
func.func @declared(%x: tensor<2x3xf32>, %axes: tensor<1xi64>) -> tensor<1x3xf32> {
  %y = onnx.ReduceSum(%x, %axes) {opset = 13 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<1x3xf32>
  return %y : tensor<1x3xf32>
}

// CHECK-LABEL: func.func @matmul
// CHECK: moe_rt.check {{.*}}, "a matrix product's inner extents differ"
func.func @matmul(%x: tensor<2x?xf32>, %y: tensor<?x3xf32>) -> tensor<2x3xf32> {
  %z = onnx.MatMul(%x, %y) {opset = 13 : i64} : (tensor<2x?xf32>, tensor<?x3xf32>) -> tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @weight_matmul
// CHECK: moe_rt.check {{.*}}, "a matrix product's inner extents differ"
func.func @weight_matmul(%x: tensor<2x?xf32>) -> tensor<2x3xf32> {
  %w = onnx.Weight "w" <"w.bin", 0, 48> : tensor<4x3xf32>
  %z = onnx.MatMul(%x, %w) {opset = 13 : i64} : (tensor<2x?xf32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @broadcast
// CHECK: moe_rt.check {{.*}}, "extents cannot be broadcast"
func.func @broadcast(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %z = onnx.Add(%x, %y) {opset = 14 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  return %z : tensor<?xf32>
}

// CHECK-LABEL: func.func @reshape
// CHECK: moe_rt.check {{.*}}, "a reshape changes the number of elements"
func.func @reshape(%x: tensor<?xf32>) -> tensor<2x3xf32> {
  %shape = onnx.Constant dense<[2, 3]> : tensor<2xi64>
  %z = onnx.Reshape(%x, %shape) {opset = 14 : i64} : (tensor<?xf32>, tensor<2xi64>) -> tensor<2x3xf32>
  return %z : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @concat
// CHECK: moe_rt.check {{.*}}, "inputs of a concatenation disagree on an axis"
func.func @concat(%x: tensor<2x?xf32>, %y: tensor<2x?xf32>) -> tensor<4x?xf32> {
  %z = onnx.Concat(%x, %y) {axis = 0 : i64, opset = 13 : i64} : (tensor<2x?xf32>, tensor<2x?xf32>) -> tensor<4x?xf32>
  return %z : tensor<4x?xf32>
}
