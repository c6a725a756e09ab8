// What code generation refuses ends with one error, and leaves nothing behind.
// RUN: rm -rf %t && mkdir -p %t
// RUN: moe-compile %s --emit=llvm -o %t/whole.mlir

// RUN: echo 'module {}' > %t/empty.mlir
// RUN: not moe-compile %t/empty.mlir -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=MAIN
// MAIN: moe-compile: error: the module has no moe_rt.inputs; it needs a function @main
// MAIN-NOT: error:

// RUN: sed 's/call @halve/call @somewhere/' %s > %t/call.mlir
// RUN: echo 'func.func private @somewhere(f32) -> f32' >> %t/call.mlir
// RUN: not moe-compile %t/call.mlir -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=SYMBOL
// SYMBOL: moe-compile: error: the program would need the function 'somewhere', which neither the runtime nor libm provides
// SYMBOL-NOT: error:

// RUN: sed 's/moe_rt.weights = /moe_rt.other = /' %t/whole.mlir > %t/table.mlir
// RUN: not moe-compile %t/table.mlir -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=TABLE
// TABLE: moe-compile: error: the module has no moe_rt.weights; run moe-collect-weights first
// TABLE-NOT: error:

// RUN: sed 's/moe_rt.weights = \[\]/moe_rt.weights = [{}]/' %t/whole.mlir > %t/entry.mlir
// RUN: not moe-compile %t/entry.mlir -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: moe-compile: error: an entry of moe_rt.weights lacks name, regions, source or pack
// ENTRY-NOT: error:

// The LLVM level says what is private to an instruction set; this does not.
// RUN: sed 's/llvm.func internal @halve/llvm.func @halve/' %t/whole.mlir > %t/twice.mlir
// RUN: not moe-compile %t/twice.mlir -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=LINK
// LINK: moe-compile: error: linking failed: {{.*}}duplicate symbol: halve

// RUN: sed 's/llvm.fmul/arith.mulf/' %t/whole.mlir > %t/mixed.mlir
// RUN: not moe-compile %t/mixed.mlir -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=MIXED
// MIXED: moe-compile: error: {{.*}}mixed.mlir:{{[0-9:]+}} cannot be converted to LLVM IR: {{.*}}arith.mulf
// MIXED-NOT: error:

// RUN: env TMPDIR=%t/absent not moe-compile %s -o %t/out.moe 2>&1 | FileCheck %s --check-prefix=LOG
// LOG: moe-compile: error: cannot write the linker's log: No such file or directory
// LOG-NOT: error:

// RUN: ls -A %t | FileCheck %s --check-prefix=LEFT
// LEFT-NOT: .moe

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.map ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>)
    (%v: f32, %o: f32) {
      %half = func.call @halve(%v) : (f32) -> f32
      linalg.yield %half : f32
    }
  return %y : tensor<4xf32>
}

func.func private @halve(%v: f32) -> f32 {
  %c = arith.constant 0.5 : f32
  %y = arith.mulf %v, %c : f32
  return %y : f32
}
