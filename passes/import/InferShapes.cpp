//===- InferShapes.cpp - onnx-infer-shapes --------------------------------===//

#include "passes/import/Glue.h"
#include "passes/import/Passes.h"
#include "passes/import/shapes/ShapeAnalysis.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec {
#define GEN_PASS_DEF_INFERSHAPESPASS
#include "passes/import/Passes.h.inc"
} // namespace moec

using namespace mlir;
using namespace moec;

/// The constant that `value` is in every run, or null.
static DenseElementsAttr constantContents(const ShapeAnalysis &shapes, Value value) {
  auto contents = shapes.knownContents(value);
  if (!contents)
    return {};
  RankedTensorType type = shapes.type(value);
  if (!type.hasStaticShape())
    return {};
  SmallVector<APInt> elements;
  for (Sym element : *contents) {
    auto constant = element.constant();
    if (!constant)
      return {};
    elements.emplace_back(type.getElementTypeBitWidth(), *constant,
                          /*isSigned=*/true, /*implicitTrunc=*/true);
  }
  return DenseElementsAttr::get(type, elements);
}

/// Records the symbolic extents of the results where the model did not.
static void nameResults(func::FuncOp function, ShapeAnalysis &shapes) {
  Builder b(function.getContext());
  for (auto [i, value] :
       llvm::enumerate(function.getBody().front().getTerminator()->getOperands())) {
    SmallVector<Attribute> dims;
    for (Sym dim : shapes.dims(value)) {
      if (auto constant = dim.constant())
        dims.push_back(b.getI64IntegerAttr(*constant));
      else
        dims.push_back(b.getStringAttr(shapes.syms().text(dim)));
    }
    function.setResultAttr(i, "onnx.dims", b.getArrayAttr(dims));
  }
}

namespace {
struct InferShapes : moec::impl::InferShapesPassBase<InferShapes> {
  using InferShapesPassBase::InferShapesPassBase;

  LogicalResult inferFunction(func::FuncOp function) {
    ShapeAnalysis shapes;
    if (failed(shapes.run(function)))
      return failure();
    Block &body = function.getBody().front();
    OpBuilder b(function.getContext());
    for (Operation &op : llvm::make_early_inc_range(body)) {
      for (Value result : op.getResults()) {
        if (!isa<TensorType>(result.getType()))
          continue;
        result.setType(shapes.type(result));
        if (isa<onnx::ConstantOp>(op) || result.use_empty())
          continue;
        if (DenseElementsAttr constant = constantContents(shapes, result)) {
          b.setInsertionPoint(&op);
          result.replaceAllUsesWith(
              onnx::ConstantOp::create(b, op.getLoc(), constant.getType(), constant));
          ++folded;
        }
      }
    }
    eraseDead(body);
    // Constants that replaced results have no entry in the analysis.
    if (failed(shapes.run(function)))
      return failure();
    nameResults(function, shapes);
    function.setFunctionType(
        FunctionType::get(function.getContext(), function.getArgumentTypes(),
                          body.getTerminator()->getOperandTypes()));
    return success();
  }

  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(inferFunction(function)))
        return signalPassFailure();
  }
};
} // namespace
