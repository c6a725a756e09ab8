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
