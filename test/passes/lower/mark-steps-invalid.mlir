// RUN: moe-opt %s --pass-pipeline="builtin.module(func.func(moe-mark-steps))" --verify-diagnostics

func.func @too_few(%a: memref<4x8xf32>, %c: memref<4x16xf32>) {
  // expected-error@+1 {{kernel 'gemm': its work depends on dimension 1 of operand 2, but it has 2 operands}}
  moe_rt.kernel @gemm ins(%a : memref<4x8xf32>) outs(%c : memref<4x16xf32>)
  return
}
