// RUN: moe-opt %s --onnx-infer-shapes --split-input-file | FileCheck %s

// Shape arithmetic folds through symbols: [n, s, 16] -> [n, s, 4, 4] -> [n * s * 16].

// CHECK-LABEL: func.func @main
// CHECK-SAME: -> (tensor<?xf32> {onnx.dims = ["16*n*s"]})
// CHECK: onnx.Reshape{{.*}} -> tensor<?x?x4x4xf32>
func.func @main(%a: tensor<?x?x16xf32> {onnx.dims = ["n", "s", 16]}) -> tensor<*xf32> {
  %flat = onnx.Constant dense<[-1]> : tensor<1xi64>
  %heads = onnx.Constant dense<[4, 4]> : tensor<2xi64>
  %s = onnx.Shape(%a) {opset = 20 : i64, start = 0 : i64, end = 2 : i64} : (tensor<?x?x16xf32>) -> tensor<*xi64>
  %t = onnx.Concat(%s, %heads) {opset = 20 : i64, axis = 0 : i64} : (tensor<*xi64>, tensor<2xi64>) -> tensor<*xi64>
  %r = onnx.Reshape(%a, %t) {opset = 20 : i64} : (tensor<?x?x16xf32>, tensor<*xi64>) -> tensor<*xf32>
  %f = onnx.Reshape(%r, %flat) {opset = 20 : i64} : (tensor<*xf32>, tensor<1xi64>) -> tensor<*xf32>
  return %f : tensor<*xf32>
}

// -----

// What does not depend on the run is a constant.

// CHECK-LABEL: func.func @main
// CHECK: onnx.Constant dense<16> : tensor<1xi64>
func.func @main(%a: tensor<?x16xf32> {onnx.dims = ["n", 16]}) -> tensor<*xi64> {
  %s = onnx.Shape(%a) {opset = 20 : i64, start = 1 : i64} : (tensor<?x16xf32>) -> tensor<*xi64>
  return %s : tensor<*xi64>
}

// -----

// (n * 6) / 3 has no remainder; the rest of a slice is a difference.

// CHECK-LABEL: func.func @main
// CHECK-SAME: {onnx.dims = ["2*n", 3]}
// CHECK-SAME: {onnx.dims = [{{.*}}, 6]}
func.func @main(%a: tensor<?x6xf32> {onnx.dims = ["n", 6]}) -> (tensor<*xf32>, tensor<*xf32>) {
  %rows = onnx.Constant dense<[-1, 3]> : tensor<2xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %end = onnx.Constant dense<9223372036854775807> : tensor<1xi64>
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  %r = onnx.Reshape(%a, %rows) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<2xi64>) -> tensor<*xf32>
  %s = onnx.Slice(%a, %one, %end, %zero) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  return %r, %s : tensor<*xf32>, tensor<*xf32>
}

// -----

// The present of a cache is as long as the past or as the longest sequence; here
// the past may have room.

// CHECK-LABEL: func.func @main
// CHECK-SAME: -> (tensor<2x1x?x4xf32> {onnx.dims = [2, 1, "max(past, total)", 4]})
func.func @main(%q: tensor<2x3x16xf32>, %past: tensor<2x1x?x4xf32> {onnx.dims = [2, 1, "past", 4]}, %n: tensor<2xi32>, %mask: tensor<2x?xi64> {onnx.dims = [2, "total"]}) -> tensor<*xf32> {
  %none = onnx.None
  %t = onnx.Shape(%mask) {opset = 20 : i64, start = 1 : i64} : (tensor<2x?xi64>) -> tensor<*xi64>
  %total = onnx.Cast(%t) {opset = 20 : i64, to = 6 : i64} : (tensor<*xi64>) -> tensor<*xi32>
  %y, %k, %v = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %past, %past, %n, %total) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, tensor<2x1x?x4xf32>, tensor<2x1x?x4xf32>, tensor<2xi32>, tensor<*xi32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  return %k : tensor<*xf32>
}
