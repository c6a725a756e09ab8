// RUN: moe-opt %s --moe-recognize --split-input-file --verify-diagnostics

// Experts that moe.experts cannot express, and the reason that the remark gives.

// A number beside the weight.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2.000000e+00> : tensor<f32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{looks like the router of a MoE layer, which is compiled as plain ops: what is summed over the choices is not one vector per choice times its weight}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%a, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %z = onnx.Mul(%y, %two) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%z, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// A function between the second product and the sum.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{the summed rows are not products with a matrix per expert}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%a, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %z = onnx.Tanh(%y) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%z, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// The second product reads half of the activations.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  %three = onnx.Constant dense<3> : tensor<1xi64>
  %fc6 = onnx.Weight "fc6" <"model.data", 0, 576> : tensor<6x6x4xf32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{the second product does not read all hidden features}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc6, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x6x4xf32>, tensor<?xi64>) -> tensor<?x6x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x6x4xf32>, tensor<?x4x1xf32>) -> tensor<?x6x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x6x1xf32>, tensor<1xi64>) -> tensor<?x6xf32>
  %a6 = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  %a = onnx.Slice(%a6, %zero, %three, %last) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%a, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// Three factors.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %fc3 = onnx.Weight "fc3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{the hidden features are not act(gate) or act(gate) * up}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %ug = onnx.Gather(%fc3, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %uc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %um = onnx.MatMul(%ug, %uc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %u = onnx.Squeeze(%um, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %b = onnx.Tanh(%u) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %ab = onnx.Mul(%a, %b) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %abc = onnx.Mul(%ab, %u) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%abc, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// Clamped, without a gate.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %two = onnx.Constant dense<2.000000e+00> : tensor<f32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{clamped experts without a gate are not supported}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %low = onnx.Min(%h, %two) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %a = onnx.Relu(%low) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%a, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// An offset of up, and a gate that is not silu.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %fc3 = onnx.Weight "fc3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %two = onnx.Constant dense<2.000000e+00> : tensor<f32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{clamps and an offset of the up projection need silu}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %ug = onnx.Gather(%fc3, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %uc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %um = onnx.MatMul(%ug, %uc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %u = onnx.Squeeze(%um, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %o = onnx.Add(%u, %two) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<f32>) -> tensor<?x3xf32>
  %ab = onnx.Mul(%a, %o) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%ab, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// Experts of three products.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %fc0 = onnx.Weight "fc0" <"model.data", 0, 384> : tensor<6x4x4xf32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{the experts do not read the tokens, once per choice}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %deepg = onnx.Gather(%fc0, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x4xf32>, tensor<?xi64>) -> tensor<?x4x4xf32>
  %deepc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %deepm = onnx.MatMul(%deepg, %deepc) {opset = 20 : i64} : (tensor<?x4x4xf32>, tensor<?x4x1xf32>) -> tensor<?x4x1xf32>
  %deep = onnx.Squeeze(%deepm, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %bent = onnx.Relu(%deep) {opset = 20 : i64} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%bent, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%a, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// Gate and up of two inputs.
func.func @main(%x: tensor<?x4xf32>, %z: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %fc3 = onnx.Weight "fc3" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{gate and up read different tokens}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %othersu = onnx.Unsqueeze(%z, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %otherst = onnx.Tile(%othersu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %others = onnx.Reshape(%otherst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%fc1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hg, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %ug = onnx.Gather(%fc3, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf32>, tensor<?xi64>) -> tensor<?x3x4xf32>
  %uc = onnx.Unsqueeze(%others, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %um = onnx.MatMul(%ug, %uc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %u = onnx.Squeeze(%um, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %ab = onnx.Mul(%a, %u) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%ab, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}

// -----

// Matrices of another type than the tokens.
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %router = onnx.Weight "router" <"model.data", 0, 96> : tensor<4x6xf32>
  %fc1 = onnx.Weight "fc1" <"model.data", 0, 288> : tensor<6x3x4xf32>
  %fc2 = onnx.Weight "fc2" <"model.data", 0, 288> : tensor<6x4x3xf32>
  %b1 = onnx.Weight "b1" <"model.data", 0, 144> : tensor<6x3x4xf16>
  %k = onnx.Constant dense<2> : tensor<1xi64>
  %one = onnx.Constant dense<1> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %twice = onnx.Constant dense<[1, 2, 1]> : tensor<3xi64>
  %to4 = onnx.Constant dense<[-1, 4]> : tensor<2xi64>
  %column = onnx.Constant dense<[-1, 1]> : tensor<2xi64>
  %apart = onnx.Constant dense<[-1, 2, 4]> : tensor<3xi64>
  %logits = onnx.MatMul(%x, %router) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<4x6xf32>) -> tensor<?x6xf32>
  %p = onnx.Softmax(%logits) {opset = 20 : i64} : (tensor<?x6xf32>) -> tensor<?x6xf32>
  // expected-remark@+1 {{tokens and expert matrices have different element types}}
  %w, %e = onnx.TopK(%p, %k) {opset = 20 : i64} : (tensor<?x6xf32>, tensor<1xi64>) -> (tensor<?x2xf32>, tensor<?x2xi64>)
  %ids = onnx.Reshape(%e, %last) {opset = 20 : i64} : (tensor<?x2xi64>, tensor<1xi64>) -> tensor<?xi64>
  %weights = onnx.Reshape(%w, %column) {opset = 20 : i64} : (tensor<?x2xf32>, tensor<2xi64>) -> tensor<?x1xf32>
  %rowsu = onnx.Unsqueeze(%x, %one) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x1x4xf32>
  %rowst = onnx.Tile(%rowsu, %twice) {opset = 20 : i64} : (tensor<?x1x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %rows = onnx.Reshape(%rowst, %to4) {opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<2xi64>) -> tensor<?x4xf32>
  %hg = onnx.Gather(%b1, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x3x4xf16>, tensor<?xi64>) -> tensor<?x3x4xf16>
  %hw = onnx.Cast(%hg) {opset = 20 : i64, to = 1 : i64} : (tensor<?x3x4xf16>) -> tensor<?x3x4xf32>
  %hc = onnx.Unsqueeze(%rows, %last) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<1xi64>) -> tensor<?x4x1xf32>
  %hm = onnx.MatMul(%hw, %hc) {opset = 20 : i64} : (tensor<?x3x4xf32>, tensor<?x4x1xf32>) -> tensor<?x3x1xf32>
  %h = onnx.Squeeze(%hm, %last) {opset = 20 : i64} : (tensor<?x3x1xf32>, tensor<1xi64>) -> tensor<?x3xf32>
  %a = onnx.Relu(%h) {opset = 20 : i64} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  %yg = onnx.Gather(%fc2, %ids) {axis = 0 : i64, opset = 20 : i64} : (tensor<6x4x3xf32>, tensor<?xi64>) -> tensor<?x4x3xf32>
  %yc = onnx.Unsqueeze(%a, %last) {opset = 20 : i64} : (tensor<?x3xf32>, tensor<1xi64>) -> tensor<?x3x1xf32>
  %ym = onnx.MatMul(%yg, %yc) {opset = 20 : i64} : (tensor<?x4x3xf32>, tensor<?x3x1xf32>) -> tensor<?x4x1xf32>
  %y = onnx.Squeeze(%ym, %last) {opset = 20 : i64} : (tensor<?x4x1xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  %scaled = onnx.Mul(%y, %weights) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
  %choices = onnx.Reshape(%scaled, %apart) {opset = 20 : i64} : (tensor<?x4xf32>, tensor<3xi64>) -> tensor<?x2x4xf32>
  %sum = onnx.ReduceSum(%choices, %one) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<?x2x4xf32>, tensor<1xi64>) -> tensor<?x4xf32>
  return %sum : tensor<?x4xf32>
}
