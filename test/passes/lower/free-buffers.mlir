// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-free-buffers))" | FileCheck %s

func.func private @layer(memref<?xf32>) -> memref<?xf32>

// Each layer's result is freed as soon as the next has read it.
// CHECK-LABEL: func @main
// CHECK: %[[A:.*]] = call @layer
// CHECK-NEXT: %[[B:.*]] = call @layer(%[[A]])
// CHECK-NEXT: memref.dealloc %[[A]]
// CHECK-NEXT: %[[C:.*]] = call @layer(%[[B]])
// CHECK-NEXT: memref.dealloc %[[B]]
// CHECK-NEXT: return %[[C]], %arg0
func.func @main(%x: memref<?xf32>) -> (memref<?xf32>, memref<?xf32>) {
  %a = call @layer(%x) : (memref<?xf32>) -> memref<?xf32>
  %b = call @layer(%a) : (memref<?xf32>) -> memref<?xf32>
  %c = call @layer(%b) : (memref<?xf32>) -> memref<?xf32>
  return %c, %x : memref<?xf32>, memref<?xf32>
}

// A view keeps its buffer; a loop counts as one use; a caller frees what it gets,
// so an argument is returned as a copy.
// CHECK-LABEL: func private @views
// CHECK: scf.for
// CHECK: }
// CHECK-NEXT: memref.dealloc
// CHECK-NEXT: %[[COPY:.*]] = bufferization.clone %arg0
// CHECK-NEXT: return %[[COPY]]
func.func private @views(%x: memref<4xf32>) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<4xf32>
  %v = memref.expand_shape %a [[0, 1]] output_shape [2, 2] : memref<4xf32> into memref<2x2xf32>
  scf.for %i = %c0 to %c2 step %c1 {
    memref.store %zero, %v[%i, %i] : memref<2x2xf32>
  }
  return %x : memref<4xf32>
}

// Control flow chooses the buffer: ownership is decided at run time.
// CHECK-LABEL: func @choice
// CHECK: bufferization.dealloc
func.func @choice(%p: i1, %x: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %a = scf.if %p -> memref<4xf32> {
    %n = memref.alloc() : memref<4xf32>
    scf.yield %n : memref<4xf32>
  } else {
    scf.yield %x : memref<4xf32>
  }
  %v = memref.load %a[%c0] : memref<4xf32>
  return %v : f32
}
