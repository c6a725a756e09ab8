// RUN: moe-opt %s --moe-outline-parallel-loops="min-work=1000" --canonicalize --split-input-file | FileCheck %s

// Rows are spread over chunks; the columns stay one loop.
// CHECK-LABEL: func @scale
// CHECK: moe_rt.launch @scale_loop(
// CHECK: func private @scale_loop(%[[BEGIN:.*]]: index, %[[END:.*]]: index, %{{.*}}: memref<?x64xf32> {moe_rt.noalias}, %{{.*}}: memref<?x64xf32> {moe_rt.noalias}
// CHECK: scf.for %[[ROW:.*]] =
// CHECK: scf.for %[[COLUMN:.*]] =
// CHECK: memref.load %{{.*}}[%[[ROW]], %[[COLUMN]]]
func.func @scale(%x: memref<?x64xf32>, %m: index) -> memref<?x64xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %two = arith.constant 2.0 : f32
  %y = memref.alloc(%m) : memref<?x64xf32>
  scf.parallel (%i, %j) = (%c0, %c0) to (%m, %c64) step (%c1, %c1) {
    %v = memref.load %x[%i, %j] : memref<?x64xf32>
    %t = arith.mulf %v, %two : f32
    memref.store %t, %y[%i, %j] : memref<?x64xf32>
  }
  return %y : memref<?x64xf32>
}

// -----

// One task an iteration; a parallel loop inside runs serially.
// CHECK-LABEL: func @tasks
// CHECK: %[[ONE:.*]] = arith.constant 1 : index
// CHECK: moe_rt.launch @tasks_loop(%{{.*}}, %[[ONE]],
// CHECK: func private @tasks_loop(
// CHECK: scf.for
// CHECK: scf.for
// CHECK-NOT: scf.parallel
func.func @tasks(%x: memref<?x?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    scf.parallel (%j) = (%c0) to (%n) step (%c1) {
      memref.store %zero, %x[%i, %j] : memref<?x?xf32>
    }
  } {moe.tasks}
  return
}

// -----

// Two arguments may be the same memory: no promise is made.
// CHECK: func private @unknown_loop(
// CHECK-NOT: moe_rt.noalias
func.func @unknown(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %v = memref.load %x[%i] : memref<?xf32>
    memref.store %v, %y[%i] : memref<?xf32>
  }
  return
}
