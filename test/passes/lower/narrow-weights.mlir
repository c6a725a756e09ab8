// RUN: moe-opt %s --moe-narrow-weights | FileCheck %s
// RUN: moe-opt %s --moe-narrow-weights=type=f16 --moe-collect-weights | FileCheck %s --check-prefix=F16
// RUN: not moe-opt %s --moe-narrow-weights=type=f8 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: error: moe-narrow-weights: type is bf16 or f16, not 'f8'

// What a kernel multiplies with is stored in 16 bits; a table that is read as it
// is, and panels that something else reads too, stay.
// F16: moe_rt.weights = [{name = "w", {{.*}}stored = f16}, {name = "table", {{.*}}}, {name = "shared", {{.*}}}]
// CHECK-LABEL: func @main
func.func @main(%x: tensor<2x4xf32>, %y: tensor<2x16xf32>) -> (tensor<2x16xf32>, tensor<4x4xf32>, tensor<2x4x16xf32>) {
  // CHECK: %[[W:.*]] = moe_rt.weight "w" {{.*}} : tensor<1x32x16xbf16>
  // CHECK: moe_rt.weight "table" {{.*}} : tensor<4x4xf32>
  // CHECK: moe_rt.weight "shared" {{.*}} : tensor<2x4x16xf32>
  // CHECK: moe_rt.kernel @gemm ins(%arg0, %[[W]] : tensor<2x4xf32>, tensor<1x32x16xbf16>)
  // F16: moe_rt.kernel @gemm ins(%arg0, %{{.*}} : tensor<2x4xf32>, tensor<1x4x16xf16>)
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 256>] {source = tensor<4x16xf32>, pack = #moe_rt.pack<panels>} : tensor<1x4x16xf32>
  %table = moe_rt.weight "table" [#moe_rt.region<"m", 0, 64>] {source = tensor<4x4xf32>, pack = #moe_rt.pack<none>} : tensor<4x4xf32>
  %shared = moe_rt.weight "shared" [#moe_rt.region<"m", 64, 512>] {source = tensor<4x32xf32>, pack = #moe_rt.pack<panels>} : tensor<2x4x16xf32>
  %z = moe_rt.kernel @gemm ins(%x, %w : tensor<2x4xf32>, tensor<1x4x16xf32>) outs(%y : tensor<2x16xf32>) -> tensor<2x16xf32>
  return %z, %table, %shared : tensor<2x16xf32>, tensor<4x4xf32>, tensor<2x4x16xf32>
}
