// RUN: moe-opt %s --verify-roundtrip | FileCheck %s
// RUN: moe-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" | FileCheck %s --check-prefix=BUFFER

// CHECK-LABEL: func @layer
func.func @layer(%a: tensor<?x8xf32>, %cond: i1) -> tensor<?x4xf32> {
  %zero = arith.constant 0 : index
  // CHECK: moe_rt.weight "w" [#moe_rt.region<"m.data", 0, 128>] {pack = #moe_rt.pack<panels>, source = tensor<8x4xf32>} : tensor<1x8x16xf32>
  // BUFFER: moe_rt.weight "w" {{.*}} : memref<1x8x16xf32>
  %w = moe_rt.weight "w" [#moe_rt.region<"m.data", 0, 128>]
         {source = tensor<8x4xf32>, pack = #moe_rt.pack<panels>} : tensor<1x8x16xf32>
  %m = tensor.dim %a, %zero : tensor<?x8xf32>
  %init = tensor.empty(%m) : tensor<?x4xf32>
  // CHECK: moe_rt.check %{{.*}}, "tokens expected"
  moe_rt.check %cond, "tokens expected"
  // CHECK: moe_rt.kernel @gemm ins({{.*}}) outs({{.*}}) {activation = "silu"} -> tensor<?x4xf32>
  // BUFFER: moe_rt.kernel @gemm ins({{.*}} : memref<?x8xf32>, memref<1x8x16xf32>) outs({{.*}} : memref<?x4xf32>) {activation = "silu"}
  // BUFFER-NOT: memref.copy
  %y = moe_rt.kernel @gemm ins(%a, %w : tensor<?x8xf32>, tensor<1x8x16xf32>)
         outs(%init : tensor<?x4xf32>) {activation = "silu"} -> tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// A view that is only read stays one.
// BUFFER-LABEL: func @slice
func.func @slice(%a: tensor<6x8xf32>, %c: tensor<6x4xf32>) -> tensor<6x4xf32> {
  // BUFFER: %[[VIEW:.*]] = memref.subview
  // BUFFER-NOT: memref.copy
  // BUFFER: moe_rt.kernel @norm ins(%[[VIEW]] : memref<6x4xf32, strided<[8, 1], offset: 2>>)
  %s = tensor.extract_slice %a[0, 2] [6, 4] [1, 1] : tensor<6x8xf32> to tensor<6x4xf32>
  %y = moe_rt.kernel @norm ins(%s : tensor<6x4xf32>) outs(%c : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %y : tensor<6x4xf32>
}

// What was appended is strided: there is room behind.
// CHECK-LABEL: func @append
// BUFFER-LABEL: func @append
func.func @append(%i: index, %past: tensor<2x?x4xf32>, %all: tensor<2x9x4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // BUFFER: %[[VIEW:.*]] = memref.subview
  // BUFFER: %[[NEW:.*]] = memref.alloc
  // BUFFER: memref.copy %[[VIEW]], %[[NEW]]
  // BUFFER: %[[STATE:.*]] = moe_rt.append %arg0, %arg1, %[[NEW]] {axis = 1 : i64} : memref<2x?x4xf32>, memref<2x1x4xf32> -> memref<2x?x4xf32, strided<[?, ?, 1]>>
  // BUFFER: moe_rt.kernel @k ins(%[[STATE]] :
  // CHECK: moe_rt.append %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : tensor<2x?x4xf32>, tensor<2x1x4xf32> -> tensor<2x?x4xf32>
  %new = tensor.extract_slice %all[0, 3, 0] [2, 1, 4] [1, 1, 1] : tensor<2x9x4xf32> to tensor<2x1x4xf32>
  %state = moe_rt.append %i, %past, %new {axis = 1} : tensor<2x?x4xf32>, tensor<2x1x4xf32> -> tensor<2x?x4xf32>
  %z = moe_rt.kernel @k ins(%state : tensor<2x?x4xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func @append_at
// BUFFER-LABEL: func @append_at
func.func @append_at(%i: index, %past: tensor<2x?x4xf32>, %new: tensor<2x1x4xf32>, %at: tensor<4xi64>, %y: tensor<4xf32>) -> tensor<4xf32> {
  // BUFFER: %[[EVERY_OTHER:.*]] = memref.subview
  // BUFFER: %[[AT:.*]] = memref.alloc
  // BUFFER: memref.copy %[[EVERY_OTHER]], %[[AT]]
  // BUFFER: moe_rt.append %arg0, %arg1, %arg2 rows %arg0 at %[[AT]] : memref<2xi64> {axis = 1 : i64} : memref<2x?x4xf32>, memref<2x1x4xf32> -> memref<2x?x4xf32, strided<[?, ?, 1]>>
  // CHECK: moe_rt.append %{{.*}}, %{{.*}}, %{{.*}} rows %{{.*}} at %{{.*}} : tensor<2xi64> {axis = 1 : i64} : tensor<2x?x4xf32>, tensor<2x1x4xf32> -> tensor<2x?x4xf32>
  %some = tensor.extract_slice %at[0] [2] [2] : tensor<4xi64> to tensor<2xi64>
  %state = moe_rt.append %i, %past, %new rows %i at %some : tensor<2xi64> {axis = 1} : tensor<2x?x4xf32>, tensor<2x1x4xf32> -> tensor<2x?x4xf32>
  %z = moe_rt.kernel @k ins(%state : tensor<2x?x4xf32>) outs(%y : tensor<4xf32>) -> tensor<4xf32>
  return %z : tensor<4xf32>
}

// CHECK-LABEL: func @exchange
func.func @exchange(%x: tensor<?x4xf32>, %rows: tensor<2xi64>, %init: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: moe_rt.rank : index
  %r = moe_rt.rank : index
  // CHECK: moe_rt.ranks : index
  %n = moe_rt.ranks : index
  // CHECK: moe_rt.all_to_all(%{{.*}}, %{{.*}}, %{{.*}}) outs(%{{.*}}) {rounds = [array<i32: 0, 1>, array<i32: 1, 0>], step = 3 : i64}
  // BUFFER: moe_rt.all_to_all({{.*}} : memref<?x4xf32>, memref<2xi64>, memref<2xi64>, memref<?x4xf32>
  %y = moe_rt.all_to_all(%x, %rows, %rows) outs(%init)
         {step = 3, rounds = [array<i32: 0, 1>, array<i32: 1, 0>]}
         : tensor<?x4xf32>, tensor<2xi64>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: moe_rt.all_gather
  // BUFFER: moe_rt.all_gather
  %z = moe_rt.all_gather(%y, %rows) outs(%init) {step = 4}
         : tensor<?x4xf32>, tensor<2xi64>, tensor<?x4xf32> -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// Each rank stores its own experts.
// CHECK-LABEL: func @bank
func.func @bank(%count: index) -> tensor<?x2x32x16xbf16> {
  // CHECK: slots(%{{.*}}) {pack = #moe_rt.pack<gated_panels, concatenated, transposed>
  %w = moe_rt.weight "bank" [#moe_rt.region<"m.data", 0, 768>] slots(%count)
         {source = tensor<4x24x4xbf16>, pack = #moe_rt.pack<gated_panels, concatenated, transposed>,
          slots = [array<i64: 0, 1>, array<i64: 2, 3, 0>]} : tensor<?x2x32x16xbf16>
  return %w : tensor<?x2x32x16xbf16>
}

func.func private @body(%begin: index, %end: index, %x: memref<?xf32>) {
  return
}

// CHECK-LABEL: func @loop
func.func @loop(%n: index, %x: memref<?xf32>) {
  // CHECK: moe_rt.threads : index
  %t = moe_rt.threads : index
  // CHECK: moe_rt.launch @body(%{{.*}}, %{{.*}}, %{{.*}}) : memref<?xf32>
  moe_rt.launch @body(%n, %t, %x) : memref<?xf32>
  return
}

// CHECK-LABEL: func @profile
func.func @profile(%n: index) {
  // CHECK: moe_rt.begin_layer {offset = 5 : i64}
  moe_rt.begin_layer {offset = 5 : i64}
  // CHECK: moe_rt.profiling : i1
  %on = moe_rt.profiling : i1
  // CHECK: moe_rt.mark <experts> "expert_gated" "/mlp/MoE"(%{{.*}}, %{{.*}})
  moe_rt.mark <experts> "expert_gated" "/mlp/MoE"(%n, %n)
  // CHECK: moe_rt.end_layer
  moe_rt.end_layer
  return
}
