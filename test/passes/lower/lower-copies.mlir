// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-lower-copies))" | FileCheck %s

// CHECK-LABEL: func @copies
func.func @copies(%a: memref<?xf32>, %b: memref<?xf32>, %s: memref<?xf32, strided<[2]>>) {
  // CHECK-NEXT: memref.copy %arg0, %arg1
  memref.copy %a, %b : memref<?xf32> to memref<?xf32>
  // CHECK-NEXT: linalg.generic
  // CHECK-NOT: memref.copy
  memref.copy %s, %b : memref<?xf32, strided<[2]>> to memref<?xf32>
  memref.copy %a, %a : memref<?xf32> to memref<?xf32>
  return
}
