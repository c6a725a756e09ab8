// RUN: moe-opt %s --moe-recognize --split-input-file --verify-diagnostics

// com.microsoft.MoE nodes that contradict the schema.

// k
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has k = 5; expected 1 to the number of experts, 4}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {k = 5 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// unknown activation
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has activation_type 'tanh'; expected relu, gelu, silu, swiglu or identity}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {activation_type = "tanh", opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// fc3 with relu
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>, %c: tensor<4x6x8xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has an fc3 and activation_type 'relu'; fc3 needs silu or swiglu}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b, %none, %c) {activation_type = "relu", opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>, none, tensor<4x6x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// swiglu_fusion out of range
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has swiglu_fusion 3; expected 0, 1 or 2}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {activation_type = "swiglu", swiglu_fusion = 3 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// swiglu without fc3
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has swiglu_fusion 0 and no fc3; swiglu needs fc3 exactly if swiglu_fusion is 0}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {activation_type = "swiglu", opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// legacy layout
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x8x6xf32>, %b: tensor<4x6x8xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has weights in the legacy layout}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {k = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x8x6xf32>, none, tensor<4x6x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// fc1 does not fit
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x7x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has fc1 'tensor<4x7x8xf32>' and fc2 'tensor<4x8x6xf32>'; expected [E, 1 * I, H] and [E, H, I] with hidden size H = 8}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {k = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x7x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// fc3 does not fit
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>, %c: tensor<4x5x8xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has fc3 'tensor<4x5x8xf32>'; expected 'tensor<4x6x8xf32>' as fc1}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b, %none, %c) {activation_type = "silu", opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>, none, tensor<4x5x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// rank of the weights
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x?xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{needs static fc1 and fc2 weights of rank 3}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {k = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x?xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// rank of the router
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{expected rank 2, [tokens, experts]}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {k = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// width of the router
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x5xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has router_probs for 5 experts and weights for 4}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {k = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x5xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// sparse mixer
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x8xf32>, %b: tensor<4x8x6xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{has use_sparse_mixer with k = 1; the sparse mixer selects 2 experts}}
  %y = onnx.com.microsoft.MoE(%x, %l, %a, %none, %b) {use_sparse_mixer = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x8xf32>, none, tensor<4x8x6xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// quantised experts
func.func @main(%x: tensor<?x8xf32>, %l: tensor<?x4xf32>, %a: tensor<4x6x4xui8>, %s: tensor<4x6xf32>, %b: tensor<4x8x3xui8>, %t: tensor<4x8xf32>) -> tensor<?x8xf32> {
  %none = onnx.None
  // expected-error@+1 {{holds quantised experts, which are not supported yet; export the model without quantisation, so that its experts are com.microsoft.MoE or plain operators}}
  %y = onnx.com.microsoft.QMoE(%x, %l, %a, %s, %none, %b, %t) {k = 1 : i64, opset = 1 : i64} : (tensor<?x8xf32>, tensor<?x4xf32>, tensor<4x6x4xui8>, tensor<4x6xf32>, none, tensor<4x8x3xui8>, tensor<4x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
