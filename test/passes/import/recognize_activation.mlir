// RUN: moe-opt %s --moe-recognize | FileCheck %s

// The ways in which graphs write an activation.

// CHECK-LABEL: func @gelu_erf
func.func @gelu_erf(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<gelu_erf>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %c5_000000em01_f32 = onnx.Constant dense<5.000000e-01> : tensor<f32>
  %c1_41421354_f32 = onnx.Constant dense<1.41421354> : tensor<f32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %15 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %21 = onnx.Softmax(%20) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %28 = onnx.Tile(%27, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %29 = onnx.Reshape(%28, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %30 = onnx.Gather(%8, %25) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %31 = onnx.Unsqueeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %32 = onnx.MatMul(%30, %31) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %33 = onnx.Squeeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %34 = onnx.Mul(%c5_000000em01_f32, %33) {opset = 20 : i64} : (tensor<f32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %35 = onnx.Div(%33, %c1_41421354_f32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %36 = onnx.Erf(%35) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %37 = onnx.Add(%36, %c1_000000e_00_f32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %38 = onnx.Mul(%34, %37) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %39 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %40 = onnx.Gather(%15, %25) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %41 = onnx.Unsqueeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %42 = onnx.MatMul(%40, %41) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %43 = onnx.Squeeze(%42, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %44 = onnx.Mul(%43, %39) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %45 = onnx.Reshape(%44, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %46 = onnx.ReduceSum(%45, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %46 : tensor<?x4xf32>
}

// CHECK-LABEL: func @gelu_tanh
func.func @gelu_tanh(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<gelu_tanh>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %c5_000000em01_f32 = onnx.Constant dense<5.000000e-01> : tensor<f32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_797884583_f32 = onnx.Constant dense<0.797884583> : tensor<f32>
  %c4_471500em02_f32 = onnx.Constant dense<4.471500e-02> : tensor<f32>
  %17 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %22 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %23 = onnx.Softmax(%22) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %24:2 = onnx.TopK(%23, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %25 = onnx.ReduceSum(%24#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %26 = onnx.Div(%24#0, %25) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %27 = onnx.Reshape(%24#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %28 = onnx.Reshape(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %29 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %30 = onnx.Tile(%29, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %31 = onnx.Reshape(%30, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %32 = onnx.Gather(%8, %27) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %33 = onnx.Unsqueeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %34 = onnx.MatMul(%32, %33) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %35 = onnx.Squeeze(%34, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %36 = onnx.Mul(%c5_000000em01_f32, %35) {opset = 20 : i64} : (tensor<f32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %37 = onnx.Mul(%35, %c0_797884583_f32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %38 = onnx.Mul(%35, %c4_471500em02_f32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %39 = onnx.Mul(%38, %35) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %40 = onnx.Add(%c1_000000e_00_f32, %39) {opset = 20 : i64} : (tensor<f32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %41 = onnx.Mul(%37, %40) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %42 = onnx.Tanh(%41) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %43 = onnx.Add(%c1_000000e_00_f32, %42) {opset = 20 : i64} : (tensor<f32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %44 = onnx.Mul(%36, %43) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %45 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %46 = onnx.Gather(%17, %27) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %47 = onnx.Unsqueeze(%44, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %48 = onnx.MatMul(%46, %47) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %49 = onnx.Squeeze(%48, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %50 = onnx.Mul(%49, %45) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %51 = onnx.Reshape(%50, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %52 = onnx.ReduceSum(%51, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %52 : tensor<?x4xf32>
}

// CHECK-LABEL: func @relu_squared
func.func @relu_squared(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu2>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %12 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18 = onnx.Softmax(%17) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %19:2 = onnx.TopK(%18, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %20 = onnx.ReduceSum(%19#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %21 = onnx.Div(%19#0, %20) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
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
  %32 = onnx.Mul(%31, %31) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %33 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %34 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %35 = onnx.Unsqueeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %36 = onnx.MatMul(%34, %35) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %37 = onnx.Squeeze(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %38 = onnx.Mul(%37, %33) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %39 = onnx.Reshape(%38, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %40 = onnx.ReduceSum(%39, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %40 : tensor<?x4xf32>
}

// CHECK-LABEL: func @quick_gelu
func.func @quick_gelu(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, form = "C", fusion = #moe.fusion<concatenated>
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 576> : tensor<6x6x4xf32>
  %12 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18 = onnx.Softmax(%17) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %19:2 = onnx.TopK(%18, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %20 = onnx.ReduceSum(%19#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %21 = onnx.Div(%19#0, %20) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %22 = onnx.Reshape(%19#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %23 = onnx.Reshape(%21, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %24 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %25 = onnx.Tile(%24, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %26 = onnx.Reshape(%25, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %27 = onnx.Gather(%8, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6x4xf32>, tensor<?xi64>) -> tensor<?x6x4xf32>
  %28 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %29 = onnx.MatMul(%27, %28) {opset = 20 : i64} : (tensor<?x6x4xf32>, tensor<?x4x1xf32>) -> tensor<?x6x1xf32>
  %30 = onnx.Squeeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x6x1xf32>, tensor<1xi64>) -> tensor<?x6xf32>
  %31:2 = onnx.Split(%30) {axis = -1 : i64, num_outputs = 2 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  %32 = onnx.com.microsoft.QuickGelu(%31#0) {alpha = 1.000000e+00 : f32, opset = 1 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %33 = onnx.Mul(%32, %31#1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %34 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %35 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %36 = onnx.Unsqueeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %37 = onnx.MatMul(%35, %36) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %38 = onnx.Squeeze(%37, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %39 = onnx.Mul(%38, %34) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %40 = onnx.Reshape(%39, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %41 = onnx.ReduceSum(%40, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %41 : tensor<?x4xf32>
}

// CHECK-LABEL: func @swish
func.func @swish(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc3(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, form = "C", fusion = #moe.fusion<separate>
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %11 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %15 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %20 = onnx.MatMul(%arg0, %0) {opset = 24 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %21 = onnx.Softmax(%20) {opset = 24 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 24 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 24 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 24 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %28 = onnx.Tile(%27, %c1_2_1_3_i64) {opset = 24 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %29 = onnx.Reshape(%28, %cm1_4_2_i64) {opset = 24 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %30 = onnx.Gather(%8, %25) {axis = 0 : i64, opset = 24 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %31 = onnx.Unsqueeze(%29, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %32 = onnx.MatMul(%30, %31) {opset = 24 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %33 = onnx.Squeeze(%32, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %34 = onnx.Gather(%11, %25) {axis = 0 : i64, opset = 24 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %35 = onnx.Unsqueeze(%29, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %36 = onnx.MatMul(%34, %35) {opset = 24 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %37 = onnx.Squeeze(%36, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %38 = onnx.Swish(%33) {opset = 24 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %39 = onnx.Mul(%38, %37) {opset = 24 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %40 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 24 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %41 = onnx.Gather(%15, %25) {axis = 0 : i64, opset = 24 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %42 = onnx.Unsqueeze(%39, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %43 = onnx.MatMul(%41, %42) {opset = 24 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %44 = onnx.Squeeze(%43, %cm1_1_i64) {opset = 24 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %45 = onnx.Mul(%44, %40) {opset = 24 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %46 = onnx.Reshape(%45, %cm1_2_4_3_i64) {opset = 24 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %47 = onnx.ReduceSum(%46, %c1_1_i64) {keepdims = 0 : i64, opset = 24 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %47 : tensor<?x4xf32>
}

// CHECK-LABEL: func @even_odd
func.func @even_odd(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, form = "C", fusion = #moe.fusion<interleaved>
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 576> : tensor<6x6x4xf32>
  %c0_3_2_3_i64 = onnx.Constant dense<[0, 3, 2]> : tensor<3xi64>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %15 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %21 = onnx.Softmax(%20) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %28 = onnx.Tile(%27, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %29 = onnx.Reshape(%28, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %30 = onnx.Gather(%8, %25) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6x4xf32>, tensor<?xi64>) -> tensor<?x6x4xf32>
  %31 = onnx.Unsqueeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %32 = onnx.MatMul(%30, %31) {opset = 20 : i64} : (tensor<?x6x4xf32>, tensor<?x4x1xf32>) -> tensor<?x6x1xf32>
  %33 = onnx.Squeeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x6x1xf32>, tensor<1xi64>) -> tensor<?x6xf32>
  %34 = onnx.Reshape(%33, %c0_3_2_3_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<3xi64>) -> tensor<?x3x2xf32>
  %35 = onnx.Gather(%34, %c0_i64) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<i64>) -> tensor<?x3xf32>
  %36 = onnx.Gather(%34, %c1_i64) {axis = -1 : i64, opset = 20 : i64} : (tensor<?x3x2xf32>, tensor<i64>) -> tensor<?x3xf32>
  %37 = onnx.Sigmoid(%35) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %38 = onnx.Mul(%35, %37) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %39 = onnx.Mul(%38, %36) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %40 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %41 = onnx.Gather(%15, %25) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %42 = onnx.Unsqueeze(%39, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %43 = onnx.MatMul(%41, %42) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %44 = onnx.Squeeze(%43, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %45 = onnx.Mul(%44, %40) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %46 = onnx.Reshape(%45, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %47 = onnx.ReduceSum(%46, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %47 : tensor<?x4xf32>
}
