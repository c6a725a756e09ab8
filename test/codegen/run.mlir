// A program with weights, outlined layers, kernels, reductions and all float
// types, compiled and run; compared with numpy.
// RUN: rm -rf %t && mkdir -p %t && cp %s %t/m.mlir
// RUN: %python %S/Inputs/run.py make %t
// RUN: moe-compile %t/m.mlir -o %t/m.moe
// RUN: moe-run %t/m.moe --input x=%t/x.npy --input h=%t/h.npy --output-dir %t/out
// RUN: %python %S/Inputs/run.py check %t
// The only libraries are libc and libm.
// RUN: llvm-readelf --needed-libs %t/m.moe/program.so | FileCheck %s --check-prefix=NEEDED
// NEEDED: NeededLibraries [
// NEEDED-NEXT: libc.so.6
// NEEDED-NEXT: libm.so.6
// NEEDED-NEXT: ]

#id = affine_map<(d0, d1) -> (d0, d1)>
func.func private @layer(%x: tensor<?x40xf32>, %w: tensor<3x40x16xf32>) -> tensor<?x40xf32> {
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?x40xf32>
  %e = tensor.empty(%d) : tensor<?x40xf32>
  %y = moe_rt.kernel @gemm ins(%x, %w : tensor<?x40xf32>, tensor<3x40x16xf32>) outs(%e : tensor<?x40xf32>) -> tensor<?x40xf32>
  %r = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel","parallel"]} ins(%x, %y : tensor<?x40xf32>, tensor<?x40xf32>) outs(%e : tensor<?x40xf32>) {
   ^bb0(%a: f32, %b: f32, %o: f32):
    %t = math.tanh %b : f32
    %m = arith.addf %a, %t : f32
    linalg.yield %m : f32 } -> tensor<?x40xf32>
  return %r : tensor<?x40xf32>
}
func.func @main(%x: tensor<?x40xf32> {onnx.name = "x", onnx.dims = ["tokens", 40]}, %h: tensor<?x40xf16> {onnx.name = "h", onnx.dims = ["tokens", 40]}) -> (tensor<?x40xf32> {onnx.name = "y", onnx.dims = ["tokens", 40]}, tensor<?x40xf16> {onnx.name = "z", onnx.dims = ["tokens", 40]}, tensor<?x40xbf16> {onnx.name = "b", onnx.dims = ["tokens", 40]}, tensor<?xi64> {onnx.name = "arg", onnx.dims = ["tokens"]}) {
  %c0 = arith.constant 0 : index
  %w0 = moe_rt.weight "w0" [#moe_rt.region<"w.bin", 0, 6400>] {source = tensor<40x40xf32>, pack = #moe_rt.pack<panels>} : tensor<3x40x16xf32>
  %w1 = moe_rt.weight "w1" [#moe_rt.region<"w.bin", 6400, 3200>, #moe_rt.region<"w.bin", 9600, 3200>] {source = tensor<40x40xf32>, pack = #moe_rt.pack<panels, transposed>} : tensor<3x40x16xf32>
  %a = func.call @layer(%x, %w0) : (tensor<?x40xf32>, tensor<3x40x16xf32>) -> tensor<?x40xf32>
  %b = func.call @layer(%a, %w1) : (tensor<?x40xf32>, tensor<3x40x16xf32>) -> tensor<?x40xf32>
  %d = tensor.dim %h, %c0 : tensor<?x40xf16>
  %e = tensor.empty(%d) : tensor<?x40xf16>
  %z = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel","parallel"]} ins(%h : tensor<?x40xf16>) outs(%e : tensor<?x40xf16>) {
   ^bb0(%q: f16, %o: f16):
    %t = math.exp %q : f16
    %m = arith.addf %q, %t : f16
    %d64 = arith.extf %m : f16 to f64
    %s = math.sin %d64 : f64
    %u = arith.truncf %s : f64 to f16
    linalg.yield %u : f16 } -> tensor<?x40xf16>
  %eb = tensor.empty(%d) : tensor<?x40xbf16>
  %bb = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel","parallel"]} ins(%b : tensor<?x40xf32>) outs(%eb : tensor<?x40xbf16>) {
   ^bb0(%q: f32, %o: bf16):
    %t = arith.truncf %q : f32 to bf16
    %m = arith.mulf %t, %t : bf16
    linalg.yield %m : bf16 } -> tensor<?x40xbf16>
  %minus = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0 : i64
  %ev = tensor.empty(%d) : tensor<?xf32>
  %ei = tensor.empty(%d) : tensor<?xi64>
  %fv = linalg.fill ins(%minus : f32) outs(%ev : tensor<?xf32>) -> tensor<?xf32>
  %fi = linalg.fill ins(%zero : i64) outs(%ei : tensor<?xi64>) -> tensor<?xi64>
  %am:2 = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i)>, affine_map<(i, j) -> (i)>], iterator_types = ["parallel","reduction"]} ins(%b : tensor<?x40xf32>) outs(%fv, %fi : tensor<?xf32>, tensor<?xi64>) {
   ^bb0(%q: f32, %v: f32, %i: i64):
    %j = linalg.index 1 : index
    %j64 = arith.index_cast %j : index to i64
    %g = arith.cmpf ogt, %q, %v : f32
    %nv = arith.select %g, %q, %v : f32
    %ni = arith.select %g, %j64, %i : i64
    linalg.yield %nv, %ni : f32, i64 } -> (tensor<?xf32>, tensor<?xi64>)
  return %b, %z, %bb, %am#1 : tensor<?x40xf32>, tensor<?x40xf16>, tensor<?x40xbf16>, tensor<?xi64>
}
