// RUN: moe-opt %s --moe-recognize | FileCheck %s

// Weights that are gathered by the ids, but are not the scores of the chosen
// experts: they stay as the graph computes them.

// Gathered among the tokens.
// CHECK-LABEL: func @wrong_axis
func.func @wrong_axis(%x: tensor<?x4xf32>, %logits: tensor<?x6xf32>, %o: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: weights_from
  // CHECK: moe.route %{{[^ ]*}} {k = 2 : i64, score = #moe.score<identity>} :
  // CHECK: %[[W:.*]] = onnx.GatherElements(%arg2, 
  // CHECK: moe.combine %{{[^ ]*}}, %{{[^ ]*}}, %[[W]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %middle = onnx.Constant dense<[1, 3]> : tensor<2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %top:2 = onnx.TopK(%logits, %two) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %w = onnx.GatherElements(%o, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %0 = onnx.Gather(%up, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x2xi64>) -> tensor<?x2x3x4xf32>
  %1 = onnx.Unsqueeze(%x, %middle) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x1x4x1xf32>
  %2 = onnx.MatMul(%0, %1) {opset = 20 : i64} : (tensor<?x2x3x4xf32>, tensor<?x1x4x1xf32>) -> tensor<?x2x3x1xf32>
  %3 = onnx.Relu(%2) {opset = 20 : i64} : (tensor<?x2x3x1xf32>) -> tensor<?x2x3x1xf32>
  %4 = onnx.Gather(%down, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x2xi64>) -> tensor<?x2x4x3xf32>
  %5 = onnx.MatMul(%4, %3) {opset = 20 : i64} : (tensor<?x2x4x3xf32>, tensor<?x2x3x1xf32>) -> tensor<?x2x4x1xf32>
  %6 = onnx.Squeeze(%5, %m1) {opset = 20 : i64} : (tensor<?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x2x4xf32>
  %7 = onnx.Unsqueeze(%w, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
  %8 = onnx.Mul(%6, %7) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<?x2x1xf32>) -> tensor<?x2x4xf32>
  %9 = onnx.ReduceSum(%8, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %9 : tensor<?x4xf32>
}

// By other ids.
// CHECK-LABEL: func @remapped
func.func @remapped(%x: tensor<?x4xf32>, %logits: tensor<?x6xf32>, %o: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: weights_from
  // CHECK: moe.route %{{[^ ]*}} {k = 2 : i64, score = #moe.score<identity>} :
  // CHECK: %[[W:.*]] = onnx.GatherElements(%arg2, 
  // CHECK: moe.combine %{{[^ ]*}}, %{{[^ ]*}}, %[[W]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %middle = onnx.Constant dense<[1, 3]> : tensor<2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %top:2 = onnx.TopK(%logits, %two) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %three = onnx.Constant dense<3> : tensor<i64>
  %low = onnx.Min(%top#1, %three) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<i64>) -> tensor<?x2xi64>
  %w = onnx.GatherElements(%o, %low) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %0 = onnx.Gather(%up, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x2xi64>) -> tensor<?x2x3x4xf32>
  %1 = onnx.Unsqueeze(%x, %middle) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x1x4x1xf32>
  %2 = onnx.MatMul(%0, %1) {opset = 20 : i64} : (tensor<?x2x3x4xf32>, tensor<?x1x4x1xf32>) -> tensor<?x2x3x1xf32>
  %3 = onnx.Relu(%2) {opset = 20 : i64} : (tensor<?x2x3x1xf32>) -> tensor<?x2x3x1xf32>
  %4 = onnx.Gather(%down, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x2xi64>) -> tensor<?x2x4x3xf32>
  %5 = onnx.MatMul(%4, %3) {opset = 20 : i64} : (tensor<?x2x4x3xf32>, tensor<?x2x3x1xf32>) -> tensor<?x2x4x1xf32>
  %6 = onnx.Squeeze(%5, %m1) {opset = 20 : i64} : (tensor<?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x2x4xf32>
  %7 = onnx.Unsqueeze(%w, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
  %8 = onnx.Mul(%6, %7) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<?x2x1xf32>) -> tensor<?x2x4xf32>
  %9 = onnx.ReduceSum(%8, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %9 : tensor<?x4xf32>
}

// From more columns than there are experts.
// CHECK-LABEL: func @wider
func.func @wider(%x: tensor<?x4xf32>, %logits: tensor<?x6xf32>, %o: tensor<?x9xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: weights_from
  // CHECK: moe.route %{{[^ ]*}} {k = 2 : i64, score = #moe.score<identity>} :
  // CHECK: %[[W:.*]] = onnx.GatherElements(%arg2, 
  // CHECK: moe.combine %{{[^ ]*}}, %{{[^ ]*}}, %[[W]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %middle = onnx.Constant dense<[1, 3]> : tensor<2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %top:2 = onnx.TopK(%logits, %two) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %w = onnx.GatherElements(%o, %top#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<?x9xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %0 = onnx.Gather(%up, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x2xi64>) -> tensor<?x2x3x4xf32>
  %1 = onnx.Unsqueeze(%x, %middle) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x1x4x1xf32>
  %2 = onnx.MatMul(%0, %1) {opset = 20 : i64} : (tensor<?x2x3x4xf32>, tensor<?x1x4x1xf32>) -> tensor<?x2x3x1xf32>
  %3 = onnx.Relu(%2) {opset = 20 : i64} : (tensor<?x2x3x1xf32>) -> tensor<?x2x3x1xf32>
  %4 = onnx.Gather(%down, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x2xi64>) -> tensor<?x2x4x3xf32>
  %5 = onnx.MatMul(%4, %3) {opset = 20 : i64} : (tensor<?x2x4x3xf32>, tensor<?x2x3x1xf32>) -> tensor<?x2x4x1xf32>
  %6 = onnx.Squeeze(%5, %m1) {opset = 20 : i64} : (tensor<?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x2x4xf32>
  %7 = onnx.Unsqueeze(%w, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
  %8 = onnx.Mul(%6, %7) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<?x2x1xf32>) -> tensor<?x2x4xf32>
  %9 = onnx.ReduceSum(%8, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %9 : tensor<?x4xf32>
}

// From fewer columns.
// CHECK-LABEL: func @narrower
func.func @narrower(%x: tensor<?x4xf32>, %logits: tensor<?x6xf32>, %o: tensor<?x2xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: weights_from
  // CHECK: moe.route %{{[^ ]*}} {k = 2 : i64, score = #moe.score<identity>} :
  // CHECK: %[[W:.*]] = onnx.GatherElements(%arg2, 
  // CHECK: moe.combine %{{[^ ]*}}, %{{[^ ]*}}, %[[W]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %middle = onnx.Constant dense<[1, 3]> : tensor<2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %top:2 = onnx.TopK(%logits, %two) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %w = onnx.GatherElements(%o, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<?x2xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %0 = onnx.Gather(%up, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x2xi64>) -> tensor<?x2x3x4xf32>
  %1 = onnx.Unsqueeze(%x, %middle) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x1x4x1xf32>
  %2 = onnx.MatMul(%0, %1) {opset = 20 : i64} : (tensor<?x2x3x4xf32>, tensor<?x1x4x1xf32>) -> tensor<?x2x3x1xf32>
  %3 = onnx.Relu(%2) {opset = 20 : i64} : (tensor<?x2x3x1xf32>) -> tensor<?x2x3x1xf32>
  %4 = onnx.Gather(%down, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x2xi64>) -> tensor<?x2x4x3xf32>
  %5 = onnx.MatMul(%4, %3) {opset = 20 : i64} : (tensor<?x2x4x3xf32>, tensor<?x2x3x1xf32>) -> tensor<?x2x4x1xf32>
  %6 = onnx.Squeeze(%5, %m1) {opset = 20 : i64} : (tensor<?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x2x4xf32>
  %7 = onnx.Unsqueeze(%w, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
  %8 = onnx.Mul(%6, %7) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<?x2x1xf32>) -> tensor<?x2x4xf32>
  %9 = onnx.ReduceSum(%8, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %9 : tensor<?x4xf32>
}

// From more tokens, of which GatherElements reads the first.
// CHECK-LABEL: func @more_tokens
func.func @more_tokens(%x: tensor<?x4xf32>, %logits: tensor<?x6xf32>, %o: tensor<7x6xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: weights_from
  // CHECK: moe.route %{{[^ ]*}} {k = 2 : i64, score = #moe.score<identity>} :
  // CHECK: %[[W:.*]] = onnx.GatherElements(%arg2, 
  // CHECK: moe.combine %{{[^ ]*}}, %{{[^ ]*}}, %[[W]]
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %middle = onnx.Constant dense<[1, 3]> : tensor<2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %top:2 = onnx.TopK(%logits, %two) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %w = onnx.GatherElements(%o, %top#1) {axis = 1 : i64, opset = 20 : i64} : (tensor<7x6xf32>, tensor<?x2xi64>) -> tensor<?x2xf32>
  %0 = onnx.Gather(%up, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x2xi64>) -> tensor<?x2x3x4xf32>
  %1 = onnx.Unsqueeze(%x, %middle) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<2xi64>) -> tensor<?x1x4x1xf32>
  %2 = onnx.MatMul(%0, %1) {opset = 20 : i64} : (tensor<?x2x3x4xf32>, tensor<?x1x4x1xf32>) -> tensor<?x2x3x1xf32>
  %3 = onnx.Relu(%2) {opset = 20 : i64} : (tensor<?x2x3x1xf32>) -> tensor<?x2x3x1xf32>
  %4 = onnx.Gather(%down, %top#1) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x2xi64>) -> tensor<?x2x4x3xf32>
  %5 = onnx.MatMul(%4, %3) {opset = 20 : i64} : (tensor<?x2x4x3xf32>, tensor<?x2x3x1xf32>) -> tensor<?x2x4x1xf32>
  %6 = onnx.Squeeze(%5, %m1) {opset = 20 : i64} : (tensor<?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x2x4xf32>
  %7 = onnx.Unsqueeze(%w, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
  %8 = onnx.Mul(%6, %7) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<?x2x1xf32>) -> tensor<?x2x4xf32>
  %9 = onnx.ReduceSum(%8, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %9 : tensor<?x4xf32>
}

// Whole numbers only: the layer is not raised, as nothing says which tensor holds
// its weights.
// CHECK-LABEL: func @truncated
func.func @truncated(%arg0: tensor<?x4xf32>, %tokens: tensor<?xi64>, %scores: tensor<?x6xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: moe.experts
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %tiles = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %rows = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %back = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %table = onnx.Weight "table" <"model.data", 576, 256> : tensor<16x2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %ids = onnx.Gather(%table, %tokens) {axis = 0 : i64, opset = 20 : i64} : (tensor<16x2xi64>, tensor<?xi64>) -> tensor<?x2xi64>
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %weights = onnx.Slice(%scores, %zero, %two, %one) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x2xf32>
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
  %whole = onnx.Cast(%18) {opset = 20 : i64, to = 7 : i64} : (tensor<?xf32>) -> tensor<?xi64>
  %float = onnx.Cast(%whole) {opset = 20 : i64, to = 1 : i64} : (tensor<?xi64>) -> tensor<?xf32>
  %19 = onnx.Unsqueeze(%float, %m1) {opset = 20 : i64} : (tensor<?xf32>, tensor<1xi64>) -> tensor<?x1xf32>
  %20 = onnx.Mul(%17, %19) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %21 = onnx.Reshape(%20, %back) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %22 = onnx.ReduceSum(%21, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %22 : tensor<?x4xf32>
}

// The same weights in every batch.
// CHECK-LABEL: func @batches
func.func @batches(%x: tensor<?x?x4xf32>, %ids: tensor<?x?x2xi64>, %w: tensor<?x2xf32>) -> tensor<?x?x4xf32> {
  // CHECK-NOT: moe.experts
  %m1 = onnx.Constant dense<-1> : tensor<1xi64>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %middle = onnx.Constant dense<[2, 4]> : tensor<2xi64>
  %up = onnx.Weight "up" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %down = onnx.Weight "down" <"model.data", 288, 288> : tensor<6x4x3xf32>
  %0 = onnx.Gather(%up, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x3x4xf32>
  %1 = onnx.Unsqueeze(%x, %middle) {opset = 20 : i64} : (tensor<?x?x4xf32>, tensor<2xi64>) -> tensor<?x?x1x4x1xf32>
  %2 = onnx.MatMul(%0, %1) {opset = 20 : i64} : (tensor<?x?x2x3x4xf32>, tensor<?x?x1x4x1xf32>) -> tensor<?x?x2x3x1xf32>
  %3 = onnx.Relu(%2) {opset = 20 : i64} : (tensor<?x?x2x3x1xf32>) -> tensor<?x?x2x3x1xf32>
  %4 = onnx.Gather(%down, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?x?x2xi64>) -> tensor<?x?x2x4x3xf32>
  %5 = onnx.MatMul(%4, %3) {opset = 20 : i64} : (tensor<?x?x2x4x3xf32>, tensor<?x?x2x3x1xf32>) -> tensor<?x?x2x4x1xf32>
  %6 = onnx.Squeeze(%5, %m1) {opset = 20 : i64} : (tensor<?x?x2x4x1xf32>, tensor<1xi64>) -> tensor<?x?x2x4xf32>
  %7 = onnx.Unsqueeze(%w, %m1) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<1xi64>) -> tensor<?x2x1xf32>
  %8 = onnx.Mul(%6, %7) {opset = 20 : i64} : (tensor<?x?x2x4xf32>, tensor<?x2x1xf32>) -> tensor<?x?x2x4xf32>
  %9 = onnx.ReduceSum(%8, %two) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x?x2x4xf32>, tensor<1xi64>) -> tensor<?x?x4xf32>
  return %9 : tensor<?x?x4xf32>
}
