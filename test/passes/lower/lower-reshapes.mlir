// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-lower-reshapes))" | FileCheck %s

// CHECK-LABEL: func @split
// CHECK-SAME: %[[X:.*]]: memref<?x8xf32>, %[[B:.*]]: index, %[[S:.*]]: index
// CHECK: %[[STEP:.*]] = arith.muli
// CHECK: memref.reinterpret_cast %[[X]] to offset: [0], sizes: [%[[B]], %[[S]], 8], strides: [%[[STEP]], 8, 1]
func.func @split(%x: memref<?x8xf32>, %b: index, %s: index) -> memref<?x?x8xf32> {
  %r = memref.expand_shape %x [[0, 1], [2]] output_shape [%b, %s, 8] : memref<?x8xf32> into memref<?x?x8xf32>
  return %r : memref<?x?x8xf32>
}
