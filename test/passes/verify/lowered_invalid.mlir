// RUN: moe-opt %s --split-input-file --moe-verify-lowered --verify-diagnostics

func.func @f(%x: memref<4xf32>) {
  // expected-error @+1 {{'arith.constant' uses the tensor 'tensor<4xf32>' at the lowered level}}
  %0 = arith.constant dense<1.0> : tensor<4xf32>
  return
}

// -----

func.func @f(%x: memref<4xf32>, %v: f32) {
  // expected-error @+1 {{'linalg.fill' is left at the lowered level}}
  linalg.fill ins(%v : f32) outs(%x : memref<4xf32>)
  return
}

// -----

// expected-error @+1 {{'func.func' has an argument 'tensor<4xf32>' at the lowered level}}
func.func @f(%x: tensor<4xf32>) {
  return
}
