//===- Passes.td - From tensors to the LLVM dialect ----------*- tablegen -*-===//
//
// Part of moec. The order in which these run stands in passes/Pipelines.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_TD
#define MOEC_PASSES_LOWER_TD

include "mlir/Pass/PassBase.td"

def LowerMoePass : Pass<"moe-lower-moe", "::mlir::ModuleOp"> {
  let summary = "Lower the moe ops to linalg and kernels";
  let description = [{
    Routing becomes linalg and the `topk` kernel; dispatch, experts and combine
    become kernels that read the expert banks packed. A layer whose
    `moe.experts` carries a `moe.placement` is spread over the ranks: each takes its
    share of the tokens, rows travel to their experts and back in
    `moe_rt.all_to_all`s (in the order of `moe.rounds`), and `moe_rt.all_gather`
    puts the output together. Both forms give the same bits. The module's
    `moe_rt.ranks` becomes the number of devices.

    Banks that lie in the model's files are packed ahead of time; a bank that the
    graph computes is packed in every run, with a warning.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect",
    "::moec::rt::MoeRtDialect"
  ];
}

def AppendStatesPass : Pass<"moe-append-states", "::mlir::ModuleOp"> {
  let summary = "Let the session keep the caches that a decoder appends to";
  let description = [{
    An output of `@main` that is an input followed by new elements, where both are
    a decoder's cache by their names, becomes a `moe_rt.append`: the session holds
    the cache with room to spare, so that a step copies what is new and no more.
    The program returns the input in its place. `moe_rt.states` lists input,
    output and axis. The same for the kernel `place_rows`, whose new elements go
    behind the end of each sequence: what GroupQueryAttention becomes.

    Before:
    ```mlir
    %0 = tensor.insert_slice %past into %empty [0, 0] ...
    %1 = tensor.insert_slice %new into %0 [0, %length] ...
    return %1
    ```
    After:
    ```mlir
    %1 = moe_rt.append %c0, %past, %new {axis = 1 : i64} ...
    return %past
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::moec::rt::MoeRtDialect"];
  let statistics = [
    Statistic<"appended", "appended", "Number of caches that the session keeps">
  ];
}

def NarrowWeightsPass : Pass<"moe-narrow-weights", "::mlir::ModuleOp"> {
  let summary = "Store f32 weights of products in 16 bits";
  let description = [{
    The panels of f32 weights that kernels multiply with are stored as bf16 or
    f16, rounded to the nearest; products and sums stay f32. Half the bytes are
    read in a step, at the cost of the rounding.

    Before: `moe_rt.weight "w" [...] {source = tensor<32x32xf32>, ...} : tensor<2x32x16xf32>`

    After: `moe_rt.weight "w" [...] {source = tensor<32x32xf32>, ...} : tensor<2x32x16xbf16>`
  }];
  let options = [Option<"type", "type", "std::string", /*default=*/"\"bf16\"",
                        "bf16 or f16">];
  let statistics = [
    Statistic<"narrowed", "narrowed", "Number of weights stored in 16 bits">
  ];
}

def OutlineLayersPass : Pass<"moe-outline-layers", "::mlir::ModuleOp"> {
  let summary = "Keep one function for equal consecutive layers";
  let description = [{
    A decoder is the same layer many times. Blocks of ops in `@main` that are
    equal but for the values they take from outside (weights, caches, the hidden
    state of the layer before) become calls of one private function, so that
    everything behind costs the time of the distinct layers. Extents, constants
    and weights are moved to the front of `@main` first.

    ```mlir
    %a1 = "layer ops"(%a0, %w0)          moe_rt.begin_layer {offset = 0 : i64}
    %a2 = "layer ops"(%a1, %w1)    ->    %a1 = call @layer_0(%a0, %w0)
                                         moe_rt.end_layer
                                         moe_rt.begin_layer {offset = 5 : i64}
                                         %a2 = call @layer_0(%a1, %w1)
                                         moe_rt.end_layer
    ```

    The plan step of an exchange inside a layer is the first layer's, and `offset`
    what is to be added in this one.

    Limits: one rotation of the layer is tried per repetition.
  }];
  let options = [
    Option<"smallest", "smallest", "int64_t", /*default=*/"16",
           "Leave repetitions alone that save fewer ops than this">
  ];
  let statistics = [
    Statistic<"outlined", "outlined", "Number of blocks replaced by calls">
  ];
  let dependentDialects = ["::mlir::func::FuncDialect", "::moec::rt::MoeRtDialect"];
}

def CollectWeightsPass : Pass<"moe-collect-weights", "::mlir::ModuleOp"> {
  let summary = "Writes the artifact's tables on the module";
  let description = [{
    Numbers the weights and records what the artifact must hold, so that every
    later level still knows it:

    - `moe_rt.weights`: one dictionary per stored weight, the position being the
      index that the program asks the runtime for. Equal weights (same regions,
      source, pack and slots) share an entry.
    - `moe_rt.inputs`, `moe_rt.outputs`: name, element type and dimensions of the
      arguments and results of `@main`.

    After it every `moe_rt.weight` has an `index`.

    ```mlir
    %w = moe_rt.weight "w" [...] {source = ..., pack = ...} : tensor<4xf32>
    // becomes
    module attributes {moe_rt.weights = [{name = "w", ...} ], ...}
    %w = moe_rt.weight "w" [...] {index = 0 : i64, ...} : tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::moec::rt::MoeRtDialect"];
}

def FuseElementwisePass : Pass<"moe-fuse-elementwise"> {
  let summary = "Fuses elementwise linalg ops into their consumers";
  let description = [{
    Upstream fusion with a rule that never repeats work: a producer is fused if
    its consumer reads each of its elements once, or if it does nothing but
    convert, broadcast or fill. A reduction may take in what it reduces; a
    contraction, which reads each element many times, takes in nothing.

    Limits: producers with several uses stay as they are unless they are cheap.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::affine::AffineDialect"];
}

def FreeBuffersPass : Pass<"moe-free-buffers", "::mlir::func::FuncOp"> {
  let summary = "Frees every buffer after its last use";
  let description = [{
    A function owns what it allocates and what its callees return; what it
    returns belongs to its caller, and so a private function returns copies of
    arguments and weights. `@main` may return those themselves: its caller never
    frees single buffers.

    In a function whose control flow does not choose between buffers, ownership
    is known here and now: the buffer is freed right after the last op that uses
    it or a view of it, not at the end of the function, so that a decoder of
    many layers reuses the memory of one. Other functions go through upstream's
    ownership-based deallocation, which decides at run time.

    ```mlir
    %a = memref.alloc() ...
    moe_rt.kernel @gemm ... outs(%a)
    moe_rt.kernel @norm ins(%a) ...
    memref.dealloc %a                   // inserted
    ```
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect"];
}

def LowerCopiesPass : Pass<"moe-lower-copies"> {
  let summary = "Strided copies become elementwise loops";
  let description = [{
    `memref.copy` between contiguous buffers stays (a memcpy); any other becomes
    a `linalg.generic`, because a copy of strided memory has no library call
    here. Copies of a buffer onto itself vanish.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def LowerReshapesPass : Pass<"moe-lower-reshapes"> {
  let summary = "Turn expansions of contiguous buffers into reinterpreting casts";
  let description = [{
    `memref.expand_shape` may split one extent into several that are known only
    at run time; upstream's expansion of strided metadata handles one per group.
    On a contiguous buffer the sizes alone say everything.

    ```mlir
    %1 = memref.expand_shape %0 [[0, 1], [2]] output_shape [%b, %s, 32]
           : memref<?x32xf32> into memref<?x?x32xf32>
    // becomes
    %1 = memref.reinterpret_cast %0 to offset: [0], sizes: [%b, %s, 32],
           strides: [%t, 32, 1] : memref<?x32xf32> to memref<?x?x32xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PromoteAccumulatorsPass : Pass<"moe-promote-accumulators"> {
  let summary = "Loop-invariant elements that a loop updates become iter_args";
  let description = [{
    A loop that loads, combines and stores one invariant element of a buffer
    keeps it in a register instead, so that LLVM can vectorise the reduction.
    The float operation that combines is allowed to reassociate: a row is always
    reduced whole, so the result does not depend on threads or ranks.

    ```mlir
    scf.for %k = %a to %b step %c {            %x = memref.load %acc[%i]
      %s = memref.load %acc[%i]                %r = scf.for ... iter_args(%s = %x) {
      %v = memref.load %in[%i, %k]               %v = memref.load %in[%i, %k]
      %t = arith.addf %s, %v            =>       %t = arith.addf %s, %v fastmath<reassoc,contract>
      memref.store %t, %acc[%i]                  scf.yield %t
    }                                          }
                                               memref.store %r, %acc[%i]
    ```

    Limits: the element must exist even if the loop runs zero times (true for
    loops that come from linalg); every other access of the loop must provably
    touch other memory.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
  let statistics = [Statistic<"promoted", "promoted", "Accumulators promoted">];
}

def LinkKernelsPass : Pass<"moe-link-kernels", "::mlir::ModuleOp"> {
  let summary = "Kernel ops become calls of library functions";
  let description = [{
    Puts the kernels that `moe_rt.kernel` ops name into the module as private
    functions, specialised by their attributes, element types and the module's
    `moe_rt.isa`, and calls them. Operands whose layout is not contiguous are
    copied to (and, for outs, back from) a buffer. The kernels are listed in
    passes/lower/kernels/README.md.

    Before it: no tensors. After it: no `moe_rt.kernel`.

    ```mlir
    moe_rt.kernel @gemm ins(%a, %w : memref<?x8xf32>, memref<1x8x16xf32>) outs(%c : memref<?x4xf32>)
    // becomes
    call @moe_kernel_gemm_f32(%a_cast, %w_cast, %c_cast) : (memref<?x?xf32>, memref<?x?x16xf32>, memref<?x?xf32>) -> ()
    ```
  }];
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def MarkStepsPass : Pass<"moe-mark-steps", "::mlir::func::FuncOp"> {
  let summary = "Steps of the program announce themselves to a profile";
  let description = [{
    In front of every kernel, exchange, copy and outermost loop: its phase, its
    name and its work, for runs that keep a profile. The phase is the kernel's
    own, or that of the moe op it comes from (Phases.h), or `elementwise`. Work is
    computed from the shapes at run time: floating-point operations of kernels,
    and the bytes of all operands, of expert weights only where an expert has
    rows. A loop counts what it loads and stores of a buffer, at most the buffer.

    ```mlir
    moe_rt.kernel @gemm ins(%a, %w ...) outs(%c ...)
    // becomes
    %on = moe_rt.profiling : i1
    scf.if %on {
      moe_rt.mark <dense> "gemm" "/lm_head/MatMul"(%flops, %bytes)
    }
    moe_rt.kernel @gemm ins(%a, %w ...) outs(%c ...)
    ```
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect", "::moec::rt::MoeRtDialect"];
  let statistics = [Statistic<"marked", "marked", "Number of steps">];
}

def OutlineParallelLoopsPass
    : Pass<"moe-outline-parallel-loops", "::mlir::ModuleOp"> {
  let summary = "Outermost parallel loops become bodies for the thread pool";
  let description = [{
    The iterations of an outermost `scf.parallel` are numbered row-major and a
    function runs any range of them; `moe_rt.launch` spreads chunks over the
    threads. The chunk holds at least `min-work` units of work (estimated from
    the operations of the body and the trip counts at run time), so that a small
    loop is one chunk and runs inline. The innermost dimension stays one
    `scf.for` for LLVM's vectoriser. A loop with the unit attribute `moe.tasks`
    is launched with one task per iteration.

    After it no `scf.parallel` without reductions is left.

    ```mlir
    scf.parallel (%i, %j) = (%c0, %c0) to (%m, %n) step (%c1, %c1) { BODY }
    // becomes
    moe_rt.launch @f_loop_0(%mn, %chunk, %m, %n, ...)
    func.func private @f_loop_0(%begin, %end, %m, %n, ...) {
      scf.for %row = begin / n to ceil(end / n) {
        scf.for %j = max(begin - row * n, 0) to min(end - row * n, n) { BODY }
      }
    }
    ```
  }];
  let options = [
    Option<"minWork", "min-work", "int64_t", "65536",
           "Least work of one chunk, in operations on scalars">,
    Option<"chunksPerThread", "chunks-per-thread", "int64_t", "4",
           "Chunks per thread of a large loop">
  ];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::func::FuncDialect",
                           "::mlir::arith::ArithDialect", "::moec::rt::MoeRtDialect"];
  let statistics = [Statistic<"launched", "launched", "Parallel loops launched">];
}

def ExpandMathPass : Pass<"moe-expand-math"> {
  let summary = "Math that LLVM can vectorise and link without compiler-rt";
  let description = [{
    f32 exp, log, tanh and erf become polynomials and rsqrt a division; the rest
    is left to libm. Conversions between f32 and bf16 become integer
    operations; f64 to f16 or bf16 goes through f32 rounded to odd, which rounds
    once in effect. Floor and ceiling division of integers are expanded.

    Before it: no arithmetic on f16 or bf16 but conversions.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def ConvertToLLVMPass : Pass<"moe-convert-to-llvm", "::mlir::ModuleOp"> {
  let summary = "Everything that is left becomes LLVM, with the program's entry";
  let description = [{
    One conversion of func, cf, arith, math, memref, index, ub and moe_rt.
    Buffers come from `moe_rt_alloc`. Every function but the entry
    `moe_program_run(ptr inputs, ptr outputs)` is private.

    The entry reads a descriptor per input, calls `@main`, and writes a
    descriptor per output (the ABI is written down in runtime/include/moe_rt_program.h).

    Before it: control flow in cf; vector ops already in LLVM.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

#endif // MOEC_PASSES_LOWER_TD
