// RUN: moe-opt %s --onnx-infer-shapes --split-input-file --verify-diagnostics

func.func @main(%a: tensor<2x3xf32>, %b: tensor<4x5xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{MatMul: the inner extents differ: 3 on the left, 4 on the right}}
  %0 = onnx.MatMul(%a, %b) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<4x5xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Add: cannot broadcast extents 3 and 4 (axis 1 from the end)}}
  %0 = onnx.Add(%a, %b) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<*xf32> {
  %s = onnx.Constant dense<[4, 2]> : tensor<2xi64>
  // expected-error @+1 {{Reshape: cannot reshape 6 elements into 8}}
  %0 = onnx.Reshape(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<*xf32> {
  %s = onnx.Constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error @+1 {{Reshape: the new shape has two -1}}
  %0 = onnx.Reshape(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Concat: input 1 has extent 4 on axis 1, input 0 has 3}}
  %0 = onnx.Concat(%a, %b) {opset = 20 : i64, axis = 0 : i64} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Transpose: perm is no permutation of 2 axes}}
  %0 = onnx.Transpose(%a) {opset = 20 : i64, perm = [0, 0]} : (tensor<2x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> (tensor<*xf32>, tensor<*xi64>) {
  %k = onnx.Constant dense<5> : tensor<1xi64>
  // expected-error @+1 {{TopK: k = 5 of 3 elements}}
  %v, %i = onnx.TopK(%a, %k) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> (tensor<*xf32>, tensor<*xi64>)
  return %v, %i : tensor<*xf32>, tensor<*xi64>
}

// -----

func.func @main(%q: tensor<2x8xf32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<*xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs a query of rank 3, num_heads and kv_num_heads}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x8xf32>, none, none, none, none, tensor<2xi32>, tensor<i32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %p: tensor<2x1x5x4xf32>, %n: tensor<2xi32>) -> tensor<*xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs a total_sequence_length of one element}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %p, %p, %n, %none) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, tensor<2x1x5x4xf32>, tensor<2x1x5x4xf32>, tensor<2xi32>, none) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %p: tensor<2x5x4xf32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<*xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs a past key of rank 4; got rank 3}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %p, %p, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, tensor<2x5x4xf32>, tensor<2x5x4xf32>, tensor<2xi32>, tensor<i32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<*xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: the output output_qk is not supported}}
  %0, %1, %2, %3 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, none, none, tensor<2xi32>, tensor<i32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%q: tensor<2x2x3x8xf32>, %p: tensor<2x5x8xf32>) -> tensor<*xf32> {
  %none = onnx.None
  // expected-error @+1 {{Attention: needs a past key of rank 4; got rank 3}}
  %0 = onnx.Attention(%q, %q, %q, %none, %p, %p) {opset = 23 : i64} : (tensor<2x2x3x8xf32>, tensor<2x2x3x8xf32>, tensor<2x2x3x8xf32>, none, tensor<2x5x8xf32>, tensor<2x5x8xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%q: tensor<2x3x8xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Attention: rank 3 needs q_num_heads and kv_num_heads}}
  %0 = onnx.Attention(%q, %q, %q) {opset = 23 : i64} : (tensor<2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%s: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{ConstantOfShape: the number of dimensions is not known}}
  %0 = onnx.ConstantOfShape(%s) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Reshape: the number of dimensions of the new shape is not known}}
  %0 = onnx.Reshape(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<?xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Expand: the number of dimensions of the new shape is not known}}
  %0 = onnx.Expand(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<?xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Transpose: perm has 1 axes, the input has 2}}
  %0 = onnx.Transpose(%a) {opset = 20 : i64, perm = [0]} : (tensor<2x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<1xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Tile: needs one repeat count per axis}}
  %0 = onnx.Tile(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Split: the number of parts is not known}}
  %0, %1 = onnx.Split(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<?xi64>) -> (tensor<*xf32>, tensor<*xf32>)
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<3xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Split: has 2 outputs for 3 parts}}
  %0, %1 = onnx.Split(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<3xi64>) -> (tensor<*xf32>, tensor<*xf32>)
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<1xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Slice: has no starts or no ends}}
  %0 = onnx.Slice(%a, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %s: tensor<?xi64>) -> tensor<*xf32> {
  // expected-error @+1 {{Slice: the number of slices is not known}}
  %0 = onnx.Slice(%a, %s, %s) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<?xi64>, tensor<?xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %b: tensor<f32>) -> tensor<*xf32> {
  // expected-error @+1 {{MatMul: a scalar cannot be multiplied as a matrix}}
  %0 = onnx.MatMul(%a, %b) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<f32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%a: tensor<2x3xf32>, %b: tensor<3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Gemm: needs two matrices; got ranks 2 and 1}}
  %0 = onnx.Gemm(%a, %b) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x2xf32>, %w: tensor<2x2x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: needs an input and a weight of the same rank, at least 3; got ranks 2 and 3}}
  %0 = onnx.Conv(%x, %w) {opset = 20 : i64} : (tensor<1x2xf32>, tensor<2x2x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<3x2x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: group 2 must divide a constant number of output channels}}
  %0 = onnx.Conv(%x, %w) {group = 2 : i64, opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<3x2x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x3x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: the input has 4 channels; the weight takes 3}}
  %0 = onnx.Conv(%x, %w) {opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<2x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: pads must be 2 integers of at least 0}}
  %0 = onnx.Conv(%x, %w) {opset = 20 : i64, pads = array<i64: 1, -1>} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: the kernel is 2 elements longer than the padded input of spatial axis 0}}
  %0 = onnx.Conv(%x, %w) {dilations = array<i64: 5>, opset = 20 : i64, pads = array<i64: 1, 0>} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x2x?xf32> {onnx.dims = [1, 2, "n"]}, %a: tensor<2x2x?xf32> {onnx.dims = [2, 2, "n"]}, %b: tensor<2x2x1xf32>) -> tensor<*xf32> {
  %w = onnx.Concat(%a, %b) {axis = 2 : i64, opset = 20 : i64} : (tensor<2x2x?xf32>, tensor<2x2x1xf32>) -> tensor<*xf32>
  // expected-error @+1 {{Conv: the kernel is 1 elements longer than the padded input of spatial axis 0}}
  %0 = onnx.Conv(%x, %w) {opset = 20 : i64} : (tensor<1x2x?xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: the extent of spatial axis 0 overflows}}
  %0 = onnx.Conv(%x, %w) {dilations = array<i64: 9223372036854775807>, opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: the extent of spatial axis 0 overflows}}
  %0 = onnx.Conv(%x, %w) {opset = 20 : i64, pads = array<i64: 9223372036854775807, 1>} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<0x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: group 9223372036854775807 times 4 channels overflows}}
  %0 = onnx.Conv(%x, %w) {group = 9223372036854775807 : i64, opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<0x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: auto_pad must be NOTSET, SAME_UPPER, SAME_LOWER or VALID, not 'SAMEx'}}
  %0 = onnx.Conv(%x, %w) {auto_pad = "SAMEx", opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: kernel_shape must be 1 integers}}
  %0 = onnx.Conv(%x, %w) {kernel_shape = array<i64: 3, 3>, opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @main(%x: tensor<1x4x8xf32>, %w: tensor<2x4x3xf32>) -> tensor<*xf32> {
  // expected-error @+1 {{Conv: kernel_shape says 5 for spatial axis 0, the weight has 3}}
  %0 = onnx.Conv(%x, %w) {kernel_shape = array<i64: 5>, opset = 20 : i64} : (tensor<1x4x8xf32>, tensor<2x4x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}
