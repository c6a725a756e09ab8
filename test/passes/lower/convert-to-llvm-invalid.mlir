// RUN: moe-opt %s --moe-llvm --split-input-file --verify-diagnostics

module attributes {moe_rt.weights = []} {
// expected-error @+1 {{the program may only take and return tensors; @main has 'i32'}}
func.func @main(%x: i32) {
  return
}
}

// -----

module attributes {moe_rt.weights = []} {
func.func @main() -> memref<2xi64> {
  // expected-error @+2 {{failed to legalize}}
  // expected-error @+1 {{needs a memref result and an index; run moe-collect-weights and bufferize first}}
  %w = moe_rt.weight "w" [#moe_rt.region<"m", 0, 16>] {source = tensor<2xi64>, pack = #moe_rt.pack<none>} : memref<2xi64>
  return %w : memref<2xi64>
}
}
