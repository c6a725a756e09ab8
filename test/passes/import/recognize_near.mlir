// RUN: moe-opt %s --moe-recognize | FileCheck %s

// What has most parts of a MoE layer and computes something else.

// A table of matrices by position and some one-hot positions beside it are no
// MoE layer, and no partial trace of one.
// CHECK-LABEL: func @embedding
func.func @embedding(%positions: tensor<?xi64>) -> (tensor<?x2x3xf32>, tensor<?xf32>) {
  // CHECK: onnx.OneHot
  // CHECK-NOT: moe.
  %six = onnx.Constant dense<6> : tensor<i64>
  %two = onnx.Constant dense<2> : tensor<i64>
  %values = onnx.Constant dense<[0.0, 1.0]> : tensor<2xf32>
  %table = onnx.Weight "table" <"model.data", 0, 144> : tensor<6x2x3xf32>
  %0 = onnx.Gather(%table, %positions) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x2x3xf32>, tensor<?xi64>) -> tensor<?x2x3xf32>
  %1 = onnx.OneHot(%positions, %six, %values) {opset = 20 : i64} : (tensor<?xi64>, tensor<i64>, tensor<2xf32>) -> tensor<?x6xf32>
  %2 = onnx.Gather(%1, %two) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<i64>) -> tensor<?xf32>
  return %0, %2 : tensor<?x2x3xf32>, tensor<?xf32>
}

