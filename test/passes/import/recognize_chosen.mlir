// RUN: moe-opt %s --moe-recognize --verify-diagnostics | FileCheck %s

// Experts that no top-k chose: the ids and the weights stay as the graph
// computes them, and the layer is raised all the same.

// Two arg maxes, one beside the other, as PhiMoE's sparse mixer has them.
// CHECK-LABEL: func @arg_maxes
func.func @arg_maxes(%arg0: tensor<?x4xf32>, %first: tensor<?x6xf32>, %second: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[IDS:.*]] = onnx.Concat({{.*}} -> tensor<?x2xi64>
  // CHECK: %[[WEIGHTS:.*]] = onnx.Concat({{.*}} -> tensor<?x2xf32>
  // CHECK: %[[ALL:.*]] = onnx.Constant dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi64>
  // CHECK: %[[INSIDE:.*]] = onnx.Gather(%[[ALL]], %[[IDS]]) {axis = 0
  // CHECK: %[[CHOSEN:.*]] = onnx.Cast(%[[INSIDE]]) {{.*}} -> tensor<?x2xi32>
  // CHECK: %[[ROWS:.*]], %[[COUNTS:.*]], %[[SLOTS:.*]] = moe.dispatch %arg0, %[[CHOSEN]] {num_experts = 6 : i64}
  // CHECK: %[[Y:.*]] = moe.experts %[[ROWS]], %[[COUNTS]], fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C", layer = 0 : i64}
  // CHECK: moe.combine %[[Y]], %[[SLOTS]], %[[WEIGHTS]]
  // CHECK-NOT: onnx.MatMul
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %zero = onnx.Constant dense<0> : tensor<i64>
  %five = onnx.Constant dense<5> : tensor<i64>
  %tiles = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %rows = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %back = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %0 = onnx.ArgMax(%first) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x1xi64>
  %1 = onnx.ArgMax(%second) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x1xi64>
  %ids = onnx.Concat(%0, %1) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x1xi64>, tensor<?x1xi64>) -> tensor<?x2xi64>
  %2 = onnx.GatherElements(%first, %0) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>) -> tensor<?x1xf32>
  %3 = onnx.GatherElements(%second, %1) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x1xi64>) -> tensor<?x1xf32>
  %weights = onnx.Concat(%2, %3) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %4 = onnx.Reshape(%ids, %m1) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %5 = onnx.Clip(%4, %zero, %five) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %6 = onnx.Unsqueeze(%arg0, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %7 = onnx.Tile(%6, %tiles) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %8 = onnx.Reshape(%7, %rows) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %9 = onnx.Gather(%up, %5) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %10 = onnx.Unsqueeze(%8, %m1) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %11 = onnx.MatMul(%9, %10) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %12 = onnx.Squeeze(%11, %m1) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %13 = onnx.Relu(%12) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %14 = onnx.Gather(%down, %5) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %15 = onnx.Unsqueeze(%13, %m1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %16 = onnx.MatMul(%14, %15) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %17 = onnx.Squeeze(%16, %m1) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %18 = onnx.Reshape(%weights, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %19 = onnx.Unsqueeze(%18, %m1) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %20 = onnx.Mul(%17, %19) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %21 = onnx.Reshape(%20, %back) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %22 = onnx.ReduceSum(%21, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %22 : tensor<?x4xf32>
}

// A table by token, as DeepSeek-V4's hash layers have it; the weights are scores
// at the ids.
// CHECK-LABEL: func @hashed
func.func @hashed(%arg0: tensor<?x4xf32>, %tokens: tensor<?xi64>, %scores: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[IDS:.*]] = onnx.Gather(%{{.*}}, %arg1) {{.*}} -> tensor<?x2xi64>
  // CHECK: %[[WEIGHTS:.*]] = onnx.GatherElements(%arg2, %[[IDS]])
  // CHECK-NOT: moe.route
  // CHECK: %[[INSIDE:.*]] = onnx.Gather(%{{.*}}, %[[IDS]]) {axis = 0
  // CHECK: moe.dispatch %arg0, %{{.*}} {num_experts = 6 : i64}
  // CHECK: moe.experts {{.*}} {activation = #moe.activation<relu>, form = "C", layer = 1 : i64}
  // CHECK: moe.combine %{{.*}}, %{{.*}}, %[[WEIGHTS]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %tiles = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %rows = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %back = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %table = onnx.Weight "table" <"model.data", 576, 256> : tensor<16x2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %ids = onnx.Gather(%table, %tokens) {axis = 0 : i64, opset = 20 : i64} : (tensor<16x2xi64>, tensor<?xi64>) -> tensor<?x2xi64>
  %weights = onnx.GatherElements(%scores, %ids) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %4 = onnx.Reshape(%ids, %m1) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %6 = onnx.Unsqueeze(%arg0, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %7 = onnx.Tile(%6, %tiles) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %8 = onnx.Reshape(%7, %rows) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %9 = onnx.Gather(%up, %4) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %10 = onnx.Unsqueeze(%8, %m1) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %11 = onnx.MatMul(%9, %10) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %12 = onnx.Squeeze(%11, %m1) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %13 = onnx.Relu(%12) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %14 = onnx.Gather(%down, %4) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %15 = onnx.Unsqueeze(%13, %m1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %16 = onnx.MatMul(%14, %15) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %17 = onnx.Squeeze(%16, %m1) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %18 = onnx.Reshape(%weights, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %19 = onnx.Unsqueeze(%18, %m1) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %20 = onnx.Mul(%17, %19) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %21 = onnx.Reshape(%20, %back) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %22 = onnx.ReduceSum(%21, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %22 : tensor<?x4xf32>
}

// The weights are some columns of a wider tensor.
// CHECK-LABEL: func @cut
func.func @cut(%arg0: tensor<?x4xf32>, %tokens: tensor<?xi64>, %all: tensor<?x3xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[IDS:.*]] = onnx.Gather(%{{.*}}, %arg1) {{.*}} -> tensor<?x2xi64>
  // CHECK: %[[WEIGHTS:.*]] = onnx.Slice(%arg2
  // CHECK-NOT: moe.route
  // CHECK: %[[INSIDE:.*]] = onnx.Gather(%{{.*}}, %[[IDS]]) {axis = 0
  // CHECK: moe.dispatch %arg0, %{{.*}} {num_experts = 6 : i64}
  // CHECK: moe.experts {{.*}} {activation = #moe.activation<relu>, form = "C", layer = 2 : i64}
  // CHECK: moe.combine %{{.*}}, %{{.*}}, %[[WEIGHTS]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %tiles = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %rows = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %back = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %table = onnx.Weight "table" <"model.data", 576, 256> : tensor<16x2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %ids = onnx.Gather(%table, %tokens) {axis = 0 : i64, opset = 20 : i64} : (tensor<16x2xi64>, tensor<?xi64>) -> tensor<?x2xi64>
  %none = onnx.Constant dense<0> : tensor<1xi64>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %weights = onnx.Slice(%all, %none, %two, %one) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x2xf32>
  %4 = onnx.Reshape(%ids, %m1) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %6 = onnx.Unsqueeze(%arg0, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %7 = onnx.Tile(%6, %tiles) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %8 = onnx.Reshape(%7, %rows) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %9 = onnx.Gather(%up, %4) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %10 = onnx.Unsqueeze(%8, %m1) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %11 = onnx.MatMul(%9, %10) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %12 = onnx.Squeeze(%11, %m1) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %13 = onnx.Relu(%12) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %14 = onnx.Gather(%down, %4) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %15 = onnx.Unsqueeze(%13, %m1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %16 = onnx.MatMul(%14, %15) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %17 = onnx.Squeeze(%16, %m1) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %18 = onnx.Reshape(%weights, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %19 = onnx.Unsqueeze(%18, %m1) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %20 = onnx.Mul(%17, %19) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %21 = onnx.Reshape(%20, %back) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %22 = onnx.ReduceSum(%21, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %22 : tensor<?x4xf32>
}

// Two tables of unlike size read at the same positions are no MoE layer.
// CHECK-LABEL: func @tables
func.func @tables(%positions: tensor<?xi64>) -> (tensor<?x2x3xf32>, tensor<?x3x2xf32>) {
  // CHECK-COUNT-2: onnx.Gather
  %a = onnx.Weight "a" <"model.data", 0, 144> : tensor<6x2x3xf32>
  %b = onnx.Weight "b" <"model.data", 144, 192> : tensor<8x3x2xf32>
  %0 = onnx.Gather(%a, %positions) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x2x3xf32>, tensor<?xi64>) -> tensor<?x2x3xf32>
  %1 = onnx.Gather(%b, %positions) {axis = 0 : i64, opset = 20 : i64} : (tensor<8x3x2xf32>, tensor<?xi64>) -> tensor<?x3x2xf32>
  return %0, %1 : tensor<?x2x3xf32>, tensor<?x3x2xf32>
}
