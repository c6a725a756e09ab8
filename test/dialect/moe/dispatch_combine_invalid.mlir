// RUN: moe-opt %s --split-input-file --verify-diagnostics

// dispatch_c1
func.func @f(%t: tensor<5x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{must have the same number of tokens}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 3 : i64} : tensor<5x16xf32>, tensor<4x2xi32> -> tensor<8x16xf32>, tensor<3xi64>, tensor<4x2xi32>
  return
}

// -----

// dispatch_c2: width
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{once for each choice}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 3 : i64} : tensor<4x16xf32>, tensor<4x2xi32> -> tensor<8x8xf32>, tensor<3xi64>, tensor<4x2xi32>
  return
}

// -----

// dispatch_c2: rows
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{once for each choice}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 3 : i64} : tensor<4x16xf32>, tensor<4x2xi32> -> tensor<4x16xf32>, tensor<3xi64>, tensor<4x2xi32>
  return
}

// -----

// dispatch_c2: type
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{once for each choice}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 3 : i64} : tensor<4x16xf32>, tensor<4x2xi32> -> tensor<8x16xf16>, tensor<3xi64>, tensor<4x2xi32>
  return
}

// -----

// dispatch_c3
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{must have num_experts = 4 elements, at least one}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 4 : i64} : tensor<4x16xf32>, tensor<4x2xi32> -> tensor<8x16xf32>, tensor<3xi64>, tensor<4x2xi32>
  return
}

// -----

// dispatch_c3: none
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{must have num_experts = 0 elements, at least one}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 0 : i64} : tensor<4x16xf32>, tensor<4x2xi32> -> tensor<8x16xf32>, tensor<0xi64>, tensor<4x2xi32>
  return
}

// -----

// dispatch_c4: shape
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x2xi32>) {
  // expected-error@+1 {{must have the type of the experts}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 3 : i64} : tensor<4x16xf32>, tensor<4x2xi32> -> tensor<8x16xf32>, tensor<3xi64>, tensor<4x3xi32>
  return
}

// -----

// dispatch_c4: dynamic k
func.func @f(%t: tensor<4x16xf32>, %e: tensor<4x?xi32>) {
  // expected-error@+1 {{with a static k}}
  %r, %c, %s = moe.dispatch %t, %e {num_experts = 3 : i64} : tensor<4x16xf32>, tensor<4x?xi32> -> tensor<8x16xf32>, tensor<3xi64>, tensor<4x?xi32>
  return
}

// -----

// combine_c1
func.func @f(%y: tensor<8x16xf32>, %s: tensor<4x2xi32>, %w: tensor<4x3xf32>) {
  // expected-error@+1 {{must have the same shape}}
  %o = moe.combine %y, %s, %w : tensor<8x16xf32>, tensor<4x2xi32>, tensor<4x3xf32> -> tensor<4x16xf32>
  return
}

// -----

// combine_c2
func.func @f(%y: tensor<7x16xf32>, %s: tensor<4x2xi32>, %w: tensor<4x2xf32>) {
  // expected-error@+1 {{must have one row for each slot}}
  %o = moe.combine %y, %s, %w : tensor<7x16xf32>, tensor<4x2xi32>, tensor<4x2xf32> -> tensor<4x16xf32>
  return
}

// -----

// combine_c2: dynamic k
func.func @f(%y: tensor<8x16xf32>, %s: tensor<4x?xi32>, %w: tensor<4x?xf32>) {
  // expected-error@+1 {{must have one row for each slot}}
  %o = moe.combine %y, %s, %w : tensor<8x16xf32>, tensor<4x?xi32>, tensor<4x?xf32> -> tensor<4x16xf32>
  return
}

// -----

// combine_c3
func.func @f(%y: tensor<8x16xf32>, %s: tensor<4x2xi32>, %w: tensor<4x2xf32>) {
  // expected-error@+1 {{must hold one row of 'tensor<8x16xf32>' for each token}}
  %o = moe.combine %y, %s, %w : tensor<8x16xf32>, tensor<4x2xi32>, tensor<4x2xf32> -> tensor<4x8xf32>
  return
}

// -----

// combine_c3: type
func.func @f(%y: tensor<8x16xf32>, %s: tensor<4x2xi32>, %w: tensor<4x2xf32>) {
  // expected-error@+1 {{must hold one row of}}
  %o = moe.combine %y, %s, %w : tensor<8x16xf32>, tensor<4x2xi32>, tensor<4x2xf32> -> tensor<4x16xf16>
  return
}

// -----

// combine_c4
func.func @f(%y: tensor<8x16xf32>, %s: tensor<4x2xi32>, %w: tensor<4x2xbf16>) {
  // expected-error@+1 {{must have the element type of 'tensor<8x16xf32>' or f32}}
  %o = moe.combine %y, %s, %w : tensor<8x16xf32>, tensor<4x2xi32>, tensor<4x2xbf16> -> tensor<4x16xf32>
  return
}