// Not the rows of each expert are counted, but the choices of each token.
// CHECK-LABEL: func @by_token
func.func @by_token(%arg0: tensor<3x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK-NOT: moe.experts
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c3_i64 = onnx.Constant dense<3> : tensor<i64>
  %c0_1_2_i64 = onnx.Constant dense<[0, 1]> : tensor<2xi64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %10 = onnx.Weight "w2" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %14 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x4x3xf32>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<3x4xf32>, tensor<4x3xf32>) -> tensor<3x3xf32>
  %21 = onnx.Softmax(%20) {opset = 20 : i64} : (tensor<3x3xf32>) -> tensor<3x3xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 20 : i64} : (tensor<3x3xf32>, tensor<1xi64>) -> (tensor<3x2xf32>, tensor<3x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<3x2xf32>, tensor<1xi64>) -> tensor<3x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 20 : i64} : (tensor<3x2xf32>, tensor<3x1xf32>) -> tensor<3x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<3x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<3x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Size(%25) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<i64>
  %28 = onnx.Reshape(%27, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %29:2 = onnx.TopK(%25, %28) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %q0 = onnx.Cast(%29#1) {opset = 20 : i64, to = 1 : i64} : (tensor<?xi64>) -> tensor<?xf32>
  %q1 = onnx.Div(%q0, %two) {opset = 20 : i64} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q2 = onnx.Abs(%q1) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q3 = onnx.Floor(%q2) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q4 = onnx.Sign(%q1) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q5 = onnx.Mul(%q3, %q4) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xf32>) -> tensor<?xf32>
  %30 = onnx.Cast(%q5) {opset = 20 : i64, to = 7 : i64} : (tensor<?xf32>) -> tensor<?xi64>
  %31 = onnx.Gather(%arg0, %30) {opset = 20 : i64} : (tensor<3x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %m0 = onnx.OneHot(%22#1, %c3_i64, %c0_1_2_i64) {opset = 20 : i64} : (tensor<3x2xi64>, tensor<i64>, tensor<2xi64>) -> tensor<3x2x3xi64>
  %m1 = onnx.Transpose(%m0) {opset = 20 : i64, perm = array<i64: 2, 1, 0>} : (tensor<3x2x3xi64>) -> tensor<3x2x3xi64>
  %m2 = onnx.ReduceSum(%m1, %c1_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<3x2x3xi64>, tensor<1xi64>) -> tensor<3x3xi64>
  %33 = onnx.ReduceSum(%m2, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<3x3xi64>, tensor<1xi64>) -> tensor<3xi64>
  %34:3 = onnx.Split(%31, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  %35 = onnx.Gather(%10, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %36 = onnx.Transpose(%35) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %37 = onnx.Gather(%10, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %38 = onnx.Transpose(%37) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %39 = onnx.Gather(%10, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %40 = onnx.Transpose(%39) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %41 = onnx.MatMul(%34#0, %36) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %42 = onnx.MatMul(%34#1, %38) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %43 = onnx.MatMul(%34#2, %40) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %44 = onnx.Concat(%41, %42, %43) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %45 = onnx.Relu(%44) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %46:3 = onnx.Split(%45, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<3xi64>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>)
  %47 = onnx.Gather(%14, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %48 = onnx.Transpose(%47) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %49 = onnx.Gather(%14, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %50 = onnx.Transpose(%49) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %51 = onnx.Gather(%14, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %52 = onnx.Transpose(%51) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %53 = onnx.MatMul(%46#0, %48) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %54 = onnx.MatMul(%46#1, %50) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %55 = onnx.MatMul(%46#2, %52) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %56 = onnx.Concat(%53, %54, %55) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %57 = onnx.Gather(%26, %29#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %58 = onnx.Unsqueeze(%57, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %59 = onnx.Mul(%56, %58) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %60 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<3x4xf32>) -> tensor<2xi64>
  %61 = onnx.ConstantOfShape(%60) {opset = 20 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
  %62 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %63 = onnx.ScatterND(%61, %62, %59) {opset = 20 : i64, reduction = "add"} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %63 : tensor<?x4xf32>
}

// Rounded with the signs of other rows.
// CHECK-LABEL: func @other_signs
func.func @other_signs(%arg0: tensor<?x4xf32>) -> (tensor<?x4xf32>) {
  // CHECK-NOT: moe.experts
  %0 = onnx.Weight "w1" <"model.data", 0, 48> : tensor<4x3xf32>
  %c2_1_i64 = onnx.Constant dense<2> : tensor<1xi64>
  %cm1_1_i64 = onnx.Constant dense<-1> : tensor<1xi64>
  %c1_1_i64 = onnx.Constant dense<1> : tensor<1xi64>
  %c2_i64 = onnx.Constant dense<2> : tensor<i64>
  %c3_i64 = onnx.Constant dense<3> : tensor<i64>
  %c0_1_2_i64 = onnx.Constant dense<[0, 1]> : tensor<2xi64>
  %c0_1_i64 = onnx.Constant dense<0> : tensor<1xi64>
  %10 = onnx.Weight "w2" <"model.data", 0, 144> : tensor<3x3x4xf32>
  %c0_i64 = onnx.Constant dense<0> : tensor<i64>
  %c1_i64 = onnx.Constant dense<1> : tensor<i64>
  %14 = onnx.Weight "w3" <"model.data", 0, 144> : tensor<3x4x3xf32>
  %20 = onnx.MatMul(%arg0, %0) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %21 = onnx.Softmax(%20) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %22:2 = onnx.TopK(%21, %c2_1_i64) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %23 = onnx.ReduceSum(%22#0, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %24 = onnx.Div(%22#0, %23) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
  %25 = onnx.Reshape(%22#1, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %26 = onnx.Reshape(%24, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %27 = onnx.Size(%25) {opset = 20 : i64} : (tensor<?xi64>) -> tensor<i64>
  %28 = onnx.Reshape(%27, %c1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %29:2 = onnx.TopK(%25, %28) {largest = 0 : i64, opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> (tensor<?xi64>, tensor<?xi64>)
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %q0 = onnx.Cast(%29#1) {opset = 20 : i64, to = 1 : i64} : (tensor<?xi64>) -> tensor<?xf32>
  %q1 = onnx.Div(%q0, %two) {opset = 20 : i64} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  %q2 = onnx.Abs(%q1) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q3 = onnx.Floor(%q2) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %q4 = onnx.Sign(%q1) {opset = 20 : i64} : (tensor<?xf32>) -> tensor<?xf32>
  %pairs = onnx.Constant dense<[-1, 2]> : tensor<2xi64>
  %r0 = onnx.Reshape(%q3, %pairs) {opset = 20 : i64} : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x2xf32>
  %r1 = onnx.Reshape(%q4, %pairs) {opset = 20 : i64} : (tensor<?xf32>, tensor<2xi64>) -> tensor<?x2xf32>
  %r2 = onnx.Transpose(%r1) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<?x2xf32>) -> tensor<2x?xf32>
  %r3 = onnx.Mul(%r0, %r2) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2x?xf32>) -> tensor<?x2xf32>
  %q5 = onnx.Reshape(%r3, %cm1_1_i64) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?xf32>
  %30 = onnx.Cast(%q5) {opset = 20 : i64, to = 7 : i64} : (tensor<?xf32>) -> tensor<?xi64>
  %31 = onnx.Gather(%arg0, %30) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?xi64>) -> tensor<?x4xf32>
  %m0 = onnx.Shape(%20) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<2xi64>
  %m1 = onnx.ConstantOfShape(%m0) {opset = 20 : i64} : (tensor<2xi64>) -> tensor<?x3xf32>
  %m2 = onnx.Shape(%22#1) {opset = 20 : i64} : (tensor<?x2xi64>) -> tensor<2xi64>
  %m3 = onnx.ConstantOfShape(%m2) {opset = 20 : i64, value = dense<1.0> : tensor<1xf32>} : (tensor<2xi64>) -> tensor<?x2xf32>
  %m4 = onnx.ScatterElements(%m1, %22#1, %m3) {axis = 1 : i64, opset = 20 : i64, reduction = "none"} : (tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %m5 = onnx.Cast(%m4) {opset = 20 : i64, to = 7 : i64} : (tensor<?x3xf32>) -> tensor<?x3xi64>
  %m6 = onnx.ReduceSum(%m5, %c0_1_i64) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x3xi64>, tensor<1xi64>) -> tensor<3xi64>
  %c3_1_i64 = onnx.Constant dense<3> : tensor<1xi64>
  %n0 = onnx.Slice(%m6, %c0_1_i64, %c1_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %n1 = onnx.Gather(%m6, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3xi64>, tensor<i64>) -> tensor<i64>
  %n2 = onnx.Reshape(%n1, %cm1_1_i64) {opset = 20 : i64} : (tensor<i64>, tensor<1xi64>) -> tensor<1xi64>
  %n3 = onnx.Slice(%m6, %c2_1_i64, %c3_1_i64, %c0_1_i64) {opset = 20 : i64} : (tensor<3xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  %33 = onnx.Concat(%n0, %n2, %n3) {axis = 0 : i64, opset = 20 : i64} : (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<3xi64>
  %34:3 = onnx.Split(%31, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  %35 = onnx.Gather(%10, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %36 = onnx.Transpose(%35) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %37 = onnx.Gather(%10, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %38 = onnx.Transpose(%37) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %39 = onnx.Gather(%10, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x3x4xf32>, tensor<i64>) -> tensor<3x4xf32>
  %40 = onnx.Transpose(%39) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %41 = onnx.MatMul(%34#0, %36) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %42 = onnx.MatMul(%34#1, %38) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %43 = onnx.MatMul(%34#2, %40) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x3xf32>) -> tensor<?x3xf32>
  %44 = onnx.Concat(%41, %42, %43) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %45 = onnx.Relu(%44) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %46:3 = onnx.Split(%45, %33) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x3xf32>, tensor<3xi64>) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>)
  %47 = onnx.Gather(%14, %c0_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %48 = onnx.Transpose(%47) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %49 = onnx.Gather(%14, %c1_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %50 = onnx.Transpose(%49) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %51 = onnx.Gather(%14, %c2_i64) {axis = 0 : i64, opset = 20 : i64} : (tensor<3x4x3xf32>, tensor<i64>) -> tensor<4x3xf32>
  %52 = onnx.Transpose(%51) {opset = 20 : i64, perm = array<i64: 1, 0>} : (tensor<4x3xf32>) -> tensor<3x4xf32>
  %53 = onnx.MatMul(%46#0, %48) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %54 = onnx.MatMul(%46#1, %50) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %55 = onnx.MatMul(%46#2, %52) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<3x4xf32>) -> tensor<?x4xf32>
  %56 = onnx.Concat(%53, %54, %55) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %57 = onnx.Gather(%26, %29#1) {opset = 20 : i64} : (tensor<?xf32>, tensor<?xi64>) -> tensor<?xf32>
  %58 = onnx.Unsqueeze(%57, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %59 = onnx.Mul(%56, %58) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %60 = onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<2xi64>
  %61 = onnx.ConstantOfShape(%60) {opset = 20 : i64} : (tensor<2xi64>) -> tensor<?x4xf32>
  %62 = onnx.Unsqueeze(%30, %cm1_1_i64) {opset = 20 : i64} : (tensor<?xi64>, tensor<1xi64>) -> tensor<?x1xi64>
  %63 = onnx.ScatterND(%61, %62, %59) {opset = 20 : i64, reduction = "add"} : (tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %63 : tensor<?x4xf32>
}
