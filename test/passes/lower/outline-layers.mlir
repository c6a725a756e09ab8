// RUN: moe-opt %s --moe-outline-layers="smallest=2" --split-input-file | FileCheck %s

// Two equal blocks become calls: the weight and the carried value are arguments.

// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[W0:.*]] = moe_rt.weight "a"
// CHECK-DAG: %[[W1:.*]] = moe_rt.weight "b"
// CHECK: moe_rt.begin_layer {offset = 0 : i64}
// CHECK-NEXT: %[[X1:.*]] = call @layer_0(%{{.*}}%[[W0]]
// CHECK-NEXT: moe_rt.end_layer
// CHECK: %[[X2:.*]] = call @layer_0(%{{.*}}%[[W1]]
// CHECK: return %[[X2]]
// CHECK: func.func private @layer_0
// CHECK-COUNT-2: moe_rt.kernel @gemm
// CHECK-NOT: moe_rt.kernel
func.func @main(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %w0 = moe_rt.weight "a" [#moe_rt.region<"m.data", 0, 1024>] {source = tensor<16x16xf32>, pack = #moe_rt.pack<panels>} : tensor<1x16x16xf32>
  %e0 = tensor.empty() : tensor<4x16xf32>
  %a0 = moe_rt.kernel @gemm ins(%x, %w0 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%e0 : tensor<4x16xf32>) -> tensor<4x16xf32>
  %f0 = tensor.empty() : tensor<4x16xf32>
  %b0 = moe_rt.kernel @gemm ins(%a0, %w0 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%f0 : tensor<4x16xf32>) {last} -> tensor<4x16xf32>
  %w1 = moe_rt.weight "b" [#moe_rt.region<"m.data", 1024, 1024>] {source = tensor<16x16xf32>, pack = #moe_rt.pack<panels>} : tensor<1x16x16xf32>
  %e1 = tensor.empty() : tensor<4x16xf32>
  %a1 = moe_rt.kernel @gemm ins(%b0, %w1 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%e1 : tensor<4x16xf32>) -> tensor<4x16xf32>
  %f1 = tensor.empty() : tensor<4x16xf32>
  %b1 = moe_rt.kernel @gemm ins(%a1, %w1 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%f1 : tensor<4x16xf32>) {last} -> tensor<4x16xf32>
  return %b1 : tensor<4x16xf32>
}

// -----

// Different kernels: nothing repeats.

// CHECK-LABEL: func.func @main
// CHECK-NOT: call
func.func @main(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %e0 = tensor.empty() : tensor<4x16xf32>
  %a0 = moe_rt.kernel @one ins(%x : tensor<4x16xf32>) outs(%e0 : tensor<4x16xf32>) -> tensor<4x16xf32>
  %e1 = tensor.empty() : tensor<4x16xf32>
  %a1 = moe_rt.kernel @two ins(%a0 : tensor<4x16xf32>) outs(%e1 : tensor<4x16xf32>) -> tensor<4x16xf32>
  return %a1 : tensor<4x16xf32>
}

// -----

// One uninitialised tensor that all layers write: each layer makes its own.

// CHECK-LABEL: func.func @main
// CHECK-NOT: tensor.empty
// CHECK: call @layer_0(%arg0, %{{.*}}) : (tensor<4x16xf32>, tensor<1x16x16xf32>)
// CHECK: call @layer_0(
// CHECK: func.func private @layer_0
// CHECK: tensor.empty
// CHECK-NEXT: moe_rt.kernel @gemm
// CHECK-NEXT: tensor.empty
// CHECK-NEXT: moe_rt.kernel @gemm
func.func @main(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  %w0 = moe_rt.weight "a" [#moe_rt.region<"m.data", 0, 1024>] {source = tensor<16x16xf32>, pack = #moe_rt.pack<panels>} : tensor<1x16x16xf32>
  %w1 = moe_rt.weight "b" [#moe_rt.region<"m.data", 1024, 1024>] {source = tensor<16x16xf32>, pack = #moe_rt.pack<panels>} : tensor<1x16x16xf32>
  %a0 = moe_rt.kernel @gemm ins(%x, %w0 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %b0 = moe_rt.kernel @gemm ins(%a0, %w0 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%e : tensor<4x16xf32>) {last} -> tensor<4x16xf32>
  %a1 = moe_rt.kernel @gemm ins(%b0, %w1 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%e : tensor<4x16xf32>) -> tensor<4x16xf32>
  %b1 = moe_rt.kernel @gemm ins(%a1, %w1 : tensor<4x16xf32>, tensor<1x16x16xf32>) outs(%e : tensor<4x16xf32>) {last} -> tensor<4x16xf32>
  return %b1 : tensor<4x16xf32>
}

// -----

// The exchanges of the second layer are two plan steps later.

// CHECK-LABEL: func.func @main
// CHECK: moe_rt.begin_layer {offset = 0 : i64}
// CHECK: moe_rt.begin_layer {offset = 2 : i64}
// CHECK: func.func private @layer_0
// CHECK: step = 4
// CHECK: step = 5
func.func @main(%x: tensor<?x4xf32>, %rows: tensor<2xi64>) -> tensor<?x4xf32> {
  %a = moe_rt.kernel @k outs(%x : tensor<?x4xf32>) -> tensor<?x4xf32>
  %b = moe_rt.all_to_all(%a, %rows, %rows) outs(%a) {step = 4} : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  %c = moe_rt.all_gather(%b, %rows) outs(%b) {step = 5} : tensor<?x4xf32>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  %d = moe_rt.kernel @k outs(%c : tensor<?x4xf32>) -> tensor<?x4xf32>
  %e = moe_rt.all_to_all(%d, %rows, %rows) outs(%d) {step = 6} : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  %f = moe_rt.all_gather(%e, %rows) outs(%e) {step = 7} : tensor<?x4xf32>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  return %f : tensor<?x4xf32>
}
