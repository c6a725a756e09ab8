// RUN: moe-opt %s --split-input-file --verify-diagnostics

// weight_c1
func.func @f() {
  // expected-error@+1 {{'w' has no region of bytes}}
  %w = moe.weight "w" [] : tensor<4xf32>
  return
}

// -----

// weight_c2
func.func @f() {
  // expected-error@+1 {{needs 16 bytes; its regions have 12}}
  %w = moe.weight "w" [#moe.region<"f", 0, 8>, #moe.region<"f", 8, 4>] : tensor<4xf32>
  return
}

// -----

// region_c1
func.func @f() {
  // expected-error@+1 {{a region needs a file name}}
  %w = moe.weight "w" [#moe.region<"", 0, 16>] : tensor<4xf32>
  return
}

// -----

// region_c2
func.func @f() {
  // expected-error@+1 {{both must be non-negative and their sum fit 63 bits}}
  %w = moe.weight "w" [#moe.region<"f", -4, 16>] : tensor<4xf32>
  return
}

// -----

// route_c1
func.func @f(%l: tensor<?x?xf32>) {
  // expected-error@+1 {{the number of experts of 'tensor<?x?xf32>' must be static}}
  %w, %e = moe.route %l {k = 2 : i64} : tensor<?x?xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c2
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{k is 9; expected 1 to the number of experts, 8}}
  %w, %e = moe.route %l {k = 9 : i64} : tensor<?x8xf32> -> tensor<?x9xf32>, tensor<?x9xi32>
  return
}

// -----

// route_c3
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{must hold k = 3 choices for each token}}
  %w, %e = moe.route %l {k = 3 : i64} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c4
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{must have the element type of 'tensor<?x8xf32>' or f32}}
  %w, %e = moe.route %l {k = 2 : i64} : tensor<?x8xf32> -> tensor<?x2xf16>, tensor<?x2xi32>
  return
}

// -----

// route_c5
func.func @f(%l: tensor<?x8xf32>, %b: tensor<4xf32>) {
  // expected-error@+1 {{must have one element per expert, 8}}
  %w, %e = moe.route %l {k = 2 : i64} bias(%b : tensor<4xf32>) : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c6
func.func @f(%l: tensor<?x8xf32>, %b: tensor<?x4xf32>) {
  // expected-error@+1 {{must have the shape of 'tensor<?x8xf32>'}}
  %w, %e = moe.route %l {k = 2 : i64} weights_from(%b : tensor<?x4xf32>) : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c7: groups
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{3 groups do not divide 8 experts}}
  %w, %e = moe.route %l {k = 2 : i64, groups = 3 : i64, top_groups = 1 : i64, group_score = #moe.group_score<max>, group_mask = 0.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c7: top_groups
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{top_groups is 5; expected 1 to the number of groups, 4}}
  %w, %e = moe.route %l {k = 2 : i64, groups = 4 : i64, top_groups = 5 : i64, group_score = #moe.group_score<max>, group_mask = 0.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c7: too few experts
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{selects 3 experts from 1 groups of 2}}
  %w, %e = moe.route %l {k = 3 : i64, groups = 4 : i64, top_groups = 1 : i64, group_score = #moe.group_score<max>, group_mask = 0.0 : f32} : tensor<?x8xf32> -> tensor<?x3xf32>, tensor<?x3xi32>
  return
}

// -----

// route_c7: top2_sum
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{top2_sum needs groups of two experts or more}}
  %w, %e = moe.route %l {k = 2 : i64, groups = 8 : i64, top_groups = 2 : i64, group_score = #moe.group_score<top2_sum>, group_mask = 0.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c8: absent
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{must be present with 4 groups}}
  %w, %e = moe.route %l {k = 2 : i64, groups = 4 : i64, top_groups = 2 : i64} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c8: superfluous
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{must be absent with 1 groups}}
  %w, %e = moe.route %l {k = 2 : i64, top_groups = 1 : i64} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c9: epsilon
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{epsilon and floor must be finite and not negative}}
  %w, %e = moe.route %l {k = 2 : i64, normalize = #moe.normalize<sum>, epsilon = -1.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c9: normalize
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{epsilon and floor need normalize = #moe.normalize<sum>}}
  %w, %e = moe.route %l {k = 2 : i64, floor = 1.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c9: scale
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{scale must be finite}}
  %w, %e = moe.route %l {k = 2 : i64, scale = 0x7F800000 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c10: epsilon
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{sparse_mixer must be finite and positive}}
  %w, %e = moe.route %l {k = 2 : i64, sparse_mixer = 0.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}

// -----

// route_c10: k
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{sparse_mixer selects 2 of at least 2 experts; here k is 1 of 8}}
  %w, %e = moe.route %l {k = 1 : i64, sparse_mixer = 0.01 : f32} : tensor<?x8xf32> -> tensor<?x1xf32>, tensor<?x1xi32>
  return
}

// -----

// route_c10: alone
func.func @f(%l: tensor<?x8xf32>) {
  // expected-error@+1 {{sparse_mixer allows no bias}}
  %w, %e = moe.route %l {k = 2 : i64, sparse_mixer = 0.01 : f32, scale = 2.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return
}
