// RUN: moe-opt %s --moe-llvm | FileCheck %s
// RUN: moe-opt %s --moe-llvm | mlir-translate --mlir-to-llvmir | FileCheck %s --check-prefix=LLVM

module attributes {moe_rt.weights = []} {
// CHECK-LABEL: llvm.func internal @main
// CHECK: llvm.call @moe_rt_alloc
// CHECK: llvm.call @moe_rt_weight
// CHECK: llvm.call @moe_rt_parallel_for
// CHECK: llvm.call @moe_rt_all_to_all
// CHECK: llvm.call @moe_rt_all_gather
// CHECK: llvm.call @moe_rt_begin_layer
// CHECK: %[[ON:.*]] = llvm.call @moe_rt_profiling() : () -> i64
// CHECK: llvm.icmp "ne" %[[ON]]
// CHECK: llvm.call @moe_rt_mark(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64, i64) -> ()
// CHECK: llvm.call @moe_rt_end_layer
// CHECK: llvm.call @moe_rt_free
// CHECK: llvm.call @moe_rt_fail
// CHECK-NEXT: llvm.unreachable
func.func @main(%x: memref<?x4xf32>) -> memref<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %n = memref.dim %x, %c0 : memref<?x4xf32>
  %y = memref.alloc(%n) : memref<?x4xf32>
  %z = memref.alloc(%n) : memref<?x4xf32>
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 16>] {index = 7 : i64, source = tensor<2xi64>, pack = #moe_rt.pack<none>} : memref<2xi64>
  %some = arith.cmpi ugt, %n, %c0 : index
  moe_rt.check %some, "a token at least"
  moe_rt.launch @body(%n, %c64, %x, %y) : memref<?x4xf32>, memref<?x4xf32>
  moe_rt.all_to_all(%y, %w, %w) outs(%z) {step = 3, rounds = [array<i32: 0, 1>, array<i32: 1, 0>]}
      : memref<?x4xf32>, memref<2xi64>, memref<2xi64>, memref<?x4xf32>
  moe_rt.all_gather(%z, %w) outs(%y) {step = 4} : memref<?x4xf32>, memref<2xi64>, memref<?x4xf32>
  moe_rt.begin_layer {offset = 5 : i64}
  %on = moe_rt.profiling : i1
  scf.if %on {
    moe_rt.mark <dense> "gemm" "/lm_head"(%n, %n)
  }
  moe_rt.end_layer
  memref.dealloc %z : memref<?x4xf32>
  return %y : memref<?x4xf32>
}

// Outer parts, rows before, new rows, bytes of a row, rows afterwards, positions.
// CHECK-LABEL: llvm.func internal @append
// CHECK-SAME: (%[[N:arg0]]: i64,
// CHECK: %[[TOTAL:.*]] = llvm.add %[[LENGTH:.*]], %[[MORE:.*]] : i64
// CHECK: %[[NONE:.*]] = llvm.mlir.zero : !llvm.ptr
// CHECK: %[[ROOM:.*]] = llvm.call @moe_rt_append(%[[N]], %{{[0-9]+}}, %{{[0-9]+}}, %{{[0-9]+}}, %[[LENGTH]], %[[MORE]], %{{[0-9]+}}, %[[TOTAL]], %[[NONE]], %{{[0-9]+}})
// CHECK: llvm.call @moe_rt_state(%[[N]])
// CHECK: llvm.mul %{{[0-9]+}}, %[[ROOM]]
// CHECK: llvm.call @moe_rt_append(%[[N]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[N]], %{{.*}}, %{{.*}}) : (i64, !llvm.ptr, !llvm.ptr, i64, i64, i64, i64, i64, !llvm.ptr, i64) -> i64
func.func private @append(%n: index, %past: memref<2x?x4xf32>, %new: memref<2x?x4xf32>, %at: memref<2xi64>, %y: memref<2x?x4xf32>, %z: memref<2x?x4xf32>) {
  %a = moe_rt.append %n, %past, %new {axis = 1 : i64} : memref<2x?x4xf32>, memref<2x?x4xf32> -> memref<2x?x4xf32, strided<[?, ?, 1]>>
  memref.copy %a, %y : memref<2x?x4xf32, strided<[?, ?, 1]>> to memref<2x?x4xf32>
  %b = moe_rt.append %n, %past, %new rows %n at %at : memref<2xi64> {axis = 1 : i64} : memref<2x?x4xf32>, memref<2x?x4xf32> -> memref<2x?x4xf32, strided<[?, ?, 1]>>
  memref.copy %b, %z : memref<2x?x4xf32, strided<[?, ?, 1]>> to memref<2x?x4xf32>
  return
}

// LLVM-DAG: define internal void @body(i64 %{{[0-9]+}}, i64 %{{[0-9]+}}, ptr noalias
func.func private @body(%begin: index, %end: index, %x: memref<?x4xf32> {moe_rt.noalias}, %y: memref<?x4xf32>) {
  return
}

// LLVM-DAG: define internal void @body_task(ptr %{{.*}}, i64 %{{.*}})
// LLVM-DAG: define void @moe_program_run(ptr %{{.*}}, ptr %{{.*}})
}
