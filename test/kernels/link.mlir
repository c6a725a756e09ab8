// RUN: moe-opt %s --moe-link-kernels --split-input-file | FileCheck %s

// A call with casts to dynamic sizes; two calls of one specialisation share it.
// CHECK-LABEL: func.func @gemm
//       CHECK:   %[[A:.*]] = memref.cast %arg0 : memref<?x64xf32> to memref<?x?xf32>
//       CHECK:   %[[W:.*]] = memref.cast %arg1 : memref<2x64x16xbf16> to memref<?x?x16xbf16>
//       CHECK:   %[[C:.*]] = memref.cast %arg2 : memref<?x24xf32> to memref<?x?xf32>
//       CHECK:   call @moe_kernel_gemm_bf16(%[[A]], %[[W]], %[[C]])
//       CHECK:   call @moe_kernel_gemm_bf16(
//   CHECK-NOT:   moe_rt.kernel
//       CHECK: func.func private @moe_kernel_gemm_bf16(%{{.*}}: memref<?x?xf32>, %{{.*}}: memref<?x?x16xbf16>, %{{.*}}: memref<?x?xf32>)
//       CHECK:   } {moe.tasks}
//       CHECK: func.func private @moe_tile_6x1_bf16
//   CHECK-NOT: func.func private @moe_kernel_gemm_bf16
func.func @gemm(%a: memref<?x64xf32>, %w: memref<2x64x16xbf16>, %c: memref<?x24xf32>) {
  moe_rt.kernel @gemm ins(%a, %w : memref<?x64xf32>, memref<2x64x16xbf16>) outs(%c : memref<?x24xf32>)
  moe_rt.kernel @gemm ins(%a, %w : memref<?x64xf32>, memref<2x64x16xbf16>) outs(%c : memref<?x24xf32>)
  return
}

// -----

// The register tile follows the instruction set.
// CHECK-LABEL: func.func @wide
//       CHECK: func.func private @moe_tile_12x2_f32
module attributes {moe_rt.isa = "x86-64-v4"} {
  func.func @wide(%a: memref<8x64xf32>, %w: memref<2x64x16xf32>, %c: memref<8x24xf32>) {
    moe_rt.kernel @gemm ins(%a, %w : memref<8x64xf32>, memref<2x64x16xf32>) outs(%c : memref<8x24xf32>)
    return
  }
}

// -----

// Operands that are not contiguous go through buffers.
// CHECK-LABEL: func.func @strided
//       CHECK:   %[[IN:.*]] = memref.alloc() : memref<2x64xf32>
//       CHECK:   memref.copy %arg0, %[[IN]]
//       CHECK:   %[[OUT:.*]] = memref.alloc() : memref<2x64xf32>
//       CHECK:   call @moe_kernel_row_softmax
//       CHECK:   memref.copy %[[OUT]], %arg1
//   CHECK-DAG:   memref.dealloc %[[IN]]
//   CHECK-DAG:   memref.dealloc %[[OUT]]
func.func @strided(%x: memref<2x64xf32, strided<[128, 1]>>, %y: memref<2x64xf32, strided<[128, 1]>>) {
  moe_rt.kernel @row_softmax ins(%x : memref<2x64xf32, strided<[128, 1]>>) outs(%y : memref<2x64xf32, strided<[128, 1]>>)
  return
}

// -----

// Attributes specialise.
// CHECK: call @moe_kernel_topk_f32_1
// CHECK: call @moe_kernel_topk_f32_0
func.func @topk(%x: memref<2x64xf32>, %v: memref<2x6xf32>, %i: memref<2x6xi64>) {
  moe_rt.kernel @topk ins(%x : memref<2x64xf32>) outs(%v, %i : memref<2x6xf32>, memref<2x6xi64>)
  moe_rt.kernel @topk ins(%x : memref<2x64xf32>) outs(%v, %i : memref<2x6xf32>, memref<2x6xi64>) {largest = false}
  return
}

// -----

// Attention reads keys and values where they lie, with room between the heads.
// CHECK-LABEL: func.func @cache
//   CHECK-NOT:   memref.alloc
//       CHECK:   %[[K:.*]] = memref.cast %arg1 : memref<1x2x?x8xf32, strided<[?, ?, ?, 1]>> to memref<?x?x?x?xf32, strided<[?, ?, ?, 1], offset: ?>>
//       CHECK:   call @moe_kernel_attention(%{{.*}}, %[[K]],
func.func @cache(%q: memref<1x4x1x8xf32>, %k: memref<1x2x?x8xf32, strided<[?, ?, ?, 1]>>, %v: memref<1x2x?x8xf32>, %mask: memref<0x0x0x0xf32>,
                 %sinks: memref<0xf32>, %scale: f32, %y: memref<1x4x1x8xf32>) {
  moe_rt.kernel @attention ins(%q, %k, %v, %mask, %sinks, %scale : memref<1x4x1x8xf32>, memref<1x2x?x8xf32, strided<[?, ?, ?, 1]>>, memref<1x2x?x8xf32>, memref<0x0x0x0xf32>, memref<0xf32>, f32) outs(%y : memref<1x4x1x8xf32>)
  return
}
