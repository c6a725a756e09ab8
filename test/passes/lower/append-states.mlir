// RUN: moe-opt %s --moe-append-states --split-input-file | FileCheck %s

// Caches by name and by form: the session keeps them.
// CHECK: module attributes {moe_rt.states = [{axis = 0 : i64, input = 1 : i64, output = 0 : i64}, {axis = 1 : i64, input = 0 : i64, output = 1 : i64}]}
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[K:arg0]]: {{[^)]*}}, %[[V:arg1]]: {{[^)]*}}, %[[NEW:arg2]]: {{[^)]*}}, %[[ROW:arg3]]:
// CHECK-DAG: %[[K2:.*]] = moe_rt.append %{{.*}}, %[[K]], %[[NEW]] {axis = 1 : i64} : tensor<2x?x4xf32>, tensor<2x?x4xf32> -> tensor<2x?x4xf32>
// CHECK-DAG: moe_rt.append %{{.*}}, %[[V]], %[[ROW]] {axis = 0 : i64} : tensor<?x4xf32>, tensor<1x4xf32> -> tensor<?x4xf32>
// CHECK: moe_rt.kernel @k ins(%[[K2]] :
// CHECK: return %[[V]], %[[K]], %{{.*}} :
func.func @main(%k: tensor<2x?x4xf32> {onnx.name = "past_key_values.0.key"}, %v: tensor<?x4xf32> {onnx.name = "input.past_key_values.layers.0.values"},
                %new: tensor<2x?x4xf32> {onnx.name = "new"}, %row: tensor<1x4xf32> {onnx.name = "row"})
    -> (tensor<?x4xf32> {onnx.name = "output.past_key_values.layers.0.values"}, tensor<2x?x4xf32> {onnx.name = "present.0.key"}, tensor<4xf32> {onnx.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %length = tensor.dim %k, %c1 : tensor<2x?x4xf32>
  %more = tensor.dim %new, %c1 : tensor<2x?x4xf32>
  %total = arith.addi %length, %more : index
  %e = tensor.empty(%total) : tensor<2x?x4xf32>
  %a = tensor.insert_slice %k into %e[0, 0, 0] [2, %length, 4] [1, 1, 1] : tensor<2x?x4xf32> into tensor<2x?x4xf32>
  %b = tensor.insert_slice %new into %a[0, %length, 0] [2, %more, 4] [1, 1, 1] : tensor<2x?x4xf32> into tensor<2x?x4xf32>
  %rows = tensor.dim %v, %c0 : tensor<?x4xf32>
  %rows1 = arith.addi %rows, %c1 : index
  %f = tensor.empty(%rows1) : tensor<?x4xf32>
  %c = tensor.insert_slice %v into %f[0, 0] [%rows, 4] [1, 1] : tensor<?x4xf32> into tensor<?x4xf32>
  %d = tensor.insert_slice %row into %c[%rows, 0] [1, 4] [1, 1] : tensor<1x4xf32> into tensor<?x4xf32>
  %g = tensor.empty() : tensor<4xf32>
  %y = moe_rt.kernel @k ins(%b : tensor<2x?x4xf32>) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  return %d, %b, %y : tensor<?x4xf32>, tensor<2x?x4xf32>, tensor<4xf32>
}

// -----

// Names of no cache; a cache that is read by itself too; one that begins
// elsewhere.
// CHECK-NOT: moe_rt.states
// CHECK-LABEL: func.func @main
// CHECK-NOT: moe_rt.append
func.func @main(%x: tensor<?x4xf32> {onnx.name = "x"}, %k: tensor<?x4xf32> {onnx.name = "past_key_values.0.key"}, %v: tensor<?x4xf32> {onnx.name = "past_key_values.0.value"},
                %row: tensor<1x4xf32> {onnx.name = "row"}) -> (tensor<?x4xf32> {onnx.name = "y"}, tensor<?x4xf32> {onnx.name = "present.0.key"},
                tensor<?x4xf32> {onnx.name = "present.0.value"}, tensor<?x4xf32> {onnx.name = "old"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = tensor.dim %x, %c0 : tensor<?x4xf32>
  %rows1 = arith.addi %rows, %c1 : index
  %f = tensor.empty(%rows1) : tensor<?x4xf32>
  %a = tensor.insert_slice %x into %f[0, 0] [%rows, 4] [1, 1] : tensor<?x4xf32> into tensor<?x4xf32>
  %y = tensor.insert_slice %row into %a[%rows, 0] [1, 4] [1, 1] : tensor<1x4xf32> into tensor<?x4xf32>
  %g = tensor.empty(%rows1) : tensor<?x4xf32>
  %b = tensor.insert_slice %k into %g[0, 0] [%rows, 4] [1, 1] : tensor<?x4xf32> into tensor<?x4xf32>
  %z = tensor.insert_slice %row into %b[%rows, 0] [1, 4] [1, 1] : tensor<1x4xf32> into tensor<?x4xf32>
  %h = tensor.empty(%rows1) : tensor<?x4xf32>
  %c = tensor.insert_slice %v into %h[1, 0] [%rows, 4] [1, 1] : tensor<?x4xf32> into tensor<?x4xf32>
  %w = tensor.insert_slice %row into %c[%rows, 0] [1, 4] [1, 1] : tensor<1x4xf32> into tensor<?x4xf32>
  return %y, %z, %w, %k : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Sequences with ends of their own.
// CHECK: module attributes {moe_rt.states = [{axis = 2 : i64, input = 0 : i64, output = 0 : i64}]}
// CHECK-LABEL: func.func @main
// CHECK: %[[K:.*]] = moe_rt.append %{{.*}}, %arg0, %arg1 rows %arg3 at %arg2 : tensor<2xi64> {axis = 2 : i64} : tensor<2x1x?x4xf32>, tensor<2x1x3x4xf32> -> tensor<2x1x?x4xf32>
// CHECK-NOT: place_rows
// CHECK: moe_rt.kernel @k ins(%[[K]] :
// CHECK: return %arg0, %{{.*}} :
func.func @main(%k: tensor<2x1x?x4xf32> {onnx.name = "past_key_values.0.key"}, %new: tensor<2x1x3x4xf32> {onnx.name = "new"}, %at: tensor<2xi64> {onnx.name = "at"}, %rows: index {onnx.name = "rows"})
    -> (tensor<2x1x?x4xf32> {onnx.name = "present.0.key"}, tensor<4xf32> {onnx.name = "y"}) {
  %e = tensor.empty(%rows) : tensor<2x1x?x4xf32>
  %a = moe_rt.kernel @place_rows ins(%k, %new, %at : tensor<2x1x?x4xf32>, tensor<2x1x3x4xf32>, tensor<2xi64>) outs(%e : tensor<2x1x?x4xf32>) -> tensor<2x1x?x4xf32>
  %g = tensor.empty() : tensor<4xf32>
  %y = moe_rt.kernel @k ins(%a : tensor<2x1x?x4xf32>) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  return %a, %y : tensor<2x1x?x4xf32>, tensor<4xf32>
}

// -----

// No cache by its name; one that another op reads too; another kernel.
// CHECK-NOT: moe_rt.states
// CHECK-LABEL: func.func @main
// CHECK-NOT: moe_rt.append
func.func @main(%x: tensor<2x1x?x4xf32> {onnx.name = "x"}, %k: tensor<2x1x?x4xf32> {onnx.name = "past_key_values.0.key"}, %v: tensor<2x1x?x4xf32> {onnx.name = "past_key_values.0.value"},
                %new: tensor<2x1x3x4xf32> {onnx.name = "new"}, %at: tensor<2xi64> {onnx.name = "at"}, %rows: index {onnx.name = "rows"})
    -> (tensor<2x1x?x4xf32> {onnx.name = "y"}, tensor<2x1x?x4xf32> {onnx.name = "present.0.key"}, tensor<2x1x?x4xf32> {onnx.name = "present.0.value"}, tensor<4xf32> {onnx.name = "z"}) {
  %e = tensor.empty(%rows) : tensor<2x1x?x4xf32>
  %a = moe_rt.kernel @place_rows ins(%x, %new, %at : tensor<2x1x?x4xf32>, tensor<2x1x3x4xf32>, tensor<2xi64>) outs(%e : tensor<2x1x?x4xf32>) -> tensor<2x1x?x4xf32>
  %b = moe_rt.kernel @place_rows ins(%k, %new, %at : tensor<2x1x?x4xf32>, tensor<2x1x3x4xf32>, tensor<2xi64>) outs(%e : tensor<2x1x?x4xf32>) -> tensor<2x1x?x4xf32>
  %c = moe_rt.kernel @other ins(%v, %new, %at : tensor<2x1x?x4xf32>, tensor<2x1x3x4xf32>, tensor<2xi64>) outs(%e : tensor<2x1x?x4xf32>) -> tensor<2x1x?x4xf32>
  %g = tensor.empty() : tensor<4xf32>
  %z = moe_rt.kernel @k ins(%k : tensor<2x1x?x4xf32>) outs(%g : tensor<4xf32>) -> tensor<4xf32>
  return %a, %b, %c, %z : tensor<2x1x?x4xf32>, tensor<2x1x?x4xf32>, tensor<2x1x?x4xf32>, tensor<4xf32>
}
