//===- LowerOnnx.cpp - moe-lower-onnx -------------------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/import/Passes.h"
#include "passes/import/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec {
#define GEN_PASS_DEF_LOWERONNXPASS
#include "passes/import/Passes.h.inc"
} // namespace moec

using namespace mlir;
using namespace moec;
using onnx::Node;

NodeLowering moec::nodeLowering(StringRef kind) {
  static const llvm::StringMap<NodeLowering> table = [] {
    llvm::StringMap<NodeLowering> result;
    addElementwiseLowerings(result);
    addCastLowerings(result);
    addDataLowerings(result);
    addIndexingLowerings(result);
    addScatterLowerings(result);
    addSliceLowerings(result);
    addSortLowerings(result);
    addMatMulLowerings(result);
    addReductionLowerings(result);
    addConvLowerings(result);
    addNormLowerings(result);
    addAttentionLowerings(result);
    addGroupQueryLowerings(result);
    addRotaryLowerings(result);
    return result;
  }();
  auto it = table.find(kind);
  return it == table.end() ? nullptr : it->second;
}

/// Shape arithmetic whose result is known symbolically: no tensor op at all.
static bool lowerFromContents(Lowering &l, Value output) {
  auto contents = l.shapes.knownContents(output);
  if (!contents)
    return false;
  Type element = Lowering::signless(Lowering::onnxElement(output));
  SmallVector<Value> elements;
  for (Sym sym : *contents) {
    Value value = l.index(sym);
    if (element.isInteger(1)) {
      elements.push_back(l.number(element, sym.is(0) ? 0 : 1));
      continue;
    }
    elements.push_back(arith::IndexCastOp::create(l.b, element, value));
  }
  l.set(output, tensor::FromElementsOp::create(
                    l.b, tensorTypeOf(l.shapes.dims(output), element), elements));
  return true;
}

static LogicalResult lowerNode(Lowering &l, Node node) {
  bool isFolded = node.outputs() == 1 && lowerFromContents(l, node.output());
  if (isFolded)
    return success();
  NodeLowering lowering = nodeLowering(node.kind());
  if (!lowering)
    return l.error(node, "moec cannot compile this operator yet");
  return lowering(l, node);
}

/// Ops of other dialects (moe, calls) take the lowered values as they are.
static void cloneOther(Lowering &l, Operation &op) {
  IRMapping mapping;
  for (Value operand : op.getOperands())
    if (isa<TensorType>(operand.getType()) && !mapping.contains(operand))
      mapping.map(operand, l.get(operand).value);
  Operation *copy = l.b.clone(op, mapping);
  for (auto [from, to] : llvm::zip(op.getResults(), copy->getResults()))
    if (isa<TensorType>(from.getType())) {
      if (auto ranked = dyn_cast<RankedTensorType>(to.getType()))
        to.setType(ranked.clone(Lowering::signless(ranked.getElementType())));
      l.set(from, to);
    }
}

/// Signless types forget what was unsigned; the program's signature must not.
/// Nothing may be written into an argument: it is the caller's.
static void describeSignature(func::FuncOp function) {
  MLIRContext *context = function.getContext();
  auto unsignedType = [](Type type) -> TypeAttr {
    auto shaped = dyn_cast<ShapedType>(type);
    bool isUnsigned = shaped && shaped.getElementType().isUnsignedInteger();
    return isUnsigned ? TypeAttr::get(shaped.getElementType()) : TypeAttr();
  };
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    if (TypeAttr element = unsignedType(type))
      function.setArgAttr(i, "onnx.type", element);
    function.setArgAttr(i, "bufferization.writable",
                        BoolAttr::get(context, false));
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (TypeAttr element = unsignedType(type))
      function.setResultAttr(i, "onnx.type", element);
}

static LogicalResult lowerFunction(func::FuncOp function) {
  ShapeAnalysis shapes;
  if (failed(shapes.run(function)))
    return failure();
  describeSignature(function);
  Block &old = function.getBody().front();
  SmallVector<Type> inputs;
  for (Type type : function.getArgumentTypes()) {
    auto ranked = dyn_cast<RankedTensorType>(type);
    if (!ranked)
      return function.emitError("an argument has no known rank");
    inputs.push_back(ranked.clone(Lowering::signless(ranked.getElementType())));
  }
  Block *fresh = new Block();
  function.getBody().push_back(fresh);
  ImplicitLocOpBuilder b(function.getLoc(), function.getContext());
  b.setInsertionPointToStart(fresh);
  Lowering l(b, shapes);
  for (auto [argument, type] : llvm::zip(old.getArguments(), inputs))
    l.set(argument, fresh->addArgument(type, argument.getLoc()));
  for (Operation &op : old.without_terminator()) {
    b.setLoc(op.getLoc());
    if (Node::isNode(&op)) {
      if (failed(lowerNode(l, Node(&op))))
        return failure();
    } else if (!isa<onnx::OnnxDialect>(op.getDialect())) {
      cloneOther(l, op);
    }
  }
  SmallVector<Value> results;
  for (Value value : old.getTerminator()->getOperands())
    results.push_back(l.get(value).value);
  b.setLoc(old.getTerminator()->getLoc());
  func::ReturnOp::create(b, results);
  old.dropAllReferences();
  old.dropAllUses();
  old.erase();
  function.setFunctionType(FunctionType::get(function.getContext(), inputs,
                                             ValueRange(results).getTypes()));
  return success();
}

namespace {
struct LowerOnnx : moec::impl::LowerOnnxPassBase<LowerOnnx> {
  using LowerOnnxPassBase::LowerOnnxPassBase;
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(lowerFunction(function)))
        return signalPassFailure();
  }
};
} // namespace
