// RUN: moe-opt %s --onnx-infer-shapes --onnx-fuse-attention | FileCheck %s

// Scale at query and key, the key transposed in rank 4, heads copied for groups
// of queries, a mask that is added.
// CHECK-LABEL: func @grouped
func.func @grouped(%q: tensor<2x4x?x8xf32> {onnx.dims = [2, 4, "s", 8]}, %k: tensor<2x2x?x8xf32> {onnx.dims = [2, 2, "t", 8]},
    %v: tensor<2x2x?x6xf32> {onnx.dims = [2, 2, "t", 6]}, %mask: tensor<2x1x?x?xf32> {onnx.dims = [2, 1, "s", "t"]}) -> tensor<2x4x?x6xf32> {
  // CHECK: %[[Y:.*]] = onnx.moec.Attention(%arg0, %arg1, %arg2, %arg3, %{{.*}}) {{.*}}scale = 2.500000e-01{{.*}} -> tensor<2x4x?x6xf32>
  // CHECK-NOT: onnx.Softmax
  // CHECK: return %[[Y]]
  %half = onnx.Constant dense<0.5> : tensor<f32>
  %two = onnx.Constant dense<2> : tensor<1xi64>
  %copies_k = onnx.Constant dense<[2, 2, 2, 1, 8]> : tensor<5xi64>
  %copies_v = onnx.Constant dense<[2, 2, 2, 1, 6]> : tensor<5xi64>
  %joined_k = onnx.Constant dense<[2, 4, -1, 8]> : tensor<4xi64>
  %joined_v = onnx.Constant dense<[2, 4, -1, 6]> : tensor<4xi64>
  %k0 = onnx.Unsqueeze(%k, %two) {opset = 20 : i64} : (tensor<2x2x?x8xf32>, tensor<1xi64>) -> tensor<*xf32>
  %k1 = onnx.Expand(%k0, %copies_k) {opset = 20 : i64} : (tensor<*xf32>, tensor<5xi64>) -> tensor<*xf32>
  %k2 = onnx.Reshape(%k1, %joined_k) {opset = 20 : i64} : (tensor<*xf32>, tensor<4xi64>) -> tensor<*xf32>
  %v0 = onnx.Unsqueeze(%v, %two) {opset = 20 : i64} : (tensor<2x2x?x6xf32>, tensor<1xi64>) -> tensor<*xf32>
  %v1 = onnx.Expand(%v0, %copies_v) {opset = 20 : i64} : (tensor<*xf32>, tensor<5xi64>) -> tensor<*xf32>
  %v2 = onnx.Reshape(%v1, %joined_v) {opset = 20 : i64} : (tensor<*xf32>, tensor<4xi64>) -> tensor<*xf32>
  %kt = onnx.Transpose(%k2) {opset = 20 : i64, perm = [0, 1, 3, 2]} : (tensor<*xf32>) -> tensor<*xf32>
  %qs = onnx.Mul(%q, %half) {opset = 20 : i64} : (tensor<2x4x?x8xf32>, tensor<f32>) -> tensor<*xf32>
  %ks = onnx.Mul(%kt, %half) {opset = 20 : i64} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %scores = onnx.MatMul(%qs, %ks) {opset = 20 : i64} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %masked = onnx.Add(%mask, %scores) {opset = 20 : i64} : (tensor<2x1x?x?xf32>, tensor<*xf32>) -> tensor<*xf32>
  %shares = onnx.Softmax(%masked) {axis = -1 : i64, opset = 20 : i64} : (tensor<*xf32>) -> tensor<*xf32>
  %y = onnx.MatMul(%shares, %v2) {opset = 20 : i64} : (tensor<*xf32>, tensor<*xf32>) -> tensor<2x4x?x6xf32>
  return %y : tensor<2x4x?x6xf32>
}

