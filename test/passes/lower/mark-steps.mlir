// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-mark-steps,canonicalize))" --split-input-file | FileCheck %s

// Operations of a product: twice its extents. Bytes: all operands.
// CHECK-LABEL: func @dense
// CHECK: %[[ON:.*]] = moe_rt.profiling : i1
// CHECK-NEXT: scf.if %[[ON]] {
// CHECK: moe_rt.mark <dense> "gemm" "/lm_head/MatMul"(%[[FLOPS:.*]], %[[BYTES:.*]])
// CHECK: }
// CHECK-NEXT: moe_rt.kernel @gemm
func.func @dense(%a: memref<?x8xf32>, %w: memref<1x8x16xf32>, %c: memref<?x16xf32>) {
  moe_rt.kernel @gemm ins(%a, %w : memref<?x8xf32>, memref<1x8x16xf32>) outs(%c : memref<?x16xf32>) loc("/lm_head/MatMul")
  return
}

// -----

// Numbers, where all shapes are known: 2 * 4 * 8 * 16 and 128 + 512 + 256.
// CHECK-LABEL: func @known
// CHECK-DAG: %[[FLOPS:.*]] = arith.constant 1024 : index
// CHECK-DAG: %[[BYTES:.*]] = arith.constant 896 : index
// CHECK: moe_rt.mark <dense> "gemm" ""(%[[FLOPS]], %[[BYTES]])
func.func @known(%a: memref<4x8xf32>, %w: memref<1x8x16xf32>, %c: memref<4x16xf32>) {
  moe_rt.kernel @gemm ins(%a, %w : memref<4x8xf32>, memref<1x8x16xf32>) outs(%c : memref<4x16xf32>)
  return
}

// -----

// Weights of experts without rows are not read.
// CHECK-LABEL: func @experts
// CHECK: %[[USED:.*]] = scf.for {{.*}} iter_args
// CHECK:   memref.load %{{.*}} : memref<4xi64>
// CHECK:   arith.minui
// CHECK: arith.muli %[[USED]], %c512
// CHECK: moe_rt.mark <experts> "expert_gemm"
func.func @experts(%rows: memref<?x8xf32>, %sources: memref<?xi32>, %counts: memref<4xi64>, %w: memref<4x1x8x16xf32>, %bias: memref<0x16xf32>, %average: i64,
                   %y: memref<?x16xf32>) {
  moe_rt.kernel @expert_gemm ins(%rows, %sources, %counts, %w, %bias, %average : memref<?x8xf32>, memref<?xi32>, memref<4xi64>, memref<4x1x8x16xf32>, memref<0x16xf32>, i64)
      outs(%y : memref<?x16xf32>)
  return
}

// -----

