// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Without axes an element stays, but for its sign.

// CHECK-LABEL: func.func @signed
// CHECK: math.absi
func.func @signed(%x: tensor<4xi8>) -> tensor<4xi8> {
  %y = onnx.ReduceL1(%x) {noop_with_empty_axes = 1 : i64, opset = 18 : i64} : (tensor<4xi8>) -> tensor<4xi8>
  return %y : tensor<4xi8>
}

// CHECK-LABEL: func.func @unsigned
// CHECK-SAME: (%[[X:.*]]: tensor<4xi8>
// CHECK-NEXT: return %[[X]]
func.func @unsigned(%x: tensor<4xui8>) -> tensor<4xui8> {
  %y = onnx.ReduceL1(%x) {noop_with_empty_axes = 1 : i64, opset = 18 : i64} : (tensor<4xui8>) -> tensor<4xui8>
  return %y : tensor<4xui8>
}
