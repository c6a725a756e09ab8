// RUN: moe-opt %s --moe-recognize --split-input-file --verify-diagnostics

// What looks like a MoE layer and is not raised says why; what computes other experts
// than its router chooses is an error.

// The weights are not a factor of the experts' outputs: fc2 has a bias.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
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
  // expected-remark@+1 {{the choices are summed without weights}}
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
  %40 = onnx.Mul(%38, %39) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x3xf32>
  %41 = onnx.Gather(%13, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %42 = onnx.Unsqueeze(%40, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %43 = onnx.MatMul(%41, %42) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %44 = onnx.Squeeze(%43, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %45 = onnx.Gather(%16, %24) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %46 = onnx.Add(%44, %45) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %47 = onnx.Reshape(%46, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %48 = onnx.ReduceSum(%47, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %48 : tensor<?x4xf32>
}

// -----

// [up | gate] is none of the layouts.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
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
  // expected-remark@+1 {{gate and up are neither the halves nor the even and odd features of one product, gate first}}
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
  %32 = onnx.Sigmoid(%31#1) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %33 = onnx.Mul(%31#1, %32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %34 = onnx.Mul(%33, %31#0) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %35 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %36 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %37 = onnx.Unsqueeze(%34, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %38 = onnx.MatMul(%36, %37) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %39 = onnx.Squeeze(%38, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %40 = onnx.Mul(%39, %35) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %41 = onnx.Reshape(%40, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %42 = onnx.ReduceSum(%41, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %42 : tensor<?x4xf32>
}

// -----

// Only the gate is clamped.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 576> : tensor<6x6x4xf32>
  %c2_000000e_00_f32 = onnx.Constant dense<2.000000e+00> : tensor<f32>
  %13 = onnx.Weight "w3" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %18 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %19 = onnx.Softmax(%18) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{gate and up are clamped in a way that moe.experts has not}}
  %20:2 = onnx.TopK(%19, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %21 = onnx.ReduceSum(%20#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %22 = onnx.Div(%20#0, %21) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %23 = onnx.Reshape(%20#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %24 = onnx.Reshape(%22, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %25 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %26 = onnx.Tile(%25, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %27 = onnx.Reshape(%26, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %28 = onnx.Gather(%8, %23) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6x4xf32>, tensor<?xi64>) -> tensor<?x6x4xf32>
  %29 = onnx.Unsqueeze(%27, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %30 = onnx.MatMul(%28, %29) {opset = 20 : i64} : (tensor<?x6x4xf32>, tensor<?x4x1xf32>) -> tensor<?x6x1xf32>
  %31 = onnx.Squeeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x6x1xf32>, tensor<1xi64>) -> tensor<?x6xf32>
  %32:2 = onnx.Split(%31) {axis = -1 : i64, num_outputs = 2 : i64, opset = 20 : i64} : (tensor<?x6xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>)
  %33 = onnx.Min(%32#0, %c2_000000e_00_f32) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %34 = onnx.Sigmoid(%33) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %35 = onnx.Mul(%33, %34) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %36 = onnx.Mul(%35, %32#1) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %37 = onnx.Unsqueeze(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %38 = onnx.Gather(%13, %23) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %39 = onnx.Unsqueeze(%36, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %40 = onnx.MatMul(%38, %39) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %41 = onnx.Squeeze(%40, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %42 = onnx.Mul(%41, %37) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %43 = onnx.Reshape(%42, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %44 = onnx.ReduceSum(%43, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %44 : tensor<?x4xf32>
}

// -----

// An activation that moe.experts has not.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
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
  // expected-remark@+1 {{the experts' activation is none that moe.experts knows}}
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
  %31 = onnx.Exp(%30) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
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

// -----

// A sort of some rows only.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x1xf32>) {
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %4 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %5 = onnx.Softmax(%4) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{the length of the sort by expert is not provably the number of rows}}
  %6:2 = onnx.TopK(%5, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %7 = onnx.Reshape(%6#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %8 = onnx.Shape(%arg0) {end = 1 : i64, opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<1xi64>
  %9:2 = onnx.TopK(%7, %8) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %10 = onnx.Unsqueeze(%9#0, %c1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %11 = onnx.Cast(%10) {opset = 20 : i64, to = 1 : i64} : (tensor<?x1xi64>) -> tensor<?x1xf32>
  return %11 : tensor<?x1xf32>
}

// -----

// Banks of another number of experts.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c1_2_1_3_i64 = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %cm1_4_2_i64 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %8 = onnx.Weight "w2" <"model.data", 0, 384> : tensor<8x3x4xf32>
  %12 = onnx.Weight "w3" <"model.data", 0, 384> : tensor<8x4x3xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %17 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %18 = onnx.Softmax(%17) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-error@+1 {{MoE layer of this router: a bank has 8 experts, the router chooses among 6}}
  %19:2 = onnx.TopK(%18, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %20 = onnx.ReduceSum(%19#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %21 = onnx.Div(%19#0, %20) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %22 = onnx.Reshape(%19#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %23 = onnx.Reshape(%21, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %24 = onnx.Unsqueeze(%arg0, %c1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %25 = onnx.Tile(%24, %c1_2_1_3_i64) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %26 = onnx.Reshape(%25, %cm1_4_2_i64) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %27 = onnx.Gather(%8, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<8x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %28 = onnx.Unsqueeze(%26, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %29 = onnx.MatMul(%27, %28) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %30 = onnx.Squeeze(%29, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %31 = onnx.Relu(%30) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %32 = onnx.Unsqueeze(%23, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %33 = onnx.Gather(%12, %22) {axis = 0 : i64, opset = 20 : i64} : (tensor<8x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %34 = onnx.Unsqueeze(%31, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %35 = onnx.MatMul(%33, %34) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %36 = onnx.Squeeze(%35, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %37 = onnx.Mul(%36, %32) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %38 = onnx.Reshape(%37, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %39 = onnx.ReduceSum(%38, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %39 : tensor<?x4xf32>
}

// -----

// A loop over the experts that some inputs hit.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  %0 = onnx.Weight "w1" <"model.data", 0, 96> : tensor<4x6xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %c6_i64 = onnx.Constant dense<6> : tensor<i64>
  %c0_1_2_i64 = onnx.Constant dense<[0, 1]> : tensor<2xi64>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %7 = onnx.Weight "w2" <"model.data", 0, 64> : tensor<4x4xf32>
  %c3_i64 = onnx.Constant dense<3> : tensor<i64>
  %11 = onnx.Weight "w3" <"model.data", 0, 64> : tensor<4x4xf32>
  %c4_i64 = onnx.Constant dense<4> : tensor<i64>
  %15 = onnx.Weight "w4" <"model.data", 0, 64> : tensor<4x4xf32>
  %16 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %17 = onnx.Softmax(%16) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-error@+1 {{the graph computes 3 of 6 experts; missing: 1, 2, 5}}
  %18:2 = onnx.TopK(%17, %c2_1_i64) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %19 = onnx.OneHot(%18#1, %c6_i64, %c0_1_2_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<i64>, tensor<2xi64>) -> tensor<?x2x6xi64>
  %20 = onnx.Transpose(%19) {opset = 20 : i64, perm = array<i64: 2, 1, 0>} : (tensor<?x2x6xi64>) -> tensor<6x2x?xi64>
  %21 = onnx.Gather(%20, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x2x?xi64>, tensor<i64>) -> tensor<2x?xi64>
  %22 = onnx.ReduceMax(%21, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<2x?xi64>, tensor<1xi64>) -> tensor<?xi64>
  %23 = onnx.Unsqueeze(%22, %c1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %24 = onnx.Cast(%23) {opset = 20 : i64, to = 1 : i64} : (tensor<?x1xi64>) -> tensor<?x1xf32>
  %25 = onnx.MatMul(%arg0, %7) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %26 = onnx.Mul(%25, %24) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %27 = onnx.Gather(%20, %c3_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x2x?xi64>, tensor<i64>) -> tensor<2x?xi64>
  %28 = onnx.ReduceMax(%27, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<2x?xi64>, tensor<1xi64>) -> tensor<?xi64>
  %29 = onnx.Unsqueeze(%28, %c1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %30 = onnx.Cast(%29) {opset = 20 : i64, to = 1 : i64} : (tensor<?x1xi64>) -> tensor<?x1xf32>
  %31 = onnx.MatMul(%arg0, %11) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %32 = onnx.Mul(%31, %30) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %33 = onnx.Add(%26, %32) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %34 = onnx.Gather(%20, %c4_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x2x?xi64>, tensor<i64>) -> tensor<2x?xi64>
  %35 = onnx.ReduceMax(%34, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<2x?xi64>, tensor<1xi64>) -> tensor<?xi64>
  %36 = onnx.Unsqueeze(%35, %c1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %37 = onnx.Cast(%36) {opset = 20 : i64, to = 1 : i64} : (tensor<?x1xi64>) -> tensor<?x1xf32>
  %38 = onnx.MatMul(%arg0, %15) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32>
  %39 = onnx.Mul(%38, %37) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %40 = onnx.Add(%33, %39) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %40 : tensor<?x4xf32>
}

// -----

// A partial trace of form G.
func.func @main(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %cm1_i64 = onnx.Constant dense<-1> : tensor<i64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c0_000000e_00_3_f32 = onnx.Constant dense<0.000000e+00> : tensor<3xf32>
  %c1_000000e_00_f32 = onnx.Constant dense<1.000000e+00> : tensor<f32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %16 = onnx.Weight "w2" <"model.data", 0, 144> : tensor<3x4x3xf32>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %21 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %cm1_2_4_3_i64 = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %29 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %30 = onnx.Softmax(%29) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  // expected-error@+1 {{the graph computes 2 of 3 experts; missing: 2}}
  %31:2 = onnx.TopK(%30, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %32 = onnx.ReduceSum(%31#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %33 = onnx.Div(%31#0, %32) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %34 = onnx.Reshape(%31#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %35 = onnx.Reshape(%33, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %36 = onnx.Shape(%34) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %37 = onnx.Gather(%36, %cm1_i64) {opset = 20 : i64} : (tensor<1xi64>, tensor<i64>) -> tensor<i64>
  %38 = onnx.Reshape(%37, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %39:2 = onnx.TopK(%34, %38) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %40 = onnx.Div(%39#1, %c2_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>) -> tensor<?xi64>
  %41 = onnx.Gather(%arg0, %40) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %42 = onnx.Shape(%34) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %43 = onnx.Expand(%c1_000000e_00_f32, %42) {opset = 20 : i64} : (tensor<f32>, tensor<1xi64>) -> tensor<?xf32>
  %44 = onnx.ScatterElements(%c0_000000e_00_3_f32, %34, %43) {axis = 0 : i64, opset = 20 : i64, reduction = "add"} : (tensor<3xf32>, tensor<?xi64>, tensor<?xf32>) -> tensor<3xf32>
  %45 = onnx.Cast(%44) {opset = 20 : i64, to = 7 : i64} : (tensor<3xf32>) -> tensor<3xi64>
  %46 = onnx.CumSum(%45, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<3xi64>
  %47 = onnx.Gather(%46, %c0_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %48 = onnx.Gather(%46, %c1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %49 = onnx.Range(%c0_i64, %47, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %50 = onnx.Gather(%41, %49) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %51 = onnx.Range(%47, %48, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %52 = onnx.Gather(%41, %51) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %53:3 = onnx.Split(%16) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>) -> (tensor<1x4x3xf32>, tensor<1x4x3xf32>, tensor<1x4x3xf32>)
  %54 = onnx.Squeeze(%53#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  %55 = onnx.Squeeze(%53#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x4x3xf32>, tensor<1xi64>) -> tensor<4x3xf32>
  %56 = onnx.MatMul(%50, %54) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %57 = onnx.MatMul(%52, %55) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %58 = onnx.Concat(%56, %57) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %59 = onnx.Relu(%58) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %60 = onnx.Range(%c0_i64, %47, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %61 = onnx.Gather(%59, %60) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %62 = onnx.Range(%47, %48, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %63 = onnx.Gather(%59, %62) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?xi64>) -> tensor<?x3xf32>
  %64:3 = onnx.Split(%21) {axis = 0 : i64, num_outputs = 3 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4xf32>, tensor<1x3x4xf32>)
  %65 = onnx.Squeeze(%64#0, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %66 = onnx.Squeeze(%64#1, %c0_1_i64) {opset = 20 : i64} : (tensor<1x3x4xf32>, tensor<1xi64>) -> tensor<3x4xf32>
  %67 = onnx.MatMul(%61, %65) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %68 = onnx.MatMul(%63, %66) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %69 = onnx.Concat(%67, %68) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %70 = onnx.Gather(%35, %39#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %71 = onnx.Unsqueeze(%70, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %72 = onnx.Mul(%69, %71) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %73 = onnx.Shape(%39#1) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<1xi64>
  %74 = onnx.ConstantOfShape(%73) {opset = 20 : i64, value = dense<0> : tensor<1xi64>} : (tensor<1xi64>) -> tensor<?xi64>
  %75 = onnx.Range(%c0_i64, %37, %c1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<i64>, tensor<i64>) -> tensor<?xi64>
  %76 = onnx.ScatterElements(%74, %39#1, %75) {axis = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<?xi64>, tensor<?xi64>) -> tensor<?xi64>
  %77 = onnx.Gather(%72, %76) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %78 = onnx.Reshape(%77, %cm1_2_4_3_i64) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %79 = onnx.ReduceSum(%78, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %79 : tensor<?x4xf32>
}
