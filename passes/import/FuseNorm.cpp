//===- FuseNorm.cpp - onnx-fuse-norm --------------------------------------===//

#include "passes/import/Glue.h"
#include "passes/import/Passes.h"
#include "passes/import/shapes/ShapeAnalysis.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace moec {
#define GEN_PASS_DEF_FUSENORMPASS
#include "passes/import/Passes.h.inc"
} // namespace moec

using namespace mlir;
using namespace moec;
using onnx::constantScalar;
using onnx::Node;

namespace {

/// x / sqrt(mean(x^2) + epsilon) * gamma, along the last axis.
struct Norm {
  Value x, gamma;
  double epsilon;
};

class Matcher {
public:
  explicit Matcher(ShapeAnalysis &shapes) : shapes(shapes) {}

  /// The norm whose result is that of `product`.
  std::optional<Norm> match(Node product);

private:
  Value normalized(Value value, double &epsilon);
  Value meanSquare(Value value, double &epsilon);

  ShapeAnalysis &shapes;
};

/// `value` before it was widened to f32.
Value unwidened(Value value) {
  Node node = Node::defining(value);
  bool isWidened = node.is("Cast") && getElementTypeOrSelf(value).isF32() &&
                   (getElementTypeOrSelf(node.input(0)).isF16() ||
                    getElementTypeOrSelf(node.input(0)).isBF16());
  return isWidened ? node.input(0) : value;
}

/// `value` before it was rounded from f32.
Value unrounded(Value value) {
  Node node = Node::defining(value);
  bool isRounded =
      node.is("Cast") && getElementTypeOrSelf(node.input(0)).isF32();
  return isRounded ? node.input(0) : value;
}

/// The base of a power of `exponent`, or null.
Value powerBase(Node node, double exponent) {
  bool matches = node.is("Pow") && constantScalar(node.input(1)) == exponent;
  return matches ? node.input(0) : Value();
}

/// The radicand of 1 / sqrt(v), or null.
Value reciprocalRoot(Value value) {
  Node node = Node::defining(value);
  if (Value base = powerBase(node, -0.5))
    return base;
  Value root;
  if (node.is("Reciprocal"))
    root = node.input(0);
  else if (node.is("Div") && constantScalar(node.input(0)) == 1.0)
    root = node.input(1);
  Node inner = Node::defining(root);
  return inner.is("Sqrt") ? inner.input(0) : powerBase(inner, 0.5);
}

/// The x of mean(x^2) + epsilon, or null.
Value Matcher::meanSquare(Value value, double &epsilon) {
  Node sum = Node::defining(value);
  if (!sum.is("Add"))
    return {};
  unsigned side = constantScalar(sum.input(0)) ? 0 : 1;
  auto addend = constantScalar(sum.input(side));
  Node mean = Node::defining(sum.input(1 - side));
  if (!addend || !mean.is("ReduceMean") || mean.integer("keepdims", 1) != 1)
    return {};
  epsilon = *addend;
  int64_t rank = shapes.rank(mean.input(0));
  auto axes = axesOf(mean, 1, rank, shapes);
  if (!axes || *axes != SmallVector<int64_t>{rank - 1})
    return {};
  Node square = Node::defining(mean.input(0));
  if (square.is("Mul") && square.input(0) == square.input(1))
    return square.input(0);
  return powerBase(square, 2);
}

/// The x of x / sqrt(mean(x^2) + epsilon), or null.
Value Matcher::normalized(Value value, double &epsilon) {
  Node node = Node::defining(value);
  auto matches = [&](Value x, Value radicand) {
    Value squared = radicand ? meanSquare(radicand, epsilon) : Value();
    return squared && unwidened(squared) == unwidened(x);
  };
  if (node.is("Div")) {
    Node root = Node::defining(node.input(1));
    Value radicand = root.is("Sqrt") ? root.input(0) : powerBase(root, 0.5);
    return matches(node.input(0), radicand) ? unwidened(node.input(0))
                                            : Value();
  }
  if (node.is("Mul"))
    for (unsigned side : {0, 1})
      if (matches(node.input(side), reciprocalRoot(node.input(1 - side))))
        return unwidened(node.input(side));
  return {};
}

std::optional<Norm> Matcher::match(Node product) {
  ArrayRef<Sym> dims = shapes.dims(product.output());
  for (unsigned side : {0, 1}) {
    Norm norm;
    norm.gamma = product.input(side);
    ArrayRef<Sym> width = shapes.dims(norm.gamma);
    if (width.size() != 1 || !width[0].constant())
      continue;
    norm.x = normalized(unrounded(product.input(1 - side)), norm.epsilon);
    if (norm.x && shapes.dims(norm.x) == dims && dims.back() == width[0] &&
        getElementTypeOrSelf(norm.x) ==
            getElementTypeOrSelf(product.output()) &&
        getElementTypeOrSelf(norm.gamma) ==
            getElementTypeOrSelf(product.output()))
      return norm;
  }
  return std::nullopt;
}

struct FuseNorm : moec::impl::FuseNormPassBase<FuseNorm> {
  using FuseNormPassBase::FuseNormPassBase;

  void fuse(Node product, const Norm &norm) {
    OpBuilder builder(product.operation());
    SmallVector<NamedAttribute> attributes{
        builder.getNamedAttr("axis", builder.getI64IntegerAttr(-1)),
        builder.getNamedAttr("epsilon", builder.getF32FloatAttr(norm.epsilon))};
    SmallVector<Value> inputs{norm.x, norm.gamma};
    product.output().replaceAllUsesWith(Glue(builder, product.loc())
                                            .node("RMSNormalization", inputs,
                                                  product.output().getType(),
                                                  attributes));
    ++fused;
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    ShapeAnalysis shapes;
    if (function.isExternal())
      return;
    if (failed(shapes.run(function)))
      return signalPassFailure();
    Matcher matcher(shapes);
    Block &block = function.front();
    for (Operation &op : block)
      if (Node::isNode(&op) && Node(&op).is("Mul"))
        if (auto norm = matcher.match(Node(&op)))
          fuse(Node(&op), *norm);
    eraseDead(block);
  }
};

} // namespace
