// RUN: moe-opt %s --moe-recognize | FileCheck %s

// Form C: the matrices of each row's expert are gathered and multiplied one by one.

// Tokens tiled, [gate | up] in one bank, biases.
// CHECK-LABEL: func @tiled
func.func @tiled(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}} bias %{{[^ ]*}}) fc2(%{{[^ ]*}} bias %{{[^ ]*}}) {activation = #moe.activation<silu>, form = "C", fusion = #moe.fusion<concatenated>
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 576> : tensor<6x6x4xf32>
  %11 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<6x6xf32>
  %13 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %16 = onnx.Weight "w5" <"model.data", 0, 96> : tensor<6x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %19 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %20 = onnx.Softmax(%19) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %21:2 = onnx.TopK(%20, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %22 = onnx.ReduceSum(%21#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %23 = onnx.Div(%21#0, %22) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %24 = onnx.Reshape(%21#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %25 = onnx.Reshape(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %26 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %27 = onnx.Tile(%26, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %28 = onnx.Reshape(%27, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %29 = onnx.Gather(%8, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6x4xf32>, tensor<?xi64>) -> tensor<?x6x4xf32>
  %30 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %31 = onnx.MatMul(%29, %30) {opset = 20 : i64} : (tensor<?x6x4xf32>, tensor<?x4x1xf32>) -> tensor<?x6x1xf32>
  %32 = onnx.Squeeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x6x1xf32>, tensor<1xi64>) -> tensor<?x6xf32>
  %33 = onnx.Gather(%11, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6xf32>, tensor<?xi64>) -> tensor<?x6xf32>
  %34 = onnx.Add(%32, %33) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x6xf32>) -> tensor<?x6xf32>
  %35:2 = onnx.Split(%34) {axis = -1 : i64, num_outputs = 2 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  %36 = onnx.Sigmoid(%35#0) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %37 = onnx.Mul(%35#0, %36) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %38 = onnx.Mul(%37, %35#1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %39 = onnx.Unsqueeze(%25, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %40 = onnx.Gather(%13, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %41 = onnx.Unsqueeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %42 = onnx.MatMul(%40, %41) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %43 = onnx.Squeeze(%42, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %44 = onnx.Gather(%16, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %45 = onnx.Add(%43, %44) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %46 = onnx.Mul(%45, %39) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %47 = onnx.Reshape(%46, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %48 = onnx.ReduceSum(%47, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %48 : tensor<?x4xf32>
}

// Tokens gathered by position, ids clamped to themselves, a mask that is always
// true.
// CHECK-LABEL: func @positions
func.func @positions(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c6_i64 = onnx.Constant dense<6> : tensor<i64>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c5_i64 = onnx.Constant dense<5> : tensor<i64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %c1_2_2_i64 = onnx.Constant dense<[1, 2]> : tensor<2xi64>
  %16 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %20 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %26 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %27 = onnx.Softmax(%26) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %28:2 = onnx.TopK(%27, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %29 = onnx.ReduceSum(%28#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %30 = onnx.Div(%28#0, %29) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %31 = onnx.Reshape(%28#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %32 = onnx.Reshape(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %33 = onnx.Less(%31, %c6_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi1>
  %34 = onnx.Clip(%31, %c0_i64, %c5_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %35 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %36 = onnx.Slice(%35, %c0_1_i64, %c1_1_i64) {opset = 20 : i64} : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %37 = onnx.Squeeze(%36, %c0_1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
  %38 = onnx.Range(%c0_i64, %37, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %39 = onnx.Unsqueeze(%38, %c1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %40 = onnx.Expand(%39, %c1_2_2_i64) {opset = 20 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi64>
  %41 = onnx.Reshape(%40, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %42 = onnx.Gather(%arg0, %41) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %43 = onnx.Gather(%16, %34) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %44 = onnx.Unsqueeze(%42, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %45 = onnx.MatMul(%43, %44) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %46 = onnx.Squeeze(%45, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %47 = onnx.Relu(%46) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %48 = onnx.Unsqueeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %49 = onnx.Gather(%20, %34) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %50 = onnx.Unsqueeze(%47, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %51 = onnx.MatMul(%49, %50) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %52 = onnx.Squeeze(%51, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %53 = onnx.Mul(%52, %48) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %54 = onnx.Unsqueeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi1>, tensor<1xi64>) -> tensor<?x1xi1>
  %55 = onnx.Cast(%54) {opset = 20 : i64, to = 1 : i64} : (tensor<?x1xi1>) -> tensor<?x1xf32>
  %56 = onnx.Mul(%53, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %57 = onnx.Reshape(%56, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %58 = onnx.ReduceSum(%57, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %58 : tensor<?x4xf32>
}

// Batch and sequence kept apart; gpt-oss' clamped and interleaved experts.
// CHECK-LABEL: func @rank3
func.func @rank3(%arg0: tensor<?x?x4xf32>) -> (tensor<?x?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}} bias %{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<silu>, alpha = 1.702{{[0-9E+-]*}}e+00 : f32, beta = 1.000{{[0-9E+-]*}}e+00 : f32, form = "C", fusion = #moe.fusion<interleaved>{{.*}}limit = 5.000{{[0-9E+-]*}}e-01 : f32
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_2_1_4_i64 = onnx.Constant dense<[1, 1, 2, 1]> : tensor<4xi64>
  %c4_1_i64 = onnx.Constant dense<4> : tensor<1xi64>
  %6 = onnx.Weight "w2" <"model.data", 0, 576> : tensor<6x6x4xf32>
  %8 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<6x6xf32>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %c9223372036854775807_1_i64 = onnx.Constant dense<9223372036854775807> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c5_000000em01_f32 = onnx.Constant dense<5.000000e-01> : tensor<f32>
  %cm5_000000em01_f32 = onnx.Constant dense<-5.000000e-01> : tensor<f32>
  %c1_702000e_00_f32 = onnx.Constant dense<1.702000e+00> : tensor<f32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %22 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %27 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x?x4xf32>, tensor<4x6xf32>) -> tensor<?x?x6xf32>
  %28 = onnx.Softmax(%27) {opset = 20 : i64} : (tensor<?x?x6xf32>) -> tensor<?x?x6xf32>
  %29:2 = onnx.TopK(%28, %c2_1_i64) {opset = 20 : i64} : (tensor<?x?x6xf32>, tensor<1xi64>) -> (tensor<?x?x2xf32>, tensor<?x?x2xi64>)
  %30 = onnx.ReduceSum(%29#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x?x2xf32>, tensor<1xi64>) -> tensor<?x?x1xf32>
  %31 = onnx.Div(%29#0, %30) {opset = 20 : i64} : (tensor<?x?x2xf32>, tensor<?x?x1xf32>) -> tensor<?x?x2xf32>
  %32 = onnx.Unsqueeze(%arg0, %c2_1_i64) {opset = 20 : i64} : (tensor<?x?x4xf32>, tensor<1xi64>) -> tensor<?x?x1x4xf32>
  %33 = onnx.Expand(%32, %c1_1_2_1_4_i64) {opset = 20 : i64} : (tensor<?x?x1x4xf32>, tensor<4xi64>) -> tensor<?x?x2x4xf32>
  %34 = onnx.Unsqueeze(%33, %c4_1_i64) {opset = 20 : i64} : (tensor<?x?x2x4xf32>, tensor<1xi64>) -> tensor<?x?x2x4x1xf32>
  %35 = onnx.Gather(%6, %29#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6x4xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x6x4xf32>
  %36 = onnx.MatMul(%35, %34) {opset = 20 : i64} : (tensor<?x?x2x6x4xf32>, tensor<?x?x2x4x1xf32>) -> tensor<?x?x2x6x1xf32>
  %37 = onnx.Squeeze(%36, %c4_1_i64) {opset = 20 : i64} : (tensor<?x?x2x6x1xf32>, tensor<1xi64>) -> tensor<?x?x2x6xf32>
  %38 = onnx.Gather(%8, %29#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x6xf32>
  %39 = onnx.Add(%37, %38) {opset = 20 : i64} : (tensor<?x?x2x6xf32>, tensor<?x?x2x6xf32>) -> tensor<?x?x2x6xf32>
  %40 = onnx.Slice(%39, %c0_1_i64, %c9223372036854775807_1_i64, %cm1_1_i64, %c2_1_i64) {opset = 20 : i64} : (tensor<?x?x2x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?x2x3xf32>
  %41 = onnx.Slice(%39, %c1_1_i64, %c9223372036854775807_1_i64, %cm1_1_i64, %c2_1_i64) {opset = 20 : i64} : (tensor<?x?x2x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x?x2x3xf32>
  %42 = onnx.Min(%40, %c5_000000em01_f32) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<f32>) -> tensor<?x?x2x3xf32>
  %43 = onnx.Min(%41, %c5_000000em01_f32) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<f32>) -> tensor<?x?x2x3xf32>
  %44 = onnx.Max(%43, %cm5_000000em01_f32) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<f32>) -> tensor<?x?x2x3xf32>
  %45 = onnx.Mul(%c1_702000e_00_f32, %42) {opset = 20 : i64} : (tensor<f32>, tensor<?x?x2x3xf32>) -> tensor<?x?x2x3xf32>
  %46 = onnx.Sigmoid(%45) {opset = 20 : i64} : (tensor<?x?x2x3xf32>) -> tensor<?x?x2x3xf32>
  %47 = onnx.Mul(%42, %46) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<?x?x2x3xf32>) -> tensor<?x?x2x3xf32>
  %48 = onnx.Add(%44, %c1_000000e_00_f32) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<f32>) -> tensor<?x?x2x3xf32>
  %49 = onnx.Mul(%48, %47) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<?x?x2x3xf32>) -> tensor<?x?x2x3xf32>
  %50 = onnx.Gather(%22, %29#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x4x3xf32>
  %51 = onnx.Unsqueeze(%49, %c4_1_i64) {opset = 20 : i64} : (tensor<?x?x2x3xf32>, tensor<1xi64>) -> tensor<?x?x2x3x1xf32>
  %52 = onnx.MatMul(%50, %51) {opset = 20 : i64} : (tensor<?x?x2x4x3xf32>, tensor<?x?x2x3x1xf32>) -> tensor<?x?x2x4x1xf32>
  %53 = onnx.Squeeze(%52, %c4_1_i64) {opset = 20 : i64} : (tensor<?x?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x?x2x4xf32>
  %54 = onnx.Unsqueeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x?x2xf32>, tensor<1xi64>) -> tensor<?x?x2x1xf32>
  %55 = onnx.Mul(%53, %54) {opset = 20 : i64} : (tensor<?x?x2x4xf32>, tensor<?x?x2x1xf32>) -> tensor<?x?x2x4xf32>
  %56 = onnx.ReduceSum(%55, %c2_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x?x2x4xf32>, tensor<1xi64>) -> tensor<?x?x4xf32>
  return %56 : tensor<?x?x4xf32>
}

// A transposed bank is read in another layout, not copied; gate and up apart.
// CHECK-LABEL: func @transposed
func.func @transposed(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
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
  %9 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %13 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %18 = onnx.Weight "w4" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %23 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %24 = onnx.Softmax(%23) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %25:2 = onnx.TopK(%24, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %26 = onnx.ReduceSum(%25#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %27 = onnx.Div(%25#0, %26) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %28 = onnx.Reshape(%25#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %29 = onnx.Reshape(%27, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %30 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %31 = onnx.Tile(%30, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %32 = onnx.Reshape(%31, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %33 = onnx.Unsqueeze(%32, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %34 = onnx.Transpose(%9) {opset = 20 : i64, perm = array<i64: 0, 2, 1>} : (tensor<6x3x4xf32>) -> tensor<6x4x3xf32>
  %35 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %36 = onnx.GatherND(%34, %35) {opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x1xi64>) -> tensor<?x4x3xf32>
  %37 = onnx.MatMul(%33, %36) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<?x4x3xf32>) -> tensor<?x1x3xf32>
  %38 = onnx.Squeeze(%37, %c1_1_i64) {opset = 20 : i64} : (tensor<?x1x3xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %39 = onnx.Unsqueeze(%32, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %40 = onnx.Transpose(%13) {opset = 20 : i64, perm = array<i64: 0, 2, 1>} : (tensor<6x3x4xf32>) -> tensor<6x4x3xf32>
  %41 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %42 = onnx.GatherND(%40, %41) {opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x1xi64>) -> tensor<?x4x3xf32>
  %43 = onnx.MatMul(%39, %42) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<?x4x3xf32>) -> tensor<?x1x3xf32>
  %44 = onnx.Squeeze(%43, %c1_1_i64) {opset = 20 : i64} : (tensor<?x1x3xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %45 = onnx.Sigmoid(%38) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %46 = onnx.Mul(%38, %45) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %47 = onnx.Mul(%46, %44) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %48 = onnx.Unsqueeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %49 = onnx.Unsqueeze(%47, %c1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x1x3xf32>
  %50 = onnx.Transpose(%18) {opset = 20 : i64, perm = array<i64: 0, 2, 1>} : (tensor<6x4x3xf32>) -> tensor<6x3x4xf32>
  %51 = onnx.Unsqueeze(%28, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %52 = onnx.GatherND(%50, %51) {opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x1xi64>) -> tensor<?x3x4xf32>
  %53 = onnx.MatMul(%49, %52) {opset = 20 : i64} : (tensor<?x1x3xf32>, tensor<?x3x4xf32>) -> tensor<?x1x4xf32>
  %54 = onnx.Squeeze(%53, %c1_1_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %55 = onnx.Mul(%54, %48) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %56 = onnx.Reshape(%55, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %57 = onnx.ReduceSum(%56, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %57 : tensor<?x4xf32>
}

// Rows added to their tokens.
// CHECK-LABEL: func @added
func.func @added(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
  // CHECK: moe.dispatch
  // CHECK: moe.experts %{{.*}} fc1(%{{[^ ]*}}) fc2(%{{[^ ]*}}) {activation = #moe.activation<relu>, form = "C"
  // CHECK: moe.combine
  // CHECK-NOT: onnx.TopK
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %c1_2_2_i64 = onnx.Constant dense<[1, 2]> : tensor<2xi64>
  %13 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %17 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %21 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %22 = onnx.Softmax(%21) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %23:2 = onnx.TopK(%22, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %24 = onnx.ReduceSum(%23#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %25 = onnx.Div(%23#0, %24) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %26 = onnx.Reshape(%23#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %27 = onnx.Reshape(%25, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %28 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %29 = onnx.Slice(%28, %c0_1_i64, %c1_1_i64) {opset = 20 : i64} : (tensor<2xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %30 = onnx.Squeeze(%29, %c0_1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<1xi64>) -> tensor<i64>
  %31 = onnx.Range(%c0_i64, %30, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %32 = onnx.Unsqueeze(%31, %c1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %33 = onnx.Expand(%32, %c1_2_2_i64) {opset = 20 : i64} : (tensor<?x1xi64>, tensor<2xi64>) -> tensor<?x2xi64>
  %34 = onnx.Reshape(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %35 = onnx.Gather(%arg0, %34) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %36 = onnx.Gather(%13, %26) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %37 = onnx.Unsqueeze(%35, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %38 = onnx.MatMul(%36, %37) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %39 = onnx.Squeeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %40 = onnx.Relu(%39) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %41 = onnx.Unsqueeze(%27, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %42 = onnx.Gather(%17, %26) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %43 = onnx.Unsqueeze(%40, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %44 = onnx.MatMul(%42, %43) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %45 = onnx.Squeeze(%44, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %46 = onnx.Mul(%45, %41) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %47 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %48 = onnx.ConstantOfShape(%47) {opset = 20 : i64, value = dense<0.000000e+00> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x4xf32>
  %49 = onnx.Unsqueeze(%34, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %50 = onnx.ScatterND(%48, %49, %46) {opset = 20 : i64, reduction = "add"} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %50 : tensor<?x4xf32>
}

// The sum over choices as a product.
// CHECK-LABEL: func @product
func.func @product(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
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
  %10 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %16 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %17 = onnx.Softmax(%16) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %18:2 = onnx.TopK(%17, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %19 = onnx.ReduceSum(%18#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %20 = onnx.Div(%18#0, %19) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %21 = onnx.Reshape(%18#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %22 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %23 = onnx.Tile(%22, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %24 = onnx.Reshape(%23, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %25 = onnx.Gather(%7, %21) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %26 = onnx.Unsqueeze(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %27 = onnx.MatMul(%25, %26) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %28 = onnx.Squeeze(%27, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %29 = onnx.Relu(%28) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %30 = onnx.Gather(%10, %21) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %31 = onnx.Unsqueeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %32 = onnx.MatMul(%30, %31) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %33 = onnx.Squeeze(%32, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %34 = onnx.Unsqueeze(%20, %c1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1x2xf32>
  %35 = onnx.Reshape(%33, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %36 = onnx.MatMul(%34, %35) {opset = 20 : i64} : (tensor<?x1x2xf32>, tensor<?x2x4xf32>) -> tensor<?x1x4xf32>
  %37 = onnx.Squeeze(%36, %c1_1_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %37 : tensor<?x4xf32>
}

// Weights before the second product.
// CHECK-LABEL: func @early_weights
func.func @early_weights(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
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
  %32 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %33 = onnx.Mul(%31, %32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x3xf32>
  %34 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %35 = onnx.Unsqueeze(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %36 = onnx.MatMul(%34, %35) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %37 = onnx.Squeeze(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %38 = onnx.Reshape(%37, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %39 = onnx.ReduceSum(%38, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %39 : tensor<?x4xf32>
}

// A static batch of one token.
// CHECK-LABEL: func @one_token
func.func @one_token(%arg0: tensor<1x4xf32>) -> (tensor<1x4xf32>) {
  // CHECK: moe.route %{{.*}} {k = 2 : i64, normalize = #moe.normalize<sum>}
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
  %8 = onnx.Weight "w2" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %12 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<1x4xf32>, tensor<4x6xf32>) -> tensor<1x6xf32>
  %18 = onnx.Softmax(%17) {opset = 20 : i64} : (tensor<1x6xf32>) -> tensor<1x6xf32>
  %19:2 = onnx.TopK(%18, %c2_1_i64) {opset = 20 : i64} : (tensor<1x6xf32>, tensor<1xi64>) -> (tensor<1x2xf32>, tensor<1x2xi64>)
  %20 = onnx.ReduceSum(%19#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<1x2xf32>, tensor<1xi64>) -> tensor<1x1xf32>
  %21 = onnx.Div(%19#0, %20) {opset = 20 : i64} : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
  %22 = onnx.Reshape(%19#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<1x2xi64>, tensor<1xi64>) -> tensor<2xi64>
  %23 = onnx.Reshape(%21, %cm1_1_i64) {opset = 20 : i64} : (tensor<1x2xf32>, tensor<1xi64>) -> tensor<2xf32>
  %24 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<1x4xf32>, tensor<1xi64>) -> tensor<1x1x4xf32>
  %25 = onnx.Tile(%24, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<1x1x4xf32>, tensor<3xi64>) -> tensor<1x2x4xf32>
  %26 = onnx.Reshape(%25, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<1x2x4xf32>, tensor<2xi64>) -> tensor<2x4xf32>
  %27 = onnx.Gather(%8, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<2xi64>) -> tensor<2x3x4xf32>
  %28 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<2x4xf32>, tensor<1xi64>) -> tensor<2x4x1xf32>
  %29 = onnx.MatMul(%27, %28) {opset = 20 : i64} : (tensor<2x3x4xf32>, tensor<2x4x1xf32>) -> tensor<2x3x1xf32>
  %30 = onnx.Squeeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<2x3x1xf32>, tensor<1xi64>) -> tensor<2x3xf32>
  %31 = onnx.Relu(%30) {opset = 20 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %32 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<2xf32>, tensor<1xi64>) -> tensor<2x1xf32>
  %33 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<2xi64>) -> tensor<2x4x3xf32>
  %34 = onnx.Unsqueeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x3x1xf32>
  %35 = onnx.MatMul(%33, %34) {opset = 20 : i64} : (tensor<2x4x3xf32>, tensor<2x3x1xf32>) -> tensor<2x4x1xf32>
  %36 = onnx.Squeeze(%35, %cm1_1_i64) {opset = 20 : i64} : (tensor<2x4x1xf32>, tensor<1xi64>) -> tensor<2x4xf32>
  %37 = onnx.Mul(%36, %32) {opset = 20 : i64} : (tensor<2x4xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %38 = onnx.Reshape(%37, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<2x4xf32>, tensor<3xi64>) -> tensor<1x2x4xf32>
  %39 = onnx.ReduceSum(%38, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<1x2x4xf32>, tensor<1xi64>) -> tensor<1x4xf32>
  return %39 : tensor<1x4xf32>
}
