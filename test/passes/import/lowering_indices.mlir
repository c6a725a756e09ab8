// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// Indices are input: they are checked before memory is read through them.
// CHECK-LABEL: func.func @gather_checked
// CHECK: moe_rt.check {{.*}}, "Gather: an index is out of range"
func.func @gather_checked(%x: tensor<8x4xf32>, %i: tensor<3xi64>) -> tensor<3x4xf32> {
  %y = onnx.Gather(%x, %i) {opset = 13 : i64} : (tensor<8x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}

// TopK of an axis of 8 gives positions of an axis of 8.
// CHECK-LABEL: func.func @gather_of_topk
// CHECK: moe_rt.kernel @topk
// CHECK-NOT: an index is out of range
// CHECK: return
func.func @gather_of_topk(%x: tensor<8x4xf32>, %s: tensor<2x8xf32>) -> tensor<2x3x4xf32> {
  %k = onnx.Constant dense<3> : tensor<1xi64>
  %v, %i = onnx.TopK(%s, %k) {opset = 11 : i64} : (tensor<2x8xf32>, tensor<1xi64>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  %y = onnx.Gather(%x, %i) {opset = 13 : i64} : (tensor<8x4xf32>, tensor<2x3xi64>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// A larger axis than the data's: checked.
// CHECK-LABEL: func.func @gather_of_larger_topk
// CHECK: an index is out of range
func.func @gather_of_larger_topk(%x: tensor<7x4xf32>, %s: tensor<2x8xf32>) -> tensor<2x3x4xf32> {
  %k = onnx.Constant dense<3> : tensor<1xi64>
  %v, %i = onnx.TopK(%s, %k) {opset = 11 : i64} : (tensor<2x8xf32>, tensor<1xi64>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  %y = onnx.Gather(%x, %i) {opset = 13 : i64} : (tensor<7x4xf32>, tensor<2x3xi64>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// The kernel compares signed numbers.
// CHECK-LABEL: func.func @topk_unsigned
// CHECK: arith.xori {{.*}} : i8
// CHECK: moe_rt.kernel @topk {{.*}}largest = false
// CHECK: arith.xori {{.*}} : i8
func.func @topk_unsigned(%s: tensor<2x8xui8>) -> tensor<2x3xui8> {
  %k = onnx.Constant dense<3> : tensor<1xi64>
  %v, %i = onnx.TopK(%s, %k) {largest = 0 : i64, opset = 11 : i64} : (tensor<2x8xui8>, tensor<1xi64>) -> (tensor<2x3xui8>, tensor<2x3xi64>)
  return %v : tensor<2x3xui8>
}

// k from the run is compared with the axis.
// CHECK-LABEL: func.func @topk_dynamic
// CHECK-DAG: moe_rt.check {{.*}}, "TopK: an extent is negative"
// CHECK-DAG: moe_rt.check {{.*}}, "TopK: k is larger than the axis"
func.func @topk_dynamic(%s: tensor<2x8xf32>, %k: tensor<1xi64>) -> tensor<2x?xf32> {
  %v, %i = onnx.TopK(%s, %k) {opset = 11 : i64} : (tensor<2x8xf32>, tensor<1xi64>) -> (tensor<2x?xf32>, tensor<2x?xi64>)
  return %v : tensor<2x?xf32>
}

// A forward slice is a view.
// CHECK-LABEL: func.func @slice_view
// CHECK: tensor.extract_slice %{{.*}}[0, 2] [4, 3] [1, 2] : tensor<4x8xf32> to tensor<4x3xf32>
func.func @slice_view(%x: tensor<4x8xf32>) -> tensor<4x3xf32> {
  %s = onnx.Constant dense<2> : tensor<1xi64>
  %e = onnx.Constant dense<8> : tensor<1xi64>
  %a = onnx.Constant dense<1> : tensor<1xi64>
  %t = onnx.Constant dense<2> : tensor<1xi64>
  %y = onnx.Slice(%x, %s, %e, %a, %t) {opset = 13 : i64} : (tensor<4x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<4x3xf32>
  return %y : tensor<4x3xf32>
}

// Axes and steps of the run.
// CHECK-LABEL: func.func @slice_dynamic
// CHECK-DAG: moe_rt.check {{.*}}, "Slice: an axis is out of range"
// CHECK-DAG: moe_rt.check {{.*}}, "Slice: a step is 0"
// CHECK: linalg.generic
func.func @slice_dynamic(%x: tensor<4x8xf32>, %p: tensor<1xi64>) -> tensor<?x?xf32> {
  %y = onnx.Slice(%x, %p, %p, %p, %p) {opset = 13 : i64} : (tensor<4x8xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Updates are applied one after another.
// CHECK-LABEL: func.func @scatter
// CHECK: scf.for {{.*}} iter_args
// CHECK: arith.addf
// CHECK: tensor.insert
func.func @scatter(%x: tensor<8xf32>, %i: tensor<3xi64>, %u: tensor<3xf32>) -> tensor<8xf32> {
  %y = onnx.ScatterElements(%x, %i, %u) {opset = 18 : i64, reduction = "add"} : (tensor<8xf32>, tensor<3xi64>, tensor<3xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// The number of elements is counted, then they are listed.
// CHECK-LABEL: func.func @non_zero
// CHECK: moe_rt.kernel @nonzero_count
// CHECK: moe_rt.kernel @nonzero_fill
func.func @non_zero(%x: tensor<2x3xf32>) -> tensor<2x?xi64> {
  %y = onnx.NonZero(%x) {opset = 13 : i64} : (tensor<2x3xf32>) -> tensor<2x?xi64>
  return %y : tensor<2x?xi64>
}

// The caller's memory is not written, and its unsigned types are known.
// CHECK-LABEL: func.func @signature
// CHECK-SAME: tensor<2xi8> {bufferization.writable = false, onnx.type = ui8}
// CHECK-SAME: -> (tensor<2xi8> {onnx.type = ui8})
func.func @signature(%x: tensor<2xui8>) -> tensor<2xui8> {
  %y = onnx.Identity(%x) {opset = 13 : i64} : (tensor<2xui8>) -> tensor<2xui8>
  return %y : tensor<2xui8>
}
