// RUN: moe-opt %s --verify-roundtrip | moe-opt | FileCheck %s

// CHECK-LABEL: func @ops
func.func @ops(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: onnx.Weight "w" <"model.data", 64, 64> : tensor<4x4xf32>
  %w = onnx.Weight "w" <"model.data", 64, 64> : tensor<4x4xf32>
  // One byte a bool; two int4 a byte, the last one half full.
  // CHECK: onnx.Weight "mask" <"model.data", 0, 3> : tensor<3xi1>
  %mask = onnx.Weight "mask" <"model.data", 0, 3> : tensor<3xi1>
  // CHECK: onnx.Weight "q" <"model.data", 0, 2> : tensor<3xi4>
  %q = onnx.Weight "q" <"model.data", 0, 2> : tensor<3xi4>
  // CHECK: onnx.Constant dense<1.000000e+00> : tensor<f32>
  %one = onnx.Constant dense<1.0> : tensor<f32>
  // CHECK: onnx.None
  %none = onnx.None
  // CHECK: onnx.MatMul(%{{.*}}, %{{.*}}) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %0 = onnx.MatMul(%x, %w) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  // CHECK: onnx.Clip(%{{.*}}, %{{.*}}, %{{.*}}) {opset = 20 : i64} : (tensor<?x4xf32>, none, tensor<f32>) -> tensor<?x4xf32>
  %1 = onnx.Clip(%0, %none, %one) {opset = 20 : i64} : (tensor<?x4xf32>, none, tensor<f32>) -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
