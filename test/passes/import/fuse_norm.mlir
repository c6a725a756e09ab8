// RUN: moe-opt %s --onnx-infer-shapes --onnx-fuse-norm | FileCheck %s

// CHECK-LABEL: func @spelled_out
func.func @spelled_out(%x: tensor<?x3x8xf32>, %gamma: tensor<8xf32>) -> tensor<?x3x8xf32> {
  // CHECK: %[[Y:.*]] = onnx.RMSNormalization(%arg0, %arg1) {axis = -1 : i64, epsilon = 1.000000e-03 : f32
  // CHECK-NEXT: return %[[Y]]
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %epsilon = onnx.Constant dense<1.0e-3> : tensor<f32>
  %square = onnx.Pow(%x, %two) {opset = 20 : i64} : (tensor<?x3x8xf32>, tensor<f32>) -> tensor<?x3x8xf32>
  %mean = onnx.ReduceMean(%square, %last) {keepdims = 1 : i64, opset = 20 : i64} : (tensor<?x3x8xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %sum = onnx.Add(%mean, %epsilon) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32>
  %root = onnx.Sqrt(%sum) {opset = 20 : i64} : (tensor<?x3x1xf32>) -> tensor<?x3x1xf32>
  %factor = onnx.Reciprocal(%root) {opset = 20 : i64} : (tensor<?x3x1xf32>) -> tensor<?x3x1xf32>
  %scaled = onnx.Mul(%x, %factor) {opset = 20 : i64} : (tensor<?x3x8xf32>, tensor<?x3x1xf32>) -> tensor<?x3x8xf32>
  %y = onnx.Mul(%gamma, %scaled) {opset = 20 : i64} : (tensor<8xf32>, tensor<?x3x8xf32>) -> tensor<?x3x8xf32>
  return %y : tensor<?x3x8xf32>
}

// In f32 between casts, the square as a product, the quotient as a division.
// CHECK-LABEL: func @widened
func.func @widened(%x: tensor<4x8xf16>, %gamma: tensor<8xf16>) -> tensor<4x8xf16> {
  // CHECK: %[[Y:.*]] = onnx.RMSNormalization(%arg0, %arg1) {{.*}} : (tensor<4x8xf16>, tensor<8xf16>) -> tensor<4x8xf16>
  // CHECK-NEXT: return %[[Y]]
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %epsilon = onnx.Constant dense<1.0e-3> : tensor<f32>
  %wide = onnx.Cast(%x) {opset = 20 : i64, to = 1 : i64} : (tensor<4x8xf16>) -> tensor<4x8xf32>
  %square = onnx.Mul(%wide, %wide) {opset = 20 : i64} : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %mean = onnx.ReduceMean(%square) {axes = [1], keepdims = 1 : i64, opset = 13 : i64} : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %sum = onnx.Add(%epsilon, %mean) {opset = 20 : i64} : (tensor<f32>, tensor<4x1xf32>) -> tensor<4x1xf32>
  %root = onnx.Pow(%sum, %half) {opset = 20 : i64} : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %quotient = onnx.Div(%wide, %root) {opset = 20 : i64} : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %narrow = onnx.Cast(%quotient) {opset = 20 : i64, to = 10 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf16>
  %y = onnx.Mul(%narrow, %gamma) {opset = 20 : i64} : (tensor<4x8xf16>, tensor<8xf16>) -> tensor<4x8xf16>
  return %y : tensor<4x8xf16>
}

// The mean of another axis, the norm of another tensor, a gamma for each row.
// CHECK-LABEL: func @kept
// CHECK-NOT: onnx.RMSNormalization
func.func @kept(%x: tensor<8x8xf32>, %z: tensor<8x8xf32>, %gamma: tensor<8xf32>, %rows: tensor<8x1xf32>)
    -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  %epsilon = onnx.Constant dense<1.0e-3> : tensor<f32>
  %half = onnx.Constant dense<-0.5> : tensor<f32>
  %square = onnx.Mul(%x, %x) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
  %mean = onnx.ReduceMean(%square) {axes = [0], keepdims = 1 : i64, opset = 13 : i64} : (tensor<8x8xf32>) -> tensor<1x8xf32>
  %sum = onnx.Add(%mean, %epsilon) {opset = 20 : i64} : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
  %factor = onnx.Pow(%sum, %half) {opset = 20 : i64} : (tensor<1x8xf32>, tensor<f32>) -> tensor<1x8xf32>
  %scaled = onnx.Mul(%x, %factor) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<1x8xf32>) -> tensor<8x8xf32>
  %axis = onnx.Mul(%scaled, %gamma) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  %mean1 = onnx.ReduceMean(%square) {axes = [1], keepdims = 1 : i64, opset = 13 : i64} : (tensor<8x8xf32>) -> tensor<8x1xf32>
  %sum1 = onnx.Add(%mean1, %epsilon) {opset = 20 : i64} : (tensor<8x1xf32>, tensor<f32>) -> tensor<8x1xf32>
  %factor1 = onnx.Pow(%sum1, %half) {opset = 20 : i64} : (tensor<8x1xf32>, tensor<f32>) -> tensor<8x1xf32>
  %scaled1 = onnx.Mul(%z, %factor1) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<8x1xf32>) -> tensor<8x8xf32>
  %other = onnx.Mul(%scaled1, %gamma) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<8xf32>) -> tensor<8x8xf32>
  %scaled2 = onnx.Mul(%x, %factor1) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<8x1xf32>) -> tensor<8x8xf32>
  %each = onnx.Mul(%scaled2, %rows) {opset = 20 : i64} : (tensor<8x8xf32>, tensor<8x1xf32>) -> tensor<8x8xf32>
  return %axis, %other, %each : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}
