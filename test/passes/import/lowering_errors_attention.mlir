// RUN: moe-opt %s --moe-lower-onnx -split-input-file -verify-diagnostics

func.func @norm_type(%x: tensor<2x3xi32>, %s: tensor<3xi32>) -> tensor<2x3xi32> {
  // expected-error @+1 {{RMSNormalization: needs floating-point numbers}}
  %y = onnx.RMSNormalization(%x, %s) {opset = 23 : i64} : (tensor<2x3xi32>, tensor<3xi32>) -> tensor<2x3xi32>
  return %y : tensor<2x3xi32>
}

// -----

func.func @norm_axis(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{RMSNormalization: axis 2 is out of range for rank 2}}
  %y = onnx.RMSNormalization(%x, %s) {axis = 2 : i64, opset = 23 : i64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

func.func @norm_scale(%x: tensor<3xf32>, %s: tensor<2x3xf32>) -> tensor<3xf32> {
  // expected-error @+1 {{LayerNormalization: a scale or bias of rank 2 does not fit an input of rank 1}}
  %y = onnx.LayerNormalization(%x, %s) {opset = 17 : i64} : (tensor<3xf32>, tensor<2x3xf32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}

// -----

func.func @skip(%x: tensor<2x3xf32>, %skip: tensor<1x2x3xf32>, %s: tensor<3xf32>) -> tensor<2x3xf32> {
  // expected-error @+1 {{skip and bias must not have a higher rank than the input}}
  %y = onnx.com.microsoft.SkipSimplifiedLayerNormalization(%x, %skip, %s) {opset = 1 : i64} : (tensor<2x3xf32>, tensor<1x2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// -----

func.func @rotary_rank(%x: tensor<2x8xf32>, %c: tensor<2x3x4xf32>) -> tensor<2x8xf32> {
  // expected-error @+1 {{RotaryEmbedding: needs an input of rank 3 or 4; got 2}}
  %y = onnx.RotaryEmbedding(%x, %c, %c) {opset = 23 : i64} : (tensor<2x8xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// -----

func.func @rotary_heads(%x: tensor<2x3x16xf32>, %c: tensor<2x3x4xf32>) -> tensor<2x3x16xf32> {
  // expected-error @+1 {{RotaryEmbedding: an input of rank 3 needs num_heads}}
  %y = onnx.RotaryEmbedding(%x, %c, %c) {opset = 23 : i64} : (tensor<2x3x16xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x16xf32>
  return %y : tensor<2x3x16xf32>
}

// -----

func.func @rotary_cache(%x: tensor<2x2x3x8xf32>, %c: tensor<9x4xf32>) -> tensor<2x2x3x8xf32> {
  // expected-error @+1 {{RotaryEmbedding: needs cos and sin caches of rank 3; got 2}}
  %y = onnx.RotaryEmbedding(%x, %c, %c) {opset = 23 : i64} : (tensor<2x2x3x8xf32>, tensor<9x4xf32>, tensor<9x4xf32>) -> tensor<2x2x3x8xf32>
  return %y : tensor<2x2x3x8xf32>
}

// -----

func.func @rotary_wide(%x: tensor<2x2x3x8xf32>, %c: tensor<2x3x8xf32>) -> tensor<2x2x3x8xf32> {
  // expected-error @+1 {{RotaryEmbedding: rotates 16 elements of a head of 8}}
  %y = onnx.RotaryEmbedding(%x, %c, %c) {opset = 23 : i64} : (tensor<2x2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x2x3x8xf32>
  return %y : tensor<2x2x3x8xf32>
}

// -----

func.func @attention_ranks(%q: tensor<2x2x3x8xf32>, %k: tensor<2x3x8xf32>) -> tensor<2x2x3x8xf32> {
  // expected-error @+1 {{Attention: needs query, key and value of rank 3 or 4; got ranks 4, 3, 3}}
  %y = onnx.Attention(%q, %k, %k) {opset = 23 : i64} : (tensor<2x2x3x8xf32>, tensor<2x3x8xf32>, tensor<2x3x8xf32>) -> tensor<2x2x3x8xf32>
  return %y : tensor<2x2x3x8xf32>
}

// -----

func.func @attention_heads(%q: tensor<2x3x3x8xf32>, %k: tensor<2x2x3x8xf32>) -> tensor<2x3x3x8xf32> {
  // expected-error @+1 {{Attention: the number of query heads must be a constant multiple of the number of key heads}}
  %y = onnx.Attention(%q, %k, %k) {opset = 23 : i64} : (tensor<2x3x3x8xf32>, tensor<2x2x3x8xf32>, tensor<2x2x3x8xf32>) -> tensor<2x3x3x8xf32>
  return %y : tensor<2x3x3x8xf32>
}

// -----

func.func @attention_mode(%q: tensor<2x3x3x8xf32>) -> tensor<2x3x3x8xf32> {
  // expected-error @+1 {{Attention: qk_matmul_output_mode 4 is none of 0, 1, 2, 3}}
  %y = onnx.Attention(%q, %q, %q) {opset = 23 : i64, qk_matmul_output_mode = 4 : i64} : (tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>) -> tensor<2x3x3x8xf32>
  return %y : tensor<2x3x3x8xf32>
}

// -----

func.func @attention_mask(%q: tensor<2x3x3x8xf32>, %m: tensor<3x3xi64>) -> tensor<2x3x3x8xf32> {
  // expected-error @+1 {{Attention: needs a mask of bool or floating-point numbers and of rank 2, 3 or 4}}
  %y = onnx.Attention(%q, %q, %q, %m) {opset = 23 : i64} : (tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<3x3xi64>) -> tensor<2x3x3x8xf32>
  return %y : tensor<2x3x3x8xf32>
}

// -----

func.func @group_query(%q: tensor<2x3x8xf32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<2x3x4xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: do_rotary needs cos_cache and sin_cache}}
  %y = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t) {do_rotary = 1 : i64, kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x8xf32>, none, none, none, none, tensor<2xi32>, tensor<i32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// -----

func.func @group_query_quantised(%q: tensor<2x3x8xf32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<2x3x4xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: k_quant_type is not supported}}
  %y = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t) {k_quant_type = "PER_TENSOR", kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x8xf32>, none, none, none, none, tensor<2xi32>, tensor<i32>) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %n: tensor<2xi32>, %t: tensor<i32>, %s: tensor<1xf32>) -> tensor<2x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: quantised caches and normalised queries or keys (inputs 12 to 15) are not supported}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t, %none, %none, %none, %none, %none, %s) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, none, none, tensor<2xi32>, tensor<i32>, none, none, none, none, none, tensor<1xf32>) -> tensor<2x3x8xf32>
  return %0 : tensor<2x3x8xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<2x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs seqlens_k and total_sequence_length}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %none) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, none, none, tensor<2xi32>, none) -> tensor<2x3x8xf32>
  return %0 : tensor<2x3x8xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %n: tensor<2xi32>, %t: tensor<2xi32>) -> tensor<2x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs a total_sequence_length of one element}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, none, none, tensor<2xi32>, tensor<2xi32>) -> tensor<2x3x8xf32>
  return %0 : tensor<2x3x8xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xi32>, %n: tensor<2xi32>, %t: tensor<i32>) -> tensor<2x3x8xi32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs a floating-point query}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xi32>, none, none, none, none, tensor<2xi32>, tensor<i32>) -> tensor<2x3x8xi32>
  return %0 : tensor<2x3x8xi32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %n: tensor<2xi32>, %t: tensor<i32>, %p: tensor<2x1x5x4xf32>) -> tensor<2x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: needs key and value, and past key and past value, both or neither}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %p, %none, %n, %t) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, tensor<2x1x5x4xf32>, none, tensor<2xi32>, tensor<i32>) -> tensor<2x3x8xf32>
  return %0 : tensor<2x3x8xf32>
}

