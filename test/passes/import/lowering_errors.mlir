// RUN: moe-opt %s --moe-lower-onnx -split-input-file -verify-diagnostics

func.func @gather_elements(%x: tensor<3x4xf32>, %i: tensor<3xi64>) -> tensor<3xf32> {
  // expected-error @+1 {{GatherElements: needs indices of the data's rank 2 and an axis in range; got rank 1 and axis 0}}
  %y = onnx.GatherElements(%x, %i) {opset = 13 : i64} : (tensor<3x4xf32>, tensor<3xi64>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @one_hot(%i: tensor<3xi64>, %d: tensor<i64>, %v: tensor<3xf32>) -> tensor<3x?xf32> {
  // expected-error @+1 {{OneHot: needs a vector of two values, off and on}}
  %y = onnx.OneHot(%i, %d, %v) {opset = 11 : i64} : (tensor<3xi64>, tensor<i64>, tensor<3xf32>) -> tensor<3x?xf32>
  return %y : tensor<3x?xf32>
}

// -----

func.func @trilu(%x: tensor<3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{Trilu: needs a matrix; the input has rank 1}}
  %y = onnx.Trilu(%x) {opset = 14 : i64} : (tensor<3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @slice_step(%x: tensor<3xf32>) -> tensor<?xf32> {
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  // expected-error @+1 {{Slice: a step is 0}}
  %y = onnx.Slice(%x, %zero, %zero, %zero, %zero) {opset = 13 : i64} : (tensor<3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @slice_axis(%x: tensor<3xf32>) -> tensor<?xf32> {
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  // expected-error @+1 {{Slice: axis 1 is out of range for rank 1}}
  %y = onnx.Slice(%x, %zero, %one, %one) {opset = 13 : i64} : (tensor<3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @slice_counts(%x: tensor<3xf32>, %s: tensor<1xi64>, %e: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{Slice: has 1 starts and 2 ends, axes or steps; there must be as many}}
  %y = onnx.Slice(%x, %s, %e) {opset = 13 : i64} : (tensor<3xf32>, tensor<1xi64>, tensor<2xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @top_k(%x: tensor<3xf32>, %k: tensor<2xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{TopK: needs one number k}}
  %y, %i = onnx.TopK(%x, %k) {opset = 11 : i64} : (tensor<3xf32>, tensor<2xi64>) -> (tensor<?xf32>, tensor<?xi64>)
  return %y : tensor<?xf32>
}

// -----

func.func @cum_sum(%x: tensor<3xf32>) -> tensor<3xf32> {
  %axis = onnx.Constant dense<1> : tensor<i64>
  // expected-error @+1 {{CumSum: axis 1 is out of range for rank 1}}
  %y = onnx.CumSum(%x, %axis) {opset = 14 : i64} : (tensor<3xf32>, tensor<i64>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @cum_sum_scalar(%x: tensor<f32>, %axis: tensor<i64>) -> tensor<f32> {
  // expected-error @+1 {{CumSum: needs an axis to sum along; the input is a scalar}}
  %y = onnx.CumSum(%x, %axis) {opset = 14 : i64} : (tensor<f32>, tensor<i64>) -> tensor<f32>
  return %y : tensor<f32>
}

// -----

func.func @range(%x: tensor<2xi64>, %y: tensor<i64>) -> tensor<?xi64> {
  // expected-error @+1 {{Range: needs one number for start, limit and delta}}
  %z = onnx.Range(%x, %y, %y) {opset = 11 : i64} : (tensor<2xi64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  return %z : tensor<?xi64>
}

// -----

func.func @scatter_reduction(%x: tensor<3xf32>, %i: tensor<1xi64>, %u: tensor<1xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{ScatterElements: reduction 'sum' is none of none, add, mul, min, max}}
  %y = onnx.ScatterElements(%x, %i, %u) {opset = 18 : i64, reduction = "sum"} : (tensor<3xf32>, tensor<1xi64>, tensor<1xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @scatter_ranks(%x: tensor<3xf32>, %i: tensor<1x1xi64>, %u: tensor<1xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{ScatterElements: data, indices and updates have ranks 1, 2, 1; they must agree}}
  %y = onnx.ScatterElements(%x, %i, %u) {opset = 18 : i64} : (tensor<3xf32>, tensor<1x1xi64>, tensor<1xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @scatter_axis(%x: tensor<3xf32>, %i: tensor<1xi64>, %u: tensor<1xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{ScatterElements: axis 1 is out of range for rank 1}}
  %y = onnx.ScatterElements(%x, %i, %u) {axis = 1 : i64, opset = 18 : i64} : (tensor<3xf32>, tensor<1xi64>, tensor<1xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @scatter_nd_depth(%x: tensor<3xf32>, %i: tensor<1x2xi64>, %u: tensor<1xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{ScatterND: the last extent of the indices must be constant and fit the data's rank 1}}
  %y = onnx.ScatterND(%x, %i, %u) {opset = 18 : i64} : (tensor<3xf32>, tensor<1x2xi64>, tensor<1xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @scatter_nd_updates(%x: tensor<3xf32>, %i: tensor<1x1xi64>, %u: tensor<1x2xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{ScatterND: the updates have rank 2, data and indices ask for 1}}
  %y = onnx.ScatterND(%x, %i, %u) {opset = 18 : i64} : (tensor<3xf32>, tensor<1x1xi64>, tensor<1x2xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @unsqueeze(%x: tensor<3xf32>, %axes: tensor<1xi64>) -> tensor<?x?xf32> {
  // expected-error @+1 {{Unsqueeze: axes must be constant, or the model must declare the shape of the result}}
  %y = onnx.Unsqueeze(%x, %axes) {opset = 13 : i64} : (tensor<3xf32>, tensor<1xi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// -----

func.func @reduce(%x: tensor<3x4xf32>, %axes: tensor<?xi64>) -> tensor<?xf32> {
  // expected-error @+1 {{ReduceSum: the number of axes is not known, or larger than the rank 2}}
  %y = onnx.ReduceSum(%x, %axes) {keepdims = 0 : i64, opset = 13 : i64} : (tensor<3x4xf32>, tensor<?xi64>) -> tensor<?xf32>
  return %y : tensor<?xf32>
}

// -----

func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{QMoE: moec cannot compile this operator yet}}
  %0 = onnx.com.microsoft.QMoE(%x, %l, %a, %none, %none, %b, %none) {opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, none, tensor<4x8x6xf32>, none) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// expected-error @+1 {{an argument has no known rank}}
func.func @argument(%x: tensor<*xf32>) -> tensor<*xf32> {
  return %x : tensor<*xf32>
}

// -----

func.func @shape(%x: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) -> tensor<65xi64> {
  // expected-error @+1 {{Shape: has more dimensions than moec folds}}
  %y = onnx.Shape(%x) {opset = 19 : i64} : (tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) -> tensor<65xi64>
  return %y : tensor<65xi64>
}
