// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-promote-accumulators))" | FileCheck %s

// The element is loaded once, stays in an iter_arg, and the sum may reassociate.
// CHECK-LABEL: func @sum
func.func @sum(%in: memref<?x?xf32>, %i: index, %n: index) -> memref<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %acc = memref.alloc(%n) : memref<?xf32>
  // CHECK: %[[FIRST:.*]] = memref.load %[[ACC:.*]][%[[I:.*]]]
  // CHECK: %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[S:.*]] = %[[FIRST]])
  // CHECK-NEXT: %[[V:.*]] = memref.load
  // CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[V]], %[[V]] fastmath<reassoc,contract>
  // CHECK-NEXT: %[[T:.*]] = arith.addf %[[S]], %[[SQUARE]] fastmath<reassoc,contract>
  // CHECK-NEXT: scf.yield %[[T]]
  // CHECK: memref.store %[[SUM]], %[[ACC]][%[[I]]]
  scf.for %k = %c0 to %n step %c1 {
    %s = memref.load %acc[%i] : memref<?xf32>
    %v = memref.load %in[%i, %k] : memref<?x?xf32>
    %q = arith.mulf %v, %v : f32
    %t = arith.addf %s, %q : f32
    memref.store %t, %acc[%i] : memref<?xf32>
  }
  return %acc : memref<?xf32>
}

// Two nested reductions: the outer loop carries the sum too.
// CHECK-LABEL: func @nested
// CHECK: memref.load
// CHECK: scf.for {{.*}} iter_args
// CHECK: scf.for {{.*}} iter_args
// CHECK: memref.store
// CHECK-NEXT: return
func.func @nested(%in: memref<?x?xf32>, %n: index) -> memref<f32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %acc = memref.alloc() : memref<f32>
  scf.for %i = %c0 to %n step %c1 {
    scf.for %k = %c0 to %n step %c1 {
      %s = memref.load %acc[] : memref<f32>
      %v = memref.load %in[%i, %k] : memref<?x?xf32>
      %t = arith.addf %s, %v : f32
      memref.store %t, %acc[] : memref<f32>
    }
  }
  return %acc : memref<f32>
}

// The other buffer may be the same memory: nothing happens.
// CHECK-LABEL: func @alias
// CHECK-NOT: iter_args
func.func @alias(%acc: memref<?xf32>, %in: memref<?xf32>, %i: index, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %k = %c0 to %n step %c1 {
    %s = memref.load %acc[%i] : memref<?xf32>
    %v = memref.load %in[%k] : memref<?xf32>
    %t = arith.addf %s, %v : f32
    memref.store %t, %acc[%i] : memref<?xf32>
  }
  return
}

// A call may touch anything.
// CHECK-LABEL: func @call
// CHECK-NOT: iter_args
func.func private @touch()
func.func @call(%n: index) -> memref<f32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %acc = memref.alloc() : memref<f32>
  scf.for %k = %c0 to %n step %c1 {
    %s = memref.load %acc[] : memref<f32>
    func.call @touch() : () -> ()
    %t = arith.addf %s, %s : f32
    memref.store %t, %acc[] : memref<f32>
  }
  return %acc : memref<f32>
}
