// Every level that --emit prints is read again, by moe-opt and by moe-compile.
// RUN: moe-compile %s --emit=lowered -o %t.lowered.mlir
// RUN: moe-opt %t.lowered.mlir | FileCheck %s --check-prefix=LOWERED
// RUN: moe-compile %t.lowered.mlir --emit=llvm -o - | FileCheck %s --check-prefix=LLVM
// RUN: moe-compile %s --emit=llvm -o - | moe-opt | FileCheck %s --check-prefix=LLVM
// RUN: rm -rf %t.moe && moe-compile %t.lowered.mlir --report=json -o %t.moe | FileCheck %s --check-prefix=JSON
// RUN: moe-compile %s --report -o %t.moe | FileCheck %s --check-prefix=TEXT
// RUN: FileCheck %s --check-prefix=MANIFEST --input-file=%t.moe/manifest.json

// LOWERED: moe_rt.inputs = [{dims = ["n"], name = "x", type = f32}]
// LOWERED: func.func @main(%{{.*}}: memref<?xf32>
// LOWERED: moe_rt.launch
// LLVM: llvm.func @moe_program_run(
// JSON: "model": "emit
// JSON: "ranks": 1
// JSON: "artifact":
// TEXT: model       emit
// TEXT: placement   1 rank
// TEXT: time        artifact

// MANIFEST: {
// MANIFEST-NEXT:   "abi_version": 3,
// MANIFEST-NEXT:   "checksums": {
// MANIFEST-NEXT:     "program.so": "xxh3:{{[0-9a-f]+}}"
// MANIFEST-NEXT:   },
// MANIFEST-NEXT:   "format": "moec-artifact",
// MANIFEST-NEXT:   "format_version": 1,
// MANIFEST-NEXT:   "hardware": {},
// MANIFEST-NEXT:   "inputs": [
// MANIFEST-NEXT:     {
// MANIFEST-NEXT:       "name": "x",
// MANIFEST-NEXT:       "shape": [
// MANIFEST-NEXT:         "n"
// MANIFEST-NEXT:       ],
// MANIFEST-NEXT:       "type": "f32"
// MANIFEST-NEXT:     }
// MANIFEST-NEXT:   ],
// MANIFEST-NEXT:   "name": "emit",
// MANIFEST:        "symbol": "moe_program_run_v4"
// MANIFEST:        "symbol": "moe_program_run_v3"
// MANIFEST:        "ranks": 1,
// MANIFEST-NEXT:   "weight_files": [],
// MANIFEST-NEXT:   "weights": []
// MANIFEST-NEXT: }

#id = affine_map<(i) -> (i)>
func.func @main(%x: tensor<?xf32> {onnx.name = "x", onnx.dims = ["n"]}) -> (tensor<?xf32> {onnx.name = "y", onnx.dims = ["n"]}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]} ins(%x : tensor<?xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%v: f32, %o: f32):
    %t = arith.mulf %v, %v : f32
    linalg.yield %t : f32
  } -> tensor<?xf32>
  return %y : tensor<?xf32>
}
