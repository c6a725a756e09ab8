// RUN: moe-opt %s --onnx-infer-shapes --moe-lower-onnx | FileCheck %s

// A causal convolution of single channels, as models with short convolutions
// have it: one loop over all, the input behind its zeros.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d4, d3 + d5)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d1, d2, d4, d5)>
// CHECK-DAG: #[[Y:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[BY_TWO:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d4, d3 * 2 + d5)>
// CHECK-LABEL: func @depthwise
func.func @depthwise(%x: tensor<?x8x?xf32>, %w: tensor<8x1x3xf32>, %b: tensor<8xf32>) -> tensor<?x8x?xf32> {
  // CHECK: moe_rt.check %{{.*}} "Conv: the kernel is longer than its input"
  // CHECK: linalg.generic {indexing_maps = [#[[X]], #[[W]], #[[Y]]], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
  // CHECK: arith.mulf
  // CHECK: arith.addf
  // CHECK-NOT: onnx.Conv
  %0 = onnx.Conv(%x, %w, %b) {group = 8 : i64, opset = 20 : i64, pads = array<i64: 2, 0>} : (tensor<?x8x?xf32>, tensor<8x1x3xf32>, tensor<8xf32>) -> tensor<?x8x?xf32>
  return %0 : tensor<?x8x?xf32>
}

// SAME with steps of 2: five windows of four take 12 elements, of 3 zeros the
// odd one behind.
// CHECK-LABEL: func @same_upper
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 0] [1, 2, 1]
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 1] [1, 2, 9]
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 10] [1, 2, 2]
// CHECK: linalg.generic {indexing_maps = [#[[BY_TWO]]
func.func @same_upper(%x: tensor<1x2x9xf32>, %w: tensor<3x2x4xf32>) -> tensor<1x3x5xf32> {
  %0 = onnx.Conv(%x, %w) {auto_pad = "SAME_UPPER", opset = 20 : i64, strides = array<i64: 2>} : (tensor<1x2x9xf32>, tensor<3x2x4xf32>) -> tensor<1x3x5xf32>
  return %0 : tensor<1x3x5xf32>
}

// The odd one in front.
// CHECK-LABEL: func @same_lower
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 0] [1, 2, 2]
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 2] [1, 2, 9]
// CHECK: tensor.insert_slice %{{.*}}[0, 0, 11] [1, 2, 1]
// CHECK: linalg.generic {indexing_maps = [#[[BY_TWO]]
func.func @same_lower(%x: tensor<1x2x9xf32>, %w: tensor<3x2x4xf32>) -> tensor<1x3x5xf32> {
  %0 = onnx.Conv(%x, %w) {auto_pad = "SAME_LOWER", opset = 20 : i64, strides = array<i64: 2>} : (tensor<1x2x9xf32>, tensor<3x2x4xf32>) -> tensor<1x3x5xf32>
  return %0 : tensor<1x3x5xf32>
}

// What only the run can tell. No zeros, so no copy of the input.
// CHECK-LABEL: func @symbolic
// CHECK-SAME: "1+floordiv(n-1*k, 2)"
// CHECK-NOT: tensor.insert_slice
// CHECK: moe_rt.check %{{.*}}, "Conv: the weight is not of kernel_shape"
// CHECK: moe_rt.check %{{.*}}, "Conv: the channels differ"
// CHECK: moe_rt.check %{{.*}}, "Conv: the kernel is longer than its input"
// CHECK: linalg.generic {indexing_maps = [#[[BY_TWO]]
// CHECK: moe_rt.check %{{.*}}, "Conv: not one bias per output channel"
func.func @symbolic(%x: tensor<?x?x?xf32> {onnx.dims = ["b", "c", "n"]}, %w: tensor<4x2x?xf32> {onnx.dims = [4, 2, "k"]}, %b: tensor<?xf32>) -> tensor<?x4x?xf32> {
  %0 = onnx.Conv(%x, %w, %b) {auto_pad = "VALID", group = 2 : i64, kernel_shape = array<i64: 3>, opset = 20 : i64, strides = array<i64: 2>} : (tensor<?x?x?xf32>, tensor<4x2x?xf32>, tensor<?xf32>) -> tensor<?x4x?xf32>
  return %0 : tensor<?x4x?xf32>
}
