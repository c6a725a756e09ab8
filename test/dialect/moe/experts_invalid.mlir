// RUN: moe-opt %s --split-input-file --verify-diagnostics

// experts_c1
func.func @f(%x: tensor<6x16xf32>, %c: tensor<4xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{must be static with one matrix for each of 4 experts}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<4xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c1: counts
func.func @f(%x: tensor<6x16xf32>, %c: tensor<?xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{the number of experts in counts must be static}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<?xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c2: static
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x?xf32>) {
  // expected-error@+1 {{fc2 'tensor<3x16x?xf32>' must be static}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x?xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c2: inputs
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x8xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{fc1 maps 8 to 8 and fc2 8 to 16; expected 16 to 8 in fc1}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x8xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c2: fused
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{fc1 maps 16 to 8 and fc2 8 to 16; expected 16 to 16 in fc1}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<concatenated>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c3: absent
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{fc3 must be present}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<separate>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c3: superfluous
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w3: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{exactly if fusion is #moe.fusion<separate>}}
  %y = moe.experts %x, %c, fc1(%w1) fc3(%w3) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c4
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %b1: tensor<3x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{the bias of fc1 is 'tensor<3x16xf32>'; expected 'tensor<3x8xf32>'}}
  %y = moe.experts %x, %c, fc1(%w1 bias %b1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c4: fc2
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>, %b2: tensor<3x8xf32>) {
  // expected-error@+1 {{the bias of fc2 is 'tensor<3x8xf32>'; expected 'tensor<3x16xf32>'}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2 bias %b2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>, tensor<3x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c5
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{must hold 16 elements for each row}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x8xf32>
  return
}

// -----

// experts_c6: bank
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf16>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{must have the element type of the rows, 'f32'}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf16>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c6: result
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{must hold 16 elements for each row}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf16>
  return
}

// -----

// experts_c7: activation
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{alpha, beta and limit need activation = #moe.activation<silu>}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<relu>, alpha = 2.0 : f32} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c7: not gated
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x8x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{beta and limit need gated experts}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, limit = 7.0 : f32} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x8x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}

// -----

// experts_c7: limit
func.func @f(%x: tensor<6x16xf32>, %c: tensor<3xi64>, %w1: tensor<3x16x16xf32>, %w2: tensor<3x16x8xf32>) {
  // expected-error@+1 {{must be finite and limit positive}}
  %y = moe.experts %x, %c, fc1(%w1) fc2(%w2) {activation = #moe.activation<silu>, fusion = #moe.fusion<interleaved>, limit = 0.0 : f32} : (tensor<6x16xf32>, tensor<3xi64>, tensor<3x16x16xf32>, tensor<3x16x8xf32>) -> tensor<6x16xf32>
  return
}