// Scores divided, masked scores overwritten with -inf, the key transposed from
// [B, T, H, D] and kept as a transpose of it; a second mask.
// CHECK-LABEL: func @overwritten
func.func @overwritten(%q: tensor<1x2x3x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x2x5x8xf32>, %seen: tensor<3x5xi1>,
    %bias: tensor<2x3x5xf32>) -> tensor<1x2x3x8xf32> {
  // CHECK-DAG: %[[WHERE:.*]] = onnx.Where(%arg3, %{{.*}}, %{{.*}}) {{.*}} -> tensor<3x5xf32>
  // CHECK-DAG: %[[KEY:.*]] = onnx.Transpose(%arg1) {{.*}}perm = [0, 2, 1, 3]
  // CHECK: %[[MASK:.*]] = onnx.Add(%[[WHERE]], %arg4) {{.*}} -> tensor<2x3x5xf32>
  // CHECK: onnx.moec.Attention(%arg0, %[[KEY]], %arg2, %[[MASK]], %{{.*}}) {{.*}}scale = 5.000000e-01
  %two = onnx.Constant dense<2.0> : tensor<f32>
  %least = onnx.Constant dense<0xFF800000> : tensor<f32>
  %kt = onnx.Transpose(%k) {opset = 20 : i64, perm = [0, 2, 3, 1]} : (tensor<1x5x2x8xf32>) -> tensor<1x2x8x5xf32>
  %raw = onnx.MatMul(%q, %kt) {opset = 20 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x8x5xf32>) -> tensor<1x2x3x5xf32>
  %scores = onnx.Div(%raw, %two) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<f32>) -> tensor<1x2x3x5xf32>
  %biased = onnx.Add(%scores, %bias) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %masked = onnx.Where(%seen, %biased, %least) {opset = 20 : i64} : (tensor<3x5xi1>, tensor<1x2x3x5xf32>, tensor<f32>) -> tensor<1x2x3x5xf32>
  %shares = onnx.Softmax(%masked) {axis = 3 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %y = onnx.MatMul(%shares, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  return %y : tensor<1x2x3x8xf32>
}

// Sinks as one more column, the largest logit subtracted first, f16 with the
// softmax in f32.
// CHECK-LABEL: func @sinks
func.func @sinks(%q: tensor<1x2x3x8xf16>, %k: tensor<1x2x5x8xf16>, %v: tensor<1x2x5x8xf16>, %sink: tensor<1x2x1x1xf32>) -> tensor<1x2x3x8xf16> {
  // CHECK: %[[SINKS:.*]] = onnx.Reshape(%arg3, %{{.*}}) {{.*}} -> tensor<2xf32>
  // CHECK: onnx.moec.Attention(%arg0, %arg1, %arg2, %{{.*}}, %[[SINKS]]) {{.*}} -> tensor<1x2x3x8xf16>
  %zero = onnx.Constant dense<0> : tensor<1xi64>
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %many = onnx.Constant dense<[1, 2, 3, 1]> : tensor<4xi64>
  %raw = onnx.com.microsoft.FusedMatMul(%q, %k) {alpha = 0.5 : f32, opset = 1 : i64, transB = 1 : i64} : (tensor<1x2x3x8xf16>, tensor<1x2x5x8xf16>) -> tensor<1x2x3x5xf16>
  %wide = onnx.Cast(%raw) {opset = 20 : i64, to = 1 : i64} : (tensor<1x2x3x5xf16>) -> tensor<1x2x3x5xf32>
  %column = onnx.Expand(%sink, %many) {opset = 20 : i64} : (tensor<1x2x1x1xf32>, tensor<4xi64>) -> tensor<1x2x3x1xf32>
  %all = onnx.Concat(%wide, %column) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x3x1xf32>) -> tensor<1x2x3x6xf32>
  %peak = onnx.ReduceMax(%all, %last) {keepdims = 1 : i64, opset = 20 : i64} : (tensor<1x2x3x6xf32>, tensor<1xi64>) -> tensor<1x2x3x1xf32>
  %shifted = onnx.Sub(%all, %peak) {opset = 20 : i64} : (tensor<1x2x3x6xf32>, tensor<1x2x3x1xf32>) -> tensor<1x2x3x6xf32>
  %shares = onnx.Softmax(%shifted) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x6xf32>) -> tensor<1x2x3x6xf32>
  %kept = onnx.Slice(%shares, %zero, %last, %last) {opset = 20 : i64} : (tensor<1x2x3x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<1x2x3x5xf32>
  %narrow = onnx.Cast(%kept) {opset = 20 : i64, to = 10 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf16>
  %y = onnx.MatMul(%narrow, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf16>, tensor<1x2x5x8xf16>) -> tensor<1x2x3x8xf16>
  return %y : tensor<1x2x3x8xf16>
}

// Sinks as a factor of the result, sigmoid(log(sum(exp(scores))) - sink).
// CHECK-LABEL: func @sinks_behind
func.func @sinks_behind(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x8x5xf32>, %v: tensor<1x2x5x8xf32>, %sink: tensor<1x2x1xf32>) -> tensor<1x2x3x8xf32> {
  // CHECK: %[[SINKS:.*]] = onnx.Reshape(%arg3, %{{.*}}) {{.*}} -> tensor<2xf32>
  // CHECK: %[[Y:.*]] = onnx.moec.Attention(%arg0, %{{.*}}, %arg2, %{{.*}}, %[[SINKS]]) {{.*}} -> tensor<1x2x3x8xf32>
  // CHECK-NOT: onnx.ReduceLogSumExp
  // CHECK: return %[[Y]]
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %scores = onnx.MatMul(%q, %k) {opset = 20 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x8x5xf32>) -> tensor<1x2x3x5xf32>
  %sum = onnx.ReduceLogSumExp(%scores, %last) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1xi64>) -> tensor<1x2x3xf32>
  %difference = onnx.Sub(%sum, %sink) {opset = 20 : i64} : (tensor<1x2x3xf32>, tensor<1x2x1xf32>) -> tensor<1x2x3xf32>
  %share = onnx.Sigmoid(%difference) {opset = 20 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  %shares = onnx.Softmax(%scores) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %y = onnx.MatMul(%shares, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  %column = onnx.Unsqueeze(%share, %last) {opset = 20 : i64} : (tensor<1x2x3xf32>, tensor<1xi64>) -> tensor<1x2x3x1xf32>
  %scaled = onnx.Mul(%y, %column) {opset = 20 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x1xf32>) -> tensor<1x2x3x8xf32>
  return %scaled : tensor<1x2x3x8xf32>
}

// The same of other scores stays a factor.
// CHECK-LABEL: func @other_sum
func.func @other_sum(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x8x5xf32>, %v: tensor<1x2x5x8xf32>, %sink: tensor<1x2x1xf32>, %other: tensor<1x2x3x5xf32>) -> tensor<1x2x3x8xf32> {
  // CHECK: %[[NONE:.*]] = onnx.None
  // CHECK: onnx.moec.Attention(%arg0, %{{.*}}, %arg2, %[[NONE]], %[[NONE]])
  // CHECK: onnx.Mul
  %last = onnx.Constant dense<-1> : tensor<1xi64>
  %scores = onnx.MatMul(%q, %k) {opset = 20 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x8x5xf32>) -> tensor<1x2x3x5xf32>
  %sum = onnx.ReduceLogSumExp(%other, %last) {keepdims = 0 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1xi64>) -> tensor<1x2x3xf32>
  %difference = onnx.Sub(%sum, %sink) {opset = 20 : i64} : (tensor<1x2x3xf32>, tensor<1x2x1xf32>) -> tensor<1x2x3xf32>
  %share = onnx.Sigmoid(%difference) {opset = 20 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  %shares = onnx.Softmax(%scores) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %y = onnx.MatMul(%shares, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  %column = onnx.Unsqueeze(%share, %last) {opset = 20 : i64} : (tensor<1x2x3xf32>, tensor<1xi64>) -> tensor<1x2x3x1xf32>
  %scaled = onnx.Mul(%y, %column) {opset = 20 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x3x1xf32>) -> tensor<1x2x3x8xf32>
  return %scaled : tensor<1x2x3x8xf32>
}

// Probabilities that something else reads stay; so do scores that are
// overwritten with a number an addition would not leave alone, a softmax along
// another axis, and f64.
// CHECK-LABEL: func @kept
// CHECK-NOT: onnx.moec.Attention
func.func @kept(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x8x5xf32>, %v: tensor<1x2x5x8xf32>, %seen: tensor<3x5xi1>, %w: tensor<1x2x3x5xf64>,
    %x: tensor<1x2x5x8xf64>) -> (tensor<1x2x3x5xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf64>) {
  %little = onnx.Constant dense<-1.0e4> : tensor<f32>
  %scores = onnx.MatMul(%q, %k) {opset = 20 : i64} : (tensor<1x2x3x8xf32>, tensor<1x2x8x5xf32>) -> tensor<1x2x3x5xf32>
  %shares = onnx.Softmax(%scores) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %read = onnx.MatMul(%shares, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  %masked = onnx.Where(%seen, %scores, %little) {opset = 20 : i64} : (tensor<3x5xi1>, tensor<1x2x3x5xf32>, tensor<f32>) -> tensor<1x2x3x5xf32>
  %over = onnx.Softmax(%masked) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %finite = onnx.MatMul(%over, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  %across = onnx.Softmax(%scores) {axis = 2 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf32>) -> tensor<1x2x3x5xf32>
  %axis = onnx.MatMul(%across, %v) {opset = 20 : i64} : (tensor<1x2x3x5xf32>, tensor<1x2x5x8xf32>) -> tensor<1x2x3x8xf32>
  %wide = onnx.Softmax(%w) {axis = -1 : i64, opset = 20 : i64} : (tensor<1x2x3x5xf64>) -> tensor<1x2x3x5xf64>
  %double = onnx.MatMul(%wide, %x) {opset = 20 : i64} : (tensor<1x2x3x5xf64>, tensor<1x2x5x8xf64>) -> tensor<1x2x3x8xf64>
  return %shares, %read, %finite, %axis, %double : tensor<1x2x3x5xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf64>
}
