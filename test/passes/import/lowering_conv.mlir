// RUN: moe-opt %s --moe-lower-onnx | FileCheck %s

// A causal convolution of single channels, as models with short convolutions
// have it: one loop over all, the input behind its zeros.

// CHECK-DAG: #[[X:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d4, d3 + d5)>
// CHECK-DAG: #[[W:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d1, d2, d4, d5)>
// CHECK-DAG: #[[Y:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3)>
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