// -----

func.func @main(%q: tensor<2x3x16xf32>, %n: tensor<2xi32>, %t: tensor<i32>, %c: tensor<8x1x2xf32>) -> tensor<2x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{GroupQueryAttention: input 7 has rank 3; expected 2}}
  %0 = onnx.com.microsoft.GroupQueryAttention(%q, %none, %none, %none, %none, %n, %t, %c, %c) {kv_num_heads = 1 : i64, num_heads = 2 : i64, opset = 1 : i64} : (tensor<2x3x16xf32>, none, none, none, none, tensor<2xi32>, tensor<i32>, tensor<8x1x2xf32>, tensor<8x1x2xf32>) -> tensor<2x3x8xf32>
  return %0 : tensor<2x3x8xf32>
}

// -----

func.func @main(%q: tensor<2x3x3x8xf32>, %p: tensor<2x3x5x8xf32>) -> tensor<2x3x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{Attention: needs past_key and past_value, or neither}}
  %0 = onnx.Attention(%q, %q, %q, %none, %p) {opset = 23 : i64} : (tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, none, tensor<2x3x5x8xf32>) -> tensor<2x3x3x8xf32>
  return %0 : tensor<2x3x3x8xf32>
}

// -----

func.func @main(%q: tensor<2x3x3x8xf32>, %n: tensor<2x1xi64>) -> tensor<2x3x3x8xf32> {
  %none = onnx.None
  // expected-error @+1 {{Attention: needs nonpad_kv_seqlen of rank 1}}
  %0 = onnx.Attention(%q, %q, %q, %none, %none, %none, %n) {opset = 24 : i64} : (tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, tensor<2x3x3x8xf32>, none, none, none, tensor<2x1xi64>) -> tensor<2x3x3x8xf32>
  return %0 : tensor<2x3x3x8xf32>
}

