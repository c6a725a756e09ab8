// RUN: moe-opt %s --moe-recognize | FileCheck %s

// What of a router becomes moe.route, and what stays beside it.

// Epsilon and scale.
// CHECK-LABEL: func @norm_eps
func.func @norm_eps(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {epsilon = 1.000{{[0-9E+-]*}}e-03 : f32, k = 2 : i64, normalize = #moe.normalize<sum>, scale = 2.500{{[0-9E+-]*}}e+00 : f32}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_000000em03_f32 = onnx.Constant dense<1.000000e-03> : tensor<f32>
  %c2_500000e_00_f32 = onnx.Constant dense<2.500000e+00> : tensor<f32>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %10 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %14 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %19 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %20 = onnx.Softmax(%19) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %21:2 = onnx.TopK(%20, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %22 = onnx.ReduceSum(%21#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %23 = onnx.Add(%22, %c1_000000em03_f32) {opset = 20 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %24 = onnx.Div(%21#0, %23) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Mul(%24, %c2_500000e_00_f32) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
  %26 = onnx.Reshape(%21#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %27 = onnx.Reshape(%25, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %28 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %29 = onnx.Tile(%28, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %30 = onnx.Reshape(%29, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %31 = onnx.Gather(%10, %26) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %32 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %33 = onnx.MatMul(%31, %32) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %34 = onnx.Squeeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %35 = onnx.Relu(%34) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %36 = onnx.Unsqueeze(%27, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %37 = onnx.Gather(%14, %26) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %38 = onnx.Unsqueeze(%35, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %39 = onnx.MatMul(%37, %38) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %40 = onnx.Squeeze(%39, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %41 = onnx.Mul(%40, %36) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %42 = onnx.Reshape(%41, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %43 = onnx.ReduceSum(%42, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %43 : tensor<?x4xf32>
}

// A lower bound of the sum.
// CHECK-LABEL: func @norm_clip
func.func @norm_clip(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {floor = 0.699{{[0-9E+-]*}} : f32, k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c0_699999988_f32 = onnx.Constant dense<0.699999988> : tensor<f32>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %9 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %13 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %18 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %19 = onnx.Softmax(%18) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %20:2 = onnx.TopK(%19, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %21 = onnx.ReduceSum(%20#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %22 = onnx.Clip(%21, %c0_699999988_f32) {opset = 20 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %23 = onnx.Div(%20#0, %22) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %24 = onnx.Reshape(%20#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %25 = onnx.Reshape(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %26 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %27 = onnx.Tile(%26, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %28 = onnx.Reshape(%27, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %29 = onnx.Gather(%9, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %30 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %31 = onnx.MatMul(%29, %30) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %32 = onnx.Squeeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %33 = onnx.Relu(%32) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %34 = onnx.Unsqueeze(%25, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %35 = onnx.Gather(%13, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %36 = onnx.Unsqueeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %37 = onnx.MatMul(%35, %36) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %38 = onnx.Squeeze(%37, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %39 = onnx.Mul(%38, %34) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %40 = onnx.Reshape(%39, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %41 = onnx.ReduceSum(%40, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %41 : tensor<?x4xf32>
}

// Softmax over the selected logits.
// CHECK-LABEL: func @softmax_after
func.func @softmax_after(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<softmax>, scale = 5.000{{[0-9E+-]*}}e-01 : f32, score = #moe.score<identity>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %c5_000000em01_f32 = onnx.Constant dense<5.000000e-01> : tensor<f32>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %12 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18:2 = onnx.TopK(%17, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %19 = onnx.Softmax(%18#0) {opset = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %20 = onnx.Mul(%c5_000000em01_f32, %19) {opset = 20 : i64} : (tensor<f32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %21 = onnx.Reshape(%18#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %22 = onnx.Reshape(%20, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %23 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %24 = onnx.Tile(%23, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %25 = onnx.Reshape(%24, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %26 = onnx.Gather(%8, %21) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %27 = onnx.Unsqueeze(%25, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %28 = onnx.MatMul(%26, %27) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %29 = onnx.Squeeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %30 = onnx.Relu(%29) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %31 = onnx.Unsqueeze(%22, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %32 = onnx.Gather(%12, %21) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %33 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %34 = onnx.MatMul(%32, %33) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %35 = onnx.Squeeze(%34, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %36 = onnx.Mul(%35, %31) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %37 = onnx.Reshape(%36, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %38 = onnx.ReduceSum(%37, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %38 : tensor<?x4xf32>
}

// A bias for selection only.
// CHECK-LABEL: func @selection_bias
func.func @selection_bias(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {epsilon = 9.999{{[0-9E+-]*}} : f32, k = 2 : i64, normalize = #moe.normalize<sum>, scale = 1.500{{[0-9E+-]*}}e+00 : f32, score = #moe.score<sigmoid>}{{.*}}bias(
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c9_99999968Em21_f32 = onnx.Constant dense<9.99999968E-21> : tensor<f32>
  %c1_500000e_00_f32 = onnx.Constant dense<1.500000e+00> : tensor<f32>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %11 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %15 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %21 = onnx.Sigmoid(%20) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %22 = onnx.Add(%21, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %23:2 = onnx.TopK(%22, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %24 = onnx.GatherElements(%21, %23#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %25 = onnx.ReduceSum(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %26 = onnx.Add(%25, %c9_99999968Em21_f32) {opset = 20 : i64} : (tensor<?x1xf32>, tensor<f32>) -> tensor<?x1xf32>
  %27 = onnx.Div(%24, %26) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %28 = onnx.Mul(%27, %c1_500000e_00_f32) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<f32>) -> tensor<?x2xf32>
  %29 = onnx.Reshape(%23#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %30 = onnx.Reshape(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %31 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %32 = onnx.Tile(%31, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %33 = onnx.Reshape(%32, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %34 = onnx.Gather(%11, %29) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %35 = onnx.Unsqueeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %36 = onnx.MatMul(%34, %35) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %37 = onnx.Squeeze(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %38 = onnx.Relu(%37) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %39 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %40 = onnx.Gather(%15, %29) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %41 = onnx.Unsqueeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %42 = onnx.MatMul(%40, %41) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %43 = onnx.Squeeze(%42, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %44 = onnx.Mul(%43, %39) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %45 = onnx.Reshape(%44, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %46 = onnx.ReduceSum(%45, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %46 : tensor<?x4xf32>
}

// Weights from another tensor than the scores.
// CHECK-LABEL: func @other_weights
func.func @other_weights(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<softmax>}{{.*}}bias({{.*}}weights_from(
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %12 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18 = onnx.Softmax(%17) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %19 = onnx.Add(%18, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %20:2 = onnx.TopK(%19, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %21 = onnx.GatherElements(%17, %20#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %22 = onnx.Softmax(%21) {opset = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %23 = onnx.Reshape(%20#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %24 = onnx.Reshape(%22, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %25 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %26 = onnx.Tile(%25, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %27 = onnx.Reshape(%26, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %28 = onnx.Gather(%8, %23) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %29 = onnx.Unsqueeze(%27, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %30 = onnx.MatMul(%28, %29) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %31 = onnx.Squeeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %32 = onnx.Relu(%31) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %33 = onnx.Unsqueeze(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %34 = onnx.Gather(%12, %23) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %35 = onnx.Unsqueeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %36 = onnx.MatMul(%34, %35) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %37 = onnx.Squeeze(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %38 = onnx.Mul(%37, %33) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %39 = onnx.Reshape(%38, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %40 = onnx.ReduceSum(%39, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %40 : tensor<?x4xf32>
}

// Groups by the sum of their two best, others masked with -inf.
// CHECK-LABEL: func @groups
func.func @groups(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {group_mask = 0xFF800000 : f32, group_score = #moe.group_score<top2_sum>, groups = 3 : i64, k = 2 : i64, normalize = #moe.normalize<sum>, score = #moe.score<sigmoid>, top_groups = 2 : i64}{{.*}}bias(
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %cm1_3_2_3_i64 = onnx.Constant dense<[-1, 3, 2]> : tensor<3xi64>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c0_000000e_00_f32 = onnx.Constant dense<0.000000e+00> : tensor<f32>
  %c1_3_2_3_i64 = onnx.Constant dense<[1, 3, 2]> : tensor<3xi64>
  %cm1_6_2_i64 = onnx.Constant dense<[-1, 6]> : tensor<2xi64>
  %c0xFF800000_f32 = onnx.Constant dense<0xFF800000> : tensor<f32>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %18 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %22 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %27 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %28 = onnx.Sigmoid(%27) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %29 = onnx.Add(%28, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %30 = onnx.Reshape(%29, %cm1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %31:2 = onnx.TopK(%30, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> (tensor<?x3x2xf32>, tensor<?x3x2xi64>)
  %32 = onnx.ReduceSum(%31#0, %cm1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %33:2 = onnx.TopK(%32, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %34 = onnx.Shape(%32) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %35 = onnx.Expand(%c0_000000e_00_f32, %34) {opset = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
  %36 = onnx.Shape(%33#1) {opset = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
  %37 = onnx.ConstantOfShape(%36) {opset = 20 : i64, value = dense<1.000000e+00> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x2xf32>
  %38 = onnx.ScatterElements(%35, %33#1, %37) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %39 = onnx.Unsqueeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %40 = onnx.Expand(%39, %c1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %41 = onnx.Reshape(%40, %cm1_6_2_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  %42 = onnx.Cast(%41) {opset = 20 : i64, to = 9 : i64} : (tensor<?x6xf32>) -> tensor<?x6xi1>
  %43 = onnx.Not(%42) {opset = 20 : i64} : (tensor<?x6xi1>) -> tensor<?x6xi1>
  %44 = onnx.Where(%43, %c0xFF800000_f32, %29) {opset = 20 : i64} : (tensor<?x6xi1>, tensor<f32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %45:2 = onnx.TopK(%44, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %46 = onnx.GatherElements(%28, %45#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %47 = onnx.ReduceSum(%46, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %48 = onnx.Div(%46, %47) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %49 = onnx.Reshape(%45#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %50 = onnx.Reshape(%48, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %51 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %52 = onnx.Tile(%51, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %53 = onnx.Reshape(%52, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %54 = onnx.Gather(%18, %49) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %55 = onnx.Unsqueeze(%53, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %56 = onnx.MatMul(%54, %55) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %57 = onnx.Squeeze(%56, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %58 = onnx.Relu(%57) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %59 = onnx.Unsqueeze(%50, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %60 = onnx.Gather(%22, %49) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %61 = onnx.Unsqueeze(%58, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %62 = onnx.MatMul(%60, %61) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %63 = onnx.Squeeze(%62, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %64 = onnx.Mul(%63, %59) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %65 = onnx.Reshape(%64, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %66 = onnx.ReduceSum(%65, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %66 : tensor<?x4xf32>
}

// The mask value is kept: 0.0 is not -inf.
// CHECK-LABEL: func @groups_zero
func.func @groups_zero(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {group_mask = 0.000{{[0-9E+-]*}}e+00 : f32, group_score = #moe.group_score<top2_sum>, groups = 3 : i64, k = 2 : i64, normalize = #moe.normalize<sum>, score = #moe.score<sigmoid>, top_groups = 2 : i64}{{.*}}bias(
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %cm1_3_2_3_i64 = onnx.Constant dense<[-1, 3, 2]> : tensor<3xi64>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c0_000000e_00_f32 = onnx.Constant dense<0.000000e+00> : tensor<f32>
  %c1_3_2_3_i64 = onnx.Constant dense<[1, 3, 2]> : tensor<3xi64>
  %cm1_6_2_i64 = onnx.Constant dense<[-1, 6]> : tensor<2xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %18 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %22 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %27 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %28 = onnx.Sigmoid(%27) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %29 = onnx.Add(%28, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %30 = onnx.Reshape(%29, %cm1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %31:2 = onnx.TopK(%30, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> (tensor<?x3x2xf32>, tensor<?x3x2xi64>)
  %32 = onnx.ReduceSum(%31#0, %cm1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %33:2 = onnx.TopK(%32, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %34 = onnx.Shape(%32) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %35 = onnx.Expand(%c0_000000e_00_f32, %34) {opset = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
  %36 = onnx.Shape(%33#1) {opset = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
  %37 = onnx.ConstantOfShape(%36) {opset = 20 : i64, value = dense<1.000000e+00> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x2xf32>
  %38 = onnx.ScatterElements(%35, %33#1, %37) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %39 = onnx.Unsqueeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %40 = onnx.Expand(%39, %c1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %41 = onnx.Reshape(%40, %cm1_6_2_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  %42 = onnx.Cast(%41) {opset = 20 : i64, to = 9 : i64} : (tensor<?x6xf32>) -> tensor<?x6xi1>
  %43 = onnx.Not(%42) {opset = 20 : i64} : (tensor<?x6xi1>) -> tensor<?x6xi1>
  %44 = onnx.Where(%43, %c0_000000e_00_f32, %29) {opset = 20 : i64} : (tensor<?x6xi1>, tensor<f32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %45:2 = onnx.TopK(%44, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %46 = onnx.GatherElements(%28, %45#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %47 = onnx.ReduceSum(%46, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %48 = onnx.Div(%46, %47) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %49 = onnx.Reshape(%45#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %50 = onnx.Reshape(%48, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %51 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %52 = onnx.Tile(%51, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %53 = onnx.Reshape(%52, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %54 = onnx.Gather(%18, %49) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %55 = onnx.Unsqueeze(%53, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %56 = onnx.MatMul(%54, %55) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %57 = onnx.Squeeze(%56, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %58 = onnx.Relu(%57) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %59 = onnx.Unsqueeze(%50, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %60 = onnx.Gather(%22, %49) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %61 = onnx.Unsqueeze(%58, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %62 = onnx.MatMul(%60, %61) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %63 = onnx.Squeeze(%62, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %64 = onnx.Mul(%63, %59) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %65 = onnx.Reshape(%64, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %66 = onnx.ReduceSum(%65, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %66 : tensor<?x4xf32>
}

// One group, which is always chosen, is no group.
// CHECK-LABEL: func @one_group
func.func @one_group(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>, score = #moe.score<sigmoid>} bias(
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %cm1_3_2_3_i64 = onnx.Constant dense<[-1, 1, 6]> : tensor<3xi64>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c0_000000e_00_f32 = onnx.Constant dense<0.000000e+00> : tensor<f32>
  %c1_3_2_3_i64 = onnx.Constant dense<[1, 1, 6]> : tensor<3xi64>
  %cm1_6_2_i64 = onnx.Constant dense<[-1, 6]> : tensor<2xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %18 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %22 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %27 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %28 = onnx.Sigmoid(%27) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %29 = onnx.Add(%28, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %30 = onnx.Reshape(%29, %cm1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x1x6xf32>
  %31:2 = onnx.TopK(%30, %c2_1_i64) {opset = 20 : i64} : (tensor<?x1x6xf32>, tensor<1xi64>) -> (tensor<?x1x2xf32>, tensor<?x1x2xi64>)
  %32 = onnx.ReduceSum(%31#0, %cm1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x1x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %33:2 = onnx.TopK(%32, %c1_1_i64) {opset = 20 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> (tensor<?x1xf32>, tensor<?x1xi64>)
  %34 = onnx.Shape(%32) {opset = 20 : i64} : (tensor<?x1xf32>) -> tensor<2xi64>
  %35 = onnx.Expand(%c0_000000e_00_f32, %34) {opset = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x1xf32>
  %36 = onnx.Shape(%33#1) {opset = 20 : i64} : (tensor<?x1xi64>) -> tensor<2xi64>
  %37 = onnx.ConstantOfShape(%36) {opset = 20 : i64, value = dense<1.000000e+00> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x1xf32>
  %38 = onnx.ScatterElements(%35, %33#1, %37) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x1xf32>, tensor<?x1xi64>, tensor<?x1xf32>) -> tensor<?x1xf32>
  %39 = onnx.Unsqueeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x1xf32>, tensor<1xi64>) -> tensor<?x1x1xf32>
  %40 = onnx.Expand(%39, %c1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x1x1xf32>, tensor<3xi64>) -> tensor<?x1x6xf32>
  %41 = onnx.Reshape(%40, %cm1_6_2_i64) {opset = 20 : i64} : (tensor<?x1x6xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  %42 = onnx.Cast(%41) {opset = 20 : i64, to = 9 : i64} : (tensor<?x6xf32>) -> tensor<?x6xi1>
  %43 = onnx.Not(%42) {opset = 20 : i64} : (tensor<?x6xi1>) -> tensor<?x6xi1>
  %44 = onnx.Where(%43, %c0_000000e_00_f32, %29) {opset = 20 : i64} : (tensor<?x6xi1>, tensor<f32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %45:2 = onnx.TopK(%44, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %46 = onnx.GatherElements(%28, %45#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %47 = onnx.ReduceSum(%46, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %48 = onnx.Div(%46, %47) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %49 = onnx.Reshape(%45#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %50 = onnx.Reshape(%48, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %51 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %52 = onnx.Tile(%51, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %53 = onnx.Reshape(%52, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %54 = onnx.Gather(%18, %49) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %55 = onnx.Unsqueeze(%53, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %56 = onnx.MatMul(%54, %55) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %57 = onnx.Squeeze(%56, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %58 = onnx.Relu(%57) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %59 = onnx.Unsqueeze(%50, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %60 = onnx.Gather(%22, %49) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %61 = onnx.Unsqueeze(%58, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %62 = onnx.MatMul(%60, %61) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %63 = onnx.Squeeze(%62, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %64 = onnx.Mul(%63, %59) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %65 = onnx.Reshape(%64, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %66 = onnx.ReduceSum(%65, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %66 : tensor<?x4xf32>
}

// Groups by their best; the weights are the top-k's own values.
// CHECK-LABEL: func @groups_max
func.func @groups_max(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {group_mask = 0.000{{[0-9E+-]*}}e+00 : f32, group_score = #moe.group_score<max>, groups = 3 : i64, k = 2 : i64, top_groups = 2 : i64}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %cm1_3_2_3_i64 = onnx.Constant dense<[-1, 3, 2]> : tensor<3xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %c0_000000e_00_f32 = onnx.Constant dense<0.000000e+00> : tensor<f32>
  %c1_3_2_3_i64 = onnx.Constant dense<[1, 3, 2]> : tensor<3xi64>
  %cm1_6_2_i64 = onnx.Constant dense<[-1, 6]> : tensor<2xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %15 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %19 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %24 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %25 = onnx.Softmax(%24) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %26 = onnx.Reshape(%25, %cm1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %27 = onnx.ReduceMax(%26, %cm1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %28:2 = onnx.TopK(%27, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %29 = onnx.Shape(%27) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %30 = onnx.Expand(%c0_000000e_00_f32, %29) {opset = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
  %31 = onnx.Shape(%28#1) {opset = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
  %32 = onnx.ConstantOfShape(%31) {opset = 20 : i64, value = dense<1.000000e+00> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x2xf32>
  %33 = onnx.ScatterElements(%30, %28#1, %32) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %34 = onnx.Unsqueeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %35 = onnx.Expand(%34, %c1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %36 = onnx.Reshape(%35, %cm1_6_2_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  %37 = onnx.Cast(%36) {opset = 20 : i64, to = 9 : i64} : (tensor<?x6xf32>) -> tensor<?x6xi1>
  %38 = onnx.Not(%37) {opset = 20 : i64} : (tensor<?x6xi1>) -> tensor<?x6xi1>
  %39 = onnx.Where(%38, %c0_000000e_00_f32, %25) {opset = 20 : i64} : (tensor<?x6xi1>, tensor<f32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %40:2 = onnx.TopK(%39, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %41 = onnx.Reshape(%40#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %42 = onnx.Reshape(%40#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %43 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %44 = onnx.Tile(%43, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %45 = onnx.Reshape(%44, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %46 = onnx.Gather(%15, %41) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %47 = onnx.Unsqueeze(%45, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %48 = onnx.MatMul(%46, %47) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %49 = onnx.Squeeze(%48, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %50 = onnx.Relu(%49) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %51 = onnx.Unsqueeze(%42, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %52 = onnx.Gather(%19, %41) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %53 = onnx.Unsqueeze(%50, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %54 = onnx.MatMul(%52, %53) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %55 = onnx.Squeeze(%54, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %56 = onnx.Mul(%55, %51) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %57 = onnx.Reshape(%56, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %58 = onnx.ReduceSum(%57, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %58 : tensor<?x4xf32>
}

// Values that a mask of 0.0 may have changed: the mask stays in front.
// CHECK-LABEL: func @masked_values
func.func @masked_values(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, score = #moe.score<identity>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %cm1_3_2_3_i64 = onnx.Constant dense<[-1, 3, 2]> : tensor<3xi64>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c0_000000e_00_f32 = onnx.Constant dense<0.000000e+00> : tensor<f32>
  %c1_3_2_3_i64 = onnx.Constant dense<[1, 3, 2]> : tensor<3xi64>
  %cm1_6_2_i64 = onnx.Constant dense<[-1, 6]> : tensor<2xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %17 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %21 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %26 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %27 = onnx.Sigmoid(%26) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %28 = onnx.Add(%27, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %29 = onnx.Reshape(%28, %cm1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %30:2 = onnx.TopK(%29, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> (tensor<?x3x2xf32>, tensor<?x3x2xi64>)
  %31 = onnx.ReduceSum(%30#0, %cm1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %32:2 = onnx.TopK(%31, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %33 = onnx.Shape(%31) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %34 = onnx.Expand(%c0_000000e_00_f32, %33) {opset = 20 : i64} : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
  %35 = onnx.Shape(%32#1) {opset = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
  %36 = onnx.ConstantOfShape(%35) {opset = 20 : i64, value = dense<1.000000e+00> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x2xf32>
  %37 = onnx.ScatterElements(%34, %32#1, %36) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %38 = onnx.Unsqueeze(%37, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %39 = onnx.Expand(%38, %c1_3_2_3_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %40 = onnx.Reshape(%39, %cm1_6_2_i64) {opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<2xi64>) -> tensor<?x6xf32>
  %41 = onnx.Cast(%40) {opset = 20 : i64, to = 9 : i64} : (tensor<?x6xf32>) -> tensor<?x6xi1>
  %42 = onnx.Not(%41) {opset = 20 : i64} : (tensor<?x6xi1>) -> tensor<?x6xi1>
  %43 = onnx.Where(%42, %c0_000000e_00_f32, %28) {opset = 20 : i64} : (tensor<?x6xi1>, tensor<f32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %44:2 = onnx.TopK(%43, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %45 = onnx.Reshape(%44#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %46 = onnx.Reshape(%44#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %47 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %48 = onnx.Tile(%47, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %49 = onnx.Reshape(%48, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %50 = onnx.Gather(%17, %45) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %51 = onnx.Unsqueeze(%49, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %52 = onnx.MatMul(%50, %51) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %53 = onnx.Squeeze(%52, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %54 = onnx.Relu(%53) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %55 = onnx.Unsqueeze(%46, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %56 = onnx.Gather(%21, %45) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %57 = onnx.Unsqueeze(%54, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %58 = onnx.MatMul(%56, %57) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %59 = onnx.Squeeze(%58, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %60 = onnx.Mul(%59, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %61 = onnx.Reshape(%60, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %62 = onnx.ReduceSum(%61, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %62 : tensor<?x4xf32>
}

// Values that carry the bias: scores and bias stay in front.
// CHECK-LABEL: func @biased_values
func.func @biased_values(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, score = #moe.score<identity>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %1 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %12 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18 = onnx.Sigmoid(%17) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %19 = onnx.Add(%18, %1) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<6xf32>) -> tensor<?x6xf32>
  %20:2 = onnx.TopK(%19, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %21 = onnx.Reshape(%20#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %22 = onnx.Reshape(%20#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %23 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %24 = onnx.Tile(%23, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %25 = onnx.Reshape(%24, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %26 = onnx.Gather(%8, %21) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %27 = onnx.Unsqueeze(%25, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %28 = onnx.MatMul(%26, %27) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %29 = onnx.Squeeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %30 = onnx.Relu(%29) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %31 = onnx.Unsqueeze(%22, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %32 = onnx.Gather(%12, %21) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %33 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %34 = onnx.MatMul(%32, %33) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %35 = onnx.Squeeze(%34, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %36 = onnx.Mul(%35, %31) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %37 = onnx.Reshape(%36, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %38 = onnx.ReduceSum(%37, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %38 : tensor<?x4xf32>
}

// Arithmetic that moe.route has not stays behind it.
// CHECK-LABEL: func @sigmoid_of_selected
func.func @sigmoid_of_selected(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, score = #moe.score<identity>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %7 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %11 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %16 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %17:2 = onnx.TopK(%16, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %18 = onnx.Sigmoid(%17#0) {opset = 20 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
  %19 = onnx.Reshape(%17#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %20 = onnx.Reshape(%18, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %21 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %22 = onnx.Tile(%21, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %23 = onnx.Reshape(%22, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %24 = onnx.Gather(%7, %19) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %25 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %26 = onnx.MatMul(%24, %25) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %27 = onnx.Squeeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %28 = onnx.Relu(%27) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %29 = onnx.Unsqueeze(%20, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %30 = onnx.Gather(%11, %19) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %31 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %32 = onnx.MatMul(%30, %31) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %33 = onnx.Squeeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %34 = onnx.Mul(%33, %29) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %35 = onnx.Reshape(%34, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %36 = onnx.ReduceSum(%35, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %36 : tensor<?x4xf32>
}

// So does a scale of each expert.
// CHECK-LABEL: func @per_expert_scale
func.func @per_expert_scale(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %2 = onnx.Weight "w2" <"model.data", 0, 24> : tensor<6xf32>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %12 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18 = onnx.Softmax(%17) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %19:2 = onnx.TopK(%18, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %20 = onnx.Gather(%2, %19#1) {opset = 20 : i64} : (tensor<6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %21 = onnx.Mul(%19#0, %20) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %22 = onnx.Reshape(%19#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %23 = onnx.Reshape(%21, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %24 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %25 = onnx.Tile(%24, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %26 = onnx.Reshape(%25, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %27 = onnx.Gather(%8, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %28 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %29 = onnx.MatMul(%27, %28) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %30 = onnx.Squeeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %31 = onnx.Relu(%30) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %32 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %33 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %34 = onnx.Unsqueeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %35 = onnx.MatMul(%33, %34) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %36 = onnx.Squeeze(%35, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %37 = onnx.Mul(%36, %32) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %38 = onnx.Reshape(%37, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %39 = onnx.ReduceSum(%38, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %39 : tensor<?x4xf32>
}