// A general kernel and a loop take the phase of the op they come from; an
// experts' kernel keeps its own.
// CHECK-LABEL: func @phases
// CHECK: moe_rt.mark <route> "gemm" "/gate"
// CHECK: moe_rt.mark <combine> "loop" "/first"
// CHECK: moe_rt.mark <elementwise> "loop" ""
// CHECK: moe_rt.mark <dispatch> "dispatch"
// CHECK: moe_rt.mark <elementwise> "copy"
// CHECK: moe_rt.mark <exchange> "all_gather"
func.func @phases(%a: memref<4x8xf32>, %w: memref<1x8x16xf32>, %c: memref<4x16xf32>, %ids: memref<4x2xi32>,
                  %counts: memref<4xi64>, %slots: memref<4x2xi32>, %sources: memref<8xi32>, %rows: memref<2xi64>, %b: memref<4x8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  moe_rt.kernel @gemm ins(%a, %w : memref<4x8xf32>, memref<1x8x16xf32>) outs(%c : memref<4x16xf32>) loc(fused<#moe_rt.phase<route>>["/gate"])
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %v = memref.load %a[%i, %c0] : memref<4x8xf32>
    memref.store %v, %a[%i, %c1] : memref<4x8xf32>
  } loc(fused["/first", fused<#moe_rt.phase<combine>>["/moe"]])
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %v = memref.load %a[%i, %c0] : memref<4x8xf32>
    memref.store %v, %a[%i, %c1] : memref<4x8xf32>
  }
  moe_rt.kernel @dispatch ins(%ids : memref<4x2xi32>) outs(%counts, %slots, %sources : memref<4xi64>, memref<4x2xi32>, memref<8xi32>) loc(fused<#moe_rt.phase<exchange>>["/moe"])
  memref.copy %a, %b : memref<4x8xf32> to memref<4x8xf32>
  moe_rt.all_gather(%a, %rows) outs(%a) {step = 4} : memref<4x8xf32>, memref<2xi64>, memref<4x8xf32>
  return
}

// -----

// A gather of 4 elements reads 4 elements, not the table.
// CHECK-LABEL: func @gather
// CHECK-DAG: %[[ACCESSED:.*]] = arith.constant 64 : index
// CHECK: moe_rt.mark <elementwise> "loop" ""(%{{.*}}, %[[ACCESSED]])
func.func @gather(%table: memref<1000xf32>, %ids: memref<4xi64>, %y: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %id = memref.load %ids[%i] : memref<4xi64>
    %at = arith.index_cast %id : i64 to index
    %v = memref.load %table[%at] : memref<1000xf32>
    memref.store %v, %y[%i] : memref<4xf32>
  }
  return
}

// -----

// 4 * 6 * 8 * 5: gate and up; 2 * 2 * (4 * 3 * (8 + 5) * 7): keys and values, two batches; 2 * 2 * 3 * 4 * 5; 2 * 3 * 2 * 8.
// CHECK-LABEL: func @products
// CHECK: moe_rt.mark <experts> "expert_gated" ""(%c960
// CHECK: moe_rt.mark <attention> "attention" ""(%c4368
// CHECK: moe_rt.mark <attention> "batch_matmul" ""(%c240
// CHECK: moe_rt.mark <combine> "combine" ""(%c96
func.func @products(%rows: memref<6x8xf32>, %tokens: memref<3x8xf32>, %sources: memref<6xi32>, %counts: memref<4xi64>, %w: memref<4x1x8x16xf32>, %bias: memref<0x2x5xf32>, %average: i64, %h: memref<6x5xf32>,
                    %q: memref<2x4x3x8xf32>, %k: memref<2x2x7x8xf32>, %v: memref<2x2x7x5xf32>, %mask: memref<0x1x3x7xf32>, %sinks: memref<0xf32>,
                    %scale: f32, %out: memref<2x4x3x5xf32>, %a: memref<2x3x4xf32>, %b: memref<2x4x5xf32>, %c: memref<2x3x5xf32>,
                    %slots: memref<3x2xi32>, %weights: memref<3x2xf32>, %y: memref<3x8xf32>) {
  moe_rt.kernel @expert_gated ins(%tokens, %sources, %counts, %w, %bias, %average : memref<3x8xf32>, memref<6xi32>, memref<4xi64>, memref<4x1x8x16xf32>, memref<0x2x5xf32>, i64) outs(%h : memref<6x5xf32>)
  moe_rt.kernel @attention ins(%q, %k, %v, %mask, %sinks, %scale : memref<2x4x3x8xf32>, memref<2x2x7x8xf32>, memref<2x2x7x5xf32>, memref<0x1x3x7xf32>, memref<0xf32>, f32)
      outs(%out : memref<2x4x3x5xf32>)
  moe_rt.kernel @batch_matmul ins(%a, %b : memref<2x3x4xf32>, memref<2x4x5xf32>) outs(%c : memref<2x3x5xf32>)
  moe_rt.kernel @combine ins(%rows, %slots, %weights : memref<6x8xf32>, memref<3x2xi32>, memref<3x2xf32>) outs(%y : memref<3x8xf32>)
  return
}
