// RUN: moe-opt %s --moe-verify-moe --verify-diagnostics

func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'onnx.Relu' is left at the moe level; every op of the onnx level must have been raised or lowered}}
  %0 = onnx.Relu(%x) {opset = 20 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
