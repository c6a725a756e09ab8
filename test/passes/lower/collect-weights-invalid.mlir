// RUN: moe-opt %s --moe-collect-weights --split-input-file --verify-diagnostics

// expected-error @+1 {{the program may only take and return tensors of known rank; @main has 'i32'}}
func.func @main(%x: i32) {
  return
}

// -----

// expected-error @+1 {{the program may only take and return tensors of known rank; @main has 'tensor<*xf32>'}}
func.func @main(%x: tensor<*xf32>) -> tensor<*xf32> {
  return %x : tensor<*xf32>
}
