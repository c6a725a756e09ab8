// RUN: moe-opt %s --moe-link-kernels --split-input-file --verify-diagnostics

func.func @unknown(%c: memref<4xf32>) {
  // expected-error @+1 {{there is no kernel 'gem' in the kernel library}}
  moe_rt.kernel @gem outs(%c : memref<4xf32>)
  return
}

// -----

func.func @tensors(%x: tensor<4x4xf32>, %y: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // expected-error @+1 {{kernel 'row_softmax' is on tensors; kernels are linked after bufferization}}
  %r = moe_rt.kernel @row_softmax ins(%x : tensor<4x4xf32>) outs(%y : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}

// -----

func.func @rank(%x: memref<4xf32>, %y: memref<4x4xf32>) {
  // expected-error @+1 {{kernel 'row_softmax': operand 0 is 'memref<4xf32>', not 'memref<?x?xf32>'}}
  moe_rt.kernel @row_softmax ins(%x : memref<4xf32>) outs(%y : memref<4x4xf32>)
  return
}

// -----

func.func @panel_width(%a: memref<4x8xf32>, %w: memref<1x8x8xf32>, %c: memref<4x4xf32>) {
  // expected-error @+1 {{kernel 'gemm': operand 1 is 'memref<1x8x8xf32>', not 'memref<?x?x16xf32>'}}
  moe_rt.kernel @gemm ins(%a, %w : memref<4x8xf32>, memref<1x8x8xf32>) outs(%c : memref<4x4xf32>)
  return
}

// -----

func.func @count(%x: memref<4x4xf32>) {
  // expected-error @+1 {{kernel 'row_softmax' takes 2 operands (ins, then outs), not 1}}
  moe_rt.kernel @row_softmax outs(%x : memref<4x4xf32>)
  return
}

// -----

func.func @element(%x: memref<4x4xi1>, %v: memref<4x1xi1>, %i: memref<4x1xi64>) {
  // expected-error @+1 {{kernel 'topk': operand 0 has elements of i1, not of one of f32, bf16, f16, f64, i8, i16, i32, i64}}
  moe_rt.kernel @topk ins(%x : memref<4x4xi1>) outs(%v, %i : memref<4x1xi1>, memref<4x1xi64>)
  return
}

// -----

func.func @attribute(%x: memref<4x4xf32>, %v: memref<4x1xf32>, %i: memref<4x1xi64>) {
  // expected-error @+1 {{kernel 'topk' has no attribute smallest}}
  moe_rt.kernel @topk ins(%x : memref<4x4xf32>) outs(%v, %i : memref<4x1xf32>, memref<4x1xi64>) {smallest = true}
  return
}
