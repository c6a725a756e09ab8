// RUN: moe-opt %s --canonicalize | FileCheck %s

// Selecting every group excludes no expert.
// CHECK-LABEL: func @all_groups
func.func @all_groups(%l: tensor<?x8xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64} :
  %w, %e = moe.route %l {k = 2 : i64, groups = 4 : i64, top_groups = 4 : i64, group_score = #moe.group_score<max>,
      group_mask = 0.0 : f32} : tensor<?x8xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return %w, %e : tensor<?x2xf32>, tensor<?x2xi32>
}

// CHECK-LABEL: func @zero_bias
func.func @zero_bias(%l: tensor<?x4xf32>) -> (tensor<?x2xf32>, tensor<?x2xi32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64} : tensor<?x4xf32>
  %b = arith.constant dense<0.0> : tensor<4xf32>
  %w, %e = moe.route %l {k = 2 : i64} bias(%b : tensor<4xf32>) : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return %w, %e : tensor<?x2xf32>, tensor<?x2xi32>
}

// CHECK-LABEL: func @own_weights
// CHECK-SAME: (%[[L:.*]]: tensor<?x4xf32>, %[[M:.*]]: tensor<?x4xf32>)
func.func @own_weights(%l: tensor<?x4xf32>, %m: tensor<?x4xf32>)
    -> (tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK: moe.route %[[L]] {k = 2 : i64, score = #moe.score<identity>} : tensor<?x4xf32>
  %w, %e = moe.route %l {k = 2 : i64, score = #moe.score<identity>} weights_from(%l : tensor<?x4xf32>)
      : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  // CHECK: weights_from(%[[M]]
  %w1, %e1 = moe.route %l {k = 2 : i64, score = #moe.score<identity>} weights_from(%m : tensor<?x4xf32>)
      : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  // The scores are not the logits here.
  // CHECK: weights_from(%[[L]]
  %w2, %e2 = moe.route %l {k = 2 : i64} weights_from(%l : tensor<?x4xf32>)
      : tensor<?x4xf32> -> tensor<?x2xf32>, tensor<?x2xi32>
  return %w, %e, %w1, %w2 : tensor<?x2xf32>, tensor<?x2xi32>, tensor<?x2xf32>, tensor<?x2xf32>
}
