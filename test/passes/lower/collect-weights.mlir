// RUN: moe-opt %s --moe-collect-weights | FileCheck %s

// Equal weights are one entry, whatever they are called.
// CHECK: moe_rt.inputs = [{dims = ["tokens", 4], name = "x", type = ui8}]
// CHECK: moe_rt.outputs = [{dims = ["output0_dim0", 4], name = "output0", type = f32}]
// CHECK: moe_rt.weights = [{name = "a", {{.*}}}, {name = "c", {{.*}}}]
func.func @main(%x: tensor<?x4xi8> {onnx.name = "x", onnx.dims = ["tokens", 4], onnx.type = ui8}) -> tensor<?x4xf32> {
  // CHECK: moe_rt.weight "a" {{.*}}index = 0
  // CHECK: moe_rt.weight "b" {{.*}}index = 0
  // CHECK: moe_rt.weight "c" {{.*}}index = 1
  %a = moe_rt.weight "a" [#moe_rt.region<"m", 0, 16>] {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xf32>
  %b = moe_rt.weight "b" [#moe_rt.region<"m", 0, 16>] {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xf32>
  %c = moe_rt.weight "c" [#moe_rt.region<"m", 16, 16>] {source = tensor<4xf32>, pack = #moe_rt.pack<none>} : tensor<4xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xi8>
  %y = tensor.empty(%n) : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}
