// RUN: moe-opt %s --moe-recognize --verify-diagnostics | FileCheck %s

// Experts that no top-k chose: the ids and the weights stay as the graph
// computes them, and the layer is raised all the same.

// Two arg maxes, one beside the other, as PhiMoE's sparse mixer has them. What a
// clamp makes of ids that no top-k chose are other ids.
// CHECK-LABEL: func @arg_maxes
func.func @arg_maxes(%arg0: tensor<?x4xf32>, %first: tensor<?x6xf32>, %second: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK: onnx.Concat({{.*}} -> tensor<?x2xi64>
  // CHECK: %[[WEIGHTS:.*]] = onnx.Concat({{.*}} -> tensor<?x2xf32>
  // CHECK: %[[IDS:.*]] = onnx.Clip(
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
  %4 = onnx.Clip(%ids, %zero, %five) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<i64>, tensor<i64>) -> tensor<?x2xi64>
  %5 = onnx.Reshape(%4, %m1) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
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

// Sorted ids (form G) may not be negative either.
// CHECK-LABEL: func @sorted
func.func @sorted(%arg0: tensor<?x4xf32>, %tokens: tensor<?xi64>, %w: tensor<?x2xf32>) -> (tensor<?x4xf32>) {
  // CHECK: %[[IDS:.*]] = onnx.Gather(%{{.*}}, %arg1) {{.*}} -> tensor<?x2xi64>
  // CHECK-NOT: onnx.TopK
  // CHECK: %[[ALL:.*]] = onnx.Constant dense<[0, 1, 2]> : tensor<3xi64>
  // CHECK: %[[ZERO:.*]] = onnx.Constant dense<0>
  // CHECK: %[[NEGATIVE:.*]] = onnx.Less(%[[IDS]], %[[ZERO]])
  // CHECK: %[[OUTSIDE:.*]] = onnx.Constant dense<3>
  // CHECK: %[[CHECKED:.*]] = onnx.Where(%[[NEGATIVE]], %[[OUTSIDE]], %[[IDS]])
  // CHECK: onnx.Gather(%[[ALL]], %[[CHECKED]])
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, fc1_layout = #moe.layout<in_out>, fc2_layout = #moe.layout<in_out>, form = "G", fusion = #moe.fusion<concatenated>
  // CHECK: moe.combine
  %0 = onnx.Weight "table" <"model.data", 0, 256> : tensor<16x2xi64>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %cm1_i64 = onnx.Constant dense<-1> : tensor<i64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c0_000000e_00_3_f32 = onnx.Constant dense<0.000000e+00> : tensor<3xf32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %18 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<3x4x6xf32>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %25 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %36 = onnx.Gather(%0, %tokens) {axis = 0 : i64, opset = 20 : i64} : (tensor<16x2xi64>, tensor<?xi64>) -> tensor<?x2xi64>
  %39 = onnx.Reshape(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %40 = onnx.Reshape(%w, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %41 = onnx.Shape(%39) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %42 = onnx.Gather(%41, %cm1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
  %43 = onnx.Reshape(%42, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %44:2 = onnx.TopK(%39, %43) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %45 = onnx.Div(%44#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %46 = onnx.Gather(%arg0, %45) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %47 = onnx.Shape(%39) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %48 = onnx.Expand(%c1_000000e_00_f32, %47) {opset = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  %49 = onnx.ScatterElements(%c0_000000e_00_3_f32, %39, %48) {axis = 0 : i64, opset = 20 : i64, reduction = "add"} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
  %50 = onnx.Cast(%49) {opset = 20 : i64, to = 7 : i64} : (tensor<3xf32>) -> tensor<3xi64>
  %51 = onnx.CumSum(%50, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
  %52 = onnx.Gather(%51, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %53 = onnx.Gather(%51, %c1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %54 = onnx.Gather(%51, %c2_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %55 = onnx.Range(%c0_i64, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %56 = onnx.Gather(%46, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %57 = onnx.Range(%52, %53, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %58 = onnx.Gather(%46, %57) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %59 = onnx.Range(%53, %54, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %60 = onnx.Gather(%46, %59) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %61:3 = onnx.Split(%18) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x4x6xf32>) -> (tensor<1x4x6xf32>, tensor<1x4x6xf32>, tensor<1x4x6xf32>)
  %62 = onnx.Squeeze(%61#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %63 = onnx.Squeeze(%61#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %64 = onnx.Squeeze(%61#2, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x6xf32>, tensor<1xi64>) -> tensor<4x6xf32>
  %65 = onnx.MatMul(%56, %62) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %66 = onnx.MatMul(%58, %63) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %67 = onnx.MatMul(%60, %64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %68 = onnx.Concat(%65, %66, %67) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %69:2 = onnx.Split(%68) {axis = -1 : i64, num_outputs = 2 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  %70 = onnx.Sigmoid(%69#0) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %71 = onnx.Mul(%69#0, %70) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %72 = onnx.Mul(%71, %69#1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %73 = onnx.Range(%c0_i64, %52, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %74 = onnx.Gather(%72, %73) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %75 = onnx.Range(%52, %53, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %76 = onnx.Gather(%72, %75) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %77 = onnx.Range(%53, %54, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %78 = onnx.Gather(%72, %77) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %79:3 = onnx.Split(%25) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>)
  %80 = onnx.Squeeze(%79#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %81 = onnx.Squeeze(%79#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %82 = onnx.Squeeze(%79#2, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %83 = onnx.MatMul(%74, %80) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %84 = onnx.MatMul(%76, %81) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %85 = onnx.MatMul(%78, %82) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %86 = onnx.Concat(%83, %84, %85) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %87 = onnx.Gather(%40, %44#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %88 = onnx.Unsqueeze(%87, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %89 = onnx.Mul(%86, %88) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %90 = onnx.Shape(%44#1) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %91 = onnx.ConstantOfShape(%90) {opset = 20 : i64, value = dense<0> : tensor<1xi64>} : (tensor<1xi64>) -> tensor<?xi64>
  %92 = onnx.Range(%c0_i64, %42, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %93 = onnx.ScatterElements(%91, %44#1, %92) {axis = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  %94 = onnx.Gather(%89, %93) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %95 = onnx.Reshape(%94, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %96 = onnx.ReduceSum(%95, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %96 : tensor<?x4xf32>
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
