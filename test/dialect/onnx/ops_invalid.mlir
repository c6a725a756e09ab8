// RUN: moe-opt %s --split-input-file --verify-diagnostics

// region_c1
func.func @f() {
  // expected-error@+1 {{a region needs a file name}}
  %w = onnx.Weight "w" <"", 0, 16> : tensor<4xf32>
  return
}

// -----

// region_c2
func.func @f() {
  // expected-error@+1 {{both must be non-negative and their sum fit 63 bits}}
  %w = onnx.Weight "w" <"f", 9223372036854775807, 16> : tensor<4xf32>
  return
}

// -----

// weight_c1
func.func @f() {
  // expected-error@+1 {{must be statically shaped tensor}}
  %w = onnx.Weight "w" <"f", 0, 16> : tensor<?xf32>
  return
}

// -----

// weight_c2
func.func @f() {
  // expected-error@+1 {{'w' of type 'tensor<4xf32>' needs 16 bytes; its region has 12}}
  %w = onnx.Weight "w" <"f", 0, 12> : tensor<4xf32>
  return
}

// -----

// Arity of the inputs.
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{has 1 inputs; expected 2}}
  %0 = onnx.Add(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

// Arity of the outputs.
func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{has 2 outputs; expected 1}}
  %0:2 = onnx.Abs(%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}
