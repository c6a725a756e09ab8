//===- Elementwise.cpp - Operators that work element by element -----------===//
//
// Each is one scalar body. 16-bit floats are computed in f32 and rounded once
// per operator, as ONNX's references do.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Lowering.h"
#include "passes/import/lowering/ScalarBodies.h"
#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static SymTensor apply(Lowering &l, Node node, ArrayRef<SymTensor> operands,
                       ArrayRef<Sym> dims, Type element, Body body) {
  bool isUnsigned = Lowering::onnxElement(node.input(0)).isUnsignedInteger();
  return l.elementwise(
      operands, dims, element, [&](ImplicitLocOpBuilder &b, ValueRange values) {
        SmallVector<Value> wide;
        for (Value value : values)
          wide.push_back(widen(b, value));
        return narrow(b, body({b, node, isUnsigned}, wide), element);
      });
}

static Type resultElement(Node node) {
  return Lowering::signless(Lowering::onnxElement(node.output()));
}

static LogicalResult lowerUnary(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  l.set(node.output(), apply(l, node, x, x.dims, resultElement(node),
                             unaryBodies().lookup(node.kind())));
  return success();
}

static LogicalResult lowerBinary(Lowering &l, Node node) {
  SymTensor result = l.get(node.input(0));
  Body body = binaryBodies().lookup(node.kind());
  if (node.inputs() == 1)
    return l.set(node.output(), result), success();
  for (unsigned i = 1; i < node.inputs(); ++i) {
    SymTensor next = l.get(node.input(i));
    // Pow's exponent may have another type than its base.
    if (isa<IntegerType>(result.element()) && isa<FloatType>(next.element()) &&
        node.is("Pow"))
      result = l.cast(result, next.element()); // Fractions count.
    else if (next.element() != result.element() && node.is("Pow"))
      next = l.cast(next, result.element());
    SymDims dims = i + 1 == node.inputs()
                       ? SymDims(l.shapes.dims(node.output()))
                       : l.shapes.broadcast(result.dims, next.dims);
    Type element = node.is("Pow") ? result.element() : resultElement(node);
    result = apply(l, node, {result, next}, dims, element, body);
    result = l.cast(result, resultElement(node));
  }
  if (node.is("Mean"))
    result = l.scale(result, 1.0 / node.inputs());
  l.set(node.output(), result);
  return success();
}

static LogicalResult lowerWhere(Lowering &l, Node node) {
  SmallVector<SymTensor> operands = {l.get(node.input(0)), l.get(node.input(1)),
                                     l.get(node.input(2))};
  l.set(node.output(),
        l.elementwise(operands, l.shapes.dims(node.output()),
                      resultElement(node),
                      [](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                        return arith::SelectOp::create(b, v[0], v[1], v[2]);
                      }));
  return success();
}

/// Bounds are attributes (opset 6) or optional inputs.
static LogicalResult lowerClip(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  auto bound = [&](unsigned input, StringRef name) -> std::optional<SymTensor> {
    if (node.has(name))
      return l.fromScalar(l.number(x.element(), node.real(name, 0)));
    if (Value value = node.input(input))
      return l.reshape(l.get(value), {});
    return std::nullopt;
  };
  if (auto low = bound(1, "min"))
    x = apply(l, node, {x, *low}, x.dims, x.element(),
              binaryBodies().lookup("Max"));
  if (auto high = bound(2, "max"))
    x = apply(l, node, {x, *high}, x.dims, x.element(),
              binaryBodies().lookup("Min"));
  l.set(node.output(), x);
  return success();
}

static LogicalResult lowerIdentity(Lowering &l, Node node) {
  l.set(node.output(), l.get(node.input(0)));
  return success();
}

void moec::addElementwiseLowerings(llvm::StringMap<NodeLowering> &table) {
  for (StringRef kind : unaryBodies().keys())
    table[kind] = lowerUnary;
  for (StringRef kind : binaryBodies().keys())
    table[kind] = lowerBinary;
  table["Where"] = lowerWhere;
  table["Clip"] = lowerClip;
  table["Identity"] = lowerIdentity;
}
