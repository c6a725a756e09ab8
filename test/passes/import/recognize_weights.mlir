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
