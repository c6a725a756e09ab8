//===- Passes.td - Passes from the onnx level to the moe level -*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_TD
#define MOEC_PASSES_IMPORT_TD

include "mlir/Pass/PassBase.td"

def InferShapesPass : Pass<"onnx-infer-shapes", "::mlir::ModuleOp"> {
  let summary = "Infer shapes with symbols and fold shape arithmetic";
  let description = [{
    Gives every value the most static type that the graph proves, and replaces
    integer tensors whose elements are known by constants: the `Shape` /
    `Gather` / `Concat` plumbing that exporters write disappears where nothing
    depends on the run. Lengths stay symbolic in the analysis
    (`passes/import/shapes`), which the later passes repeat: it is linear.

    Before:
    ```mlir
    %0 = onnx.Shape(%x) {opset = 20 : i64} : (tensor<?x16xf32>) -> tensor<*xi64>
    %1 = onnx.Slice(%0, %one, %two) {opset = 20 : i64} : (...) -> tensor<*xi64>
    ```
    After: `%1 = onnx.Constant dense<16> : tensor<1xi64>`.
  }];
  let dependentDialects = ["::moec::onnx::OnnxDialect"];
  let statistics = [
    Statistic<"folded", "folded", "Number of values replaced by constants">
  ];
}

def FuseAttentionPass : Pass<"onnx-fuse-attention", "::mlir::func::FuncOp"> {
  let summary = "Replace the two products and the softmax of attention by one op";
  let description = [{
    `softmax(scale * q k^T + mask) v` becomes `onnx.moec.Attention`, whose scores
    never lie in memory. Scales may stand at the query, the key or the scores; the
    key may be transposed in rank 3 or 4; heads that were copied for groups of
    queries are read where they lie; masks are added or written over the scores;
    one column of sinks may take part in the softmax, or scale the result by
    `sigmoid(log(sum(exp(scores))) - sink)`, which is the same. Run
    `onnx-infer-shapes` before.

    Before:
    ```mlir
    %0 = onnx.MatMul(%q, %kT) ...
    %1 = onnx.Add(%0, %mask) ...
    %2 = onnx.Softmax(%1) ...
    %3 = onnx.MatMul(%2, %v) ...
    ```
    After: `%3 = onnx.moec.Attention(%q, %k, %v, %mask, %none) {scale = 1.0} ...`
  }];
  let dependentDialects = ["::moec::onnx::OnnxDialect"];
  let statistics = [
    Statistic<"fused", "fused", "Number of attentions replaced">
  ];
}

def FuseNormPass : Pass<"onnx-fuse-norm", "::mlir::func::FuncOp"> {
  let summary = "Replace a spelled-out RMS norm by RMSNormalization";
  let description = [{
    `x / sqrt(mean(x^2) + epsilon) * gamma` along the last axis, as exporters write
    it: the square as a power or a product, the root as Sqrt or a power, the
    quotient as a division or as a product with the reciprocal, the whole in f32
    between casts or not. Run `onnx-infer-shapes` before.

    Before:
    ```mlir
    %0 = onnx.Pow(%x, %two) ...
    %1 = onnx.ReduceMean(%0, %last) ...
    %2 = onnx.Add(%1, %epsilon) ...
    %3 = onnx.Sqrt(%2) ...
    %4 = onnx.Reciprocal(%3) ...
    %5 = onnx.Mul(%x, %4) ...
    %6 = onnx.Mul(%gamma, %5) ...
    ```
    After: `%6 = onnx.RMSNormalization(%x, %gamma) {axis = -1, epsilon = 1.0e-06} ...`
  }];
  let dependentDialects = ["::moec::onnx::OnnxDialect"];
  let statistics = [Statistic<"fused", "fused", "Number of norms replaced">];
}

def RecognizePass : Pass<"moe-recognize", "::mlir::ModuleOp"> {
  let summary = "Raise MoE layers to moe.route, dispatch, experts and combine";
  let description = [{
    Three forms become the same ops: the fused operator (form A), expert matrices
    gathered for each row (form C) and rows sorted by expert (form G). Layers are
    found by what their values mean, never by names, in one pass over the ops.
    What of the router cannot be expressed by `moe.route` stays as ordinary ops
    around it. Weights become operands where they lie; nothing is copied or
    transposed. Run `onnx-infer-shapes` before: ranks must be known.

    The module attribute `moe.recognition` lists what was raised and, for a
    router whose layer was not, why; the latter is also a remark. A layer that
    lacks experts of its router (a partial trace) is an error.

    Before:
    ```mlir
    %values, %ids = onnx.TopK(%probabilities, %k) ...
    %banks = onnx.GatherND(%bank, %flat_ids) ...
    %sum = onnx.ReduceSum(%weighted_rows, %axis) ...
    ```
    After:
    ```mlir
    %weights, %experts = moe.route %logits {k = 2 : i64, ...} ...
    %rows, %counts, %slots = moe.dispatch %tokens, %experts ...
    %y = moe.experts %rows, %counts, fc1(%bank) fc2(%bank2) ...
    %sum = moe.combine %y, %slots, %weights ...
    ```
  }];
  let dependentDialects = ["::moec::moe::MoeDialect",
                           "::moec::onnx::OnnxDialect"];
  let statistics = [Statistic<"raised", "raised", "Number of MoE layers raised">];
}

def LowerOnnxPass : Pass<"moe-lower-onnx", "::mlir::ModuleOp"> {
  let summary = "Lower the onnx dialect to linalg, tensor, arith and math";
  let description = [{
    After recognition: every remaining op of the onnx dialect becomes upstream
    ops on tensors; compute-bound ones become calls of library kernels
    (`moe_rt.kernel`). `moe` ops stay. Unsigned element types become signless.
    Symbolic lengths are computed once, so equal lengths are equal SSA values.
    Where the graph does not prove that two lengths agree, a run-time check is
    emitted. An op without a lowering is an error at its location.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::moec::rt::MoeRtDialect"
  ];
}

#endif // MOEC_PASSES_IMPORT_TD