// -----

func.func @main(%x: tensor<2x2x3x8xf32>, %c: tensor<9x4xf32>, %p: tensor<2x3x1xi64>) -> tensor<2x2x3x8xf32> {
  // expected-error @+1 {{RotaryEmbedding: needs position ids of rank 1 or 2}}
  %0 = onnx.RotaryEmbedding(%x, %c, %c, %p) {opset = 23 : i64} : (tensor<2x2x3x8xf32>, tensor<9x4xf32>, tensor<9x4xf32>, tensor<2x3x1xi64>) -> tensor<2x2x3x8xf32>
  return %0 : tensor<2x2x3x8xf32>
}

// -----

func.func @main(%x: tensor<2x3xf32>, %s: tensor<3xf32>) -> tensor<2x1xf32> {
  // expected-error @+1 {{SkipSimplifiedLayerNormalization: has no mean to put out}}
  %y, %0 = onnx.com.microsoft.SkipSimplifiedLayerNormalization(%x, %x, %s) {opset = 1 : i64} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x1xf32>)
  return %0 : tensor<2x1xf32>
}

// -----

func.func @fused_rank(%q: tensor<2x3x4xf32>, %k: tensor<1x2x3x4xf32>) -> tensor<2x3x4xf32> {
  %absent = onnx.None
  // expected-error @+1 {{moec.Attention: needs query, key and value of rank 4; got rank 3}}
  %y = onnx.moec.Attention(%q, %k, %k, %absent, %absent) {opset = 21 : i64, scale = 1.0} : (tensor<2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, none, none) -> tensor<2x3x4xf32>
  return %y : tensor<2x3x4xf32>
}

// -----

func.func @fused_mask(%q: tensor<1x2x3x4xf32>, %mask: tensor<1x1x1x3x3xf32>) -> tensor<1x2x3x4xf32> {
  %absent = onnx.None
  // expected-error @+1 {{moec.Attention: needs a mask of rank at most 4; got rank 5}}
  %y = onnx.moec.Attention(%q, %q, %q, %mask, %absent) {opset = 21 : i64, scale = 1.0} : (tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x1x1x3x3xf32>, none) -> tensor<1x2x3x4xf32>
  return %y : tensor<1x2x3x4xf32>
}
