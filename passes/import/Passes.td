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

#endif // MOEC_PASSES_IMPORT_TD
