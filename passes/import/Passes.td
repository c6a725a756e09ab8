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
