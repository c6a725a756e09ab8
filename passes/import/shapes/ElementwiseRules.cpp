//===- ElementwiseRules.cpp - Shapes of operators that work element by element ===//

#include "passes/import/shapes/ShapeAnalysis.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static LogicalResult checkBroadcast(ShapeAnalysis &a, Node node, ArrayRef<Sym> x,
                                    ArrayRef<Sym> y) {
  for (size_t i = 1; i <= std::min(x.size(), y.size()); ++i) {
    Sym left = x[x.size() - i], right = y[y.size() - i];
    auto l = left.constant(), r = right.constant();
    if (l && r && *l != *r && *l != 1 && *r != 1)
      return a.error(node, "cannot broadcast extents " + Twine(*l) + " and " +
                               Twine(*r) + " (axis " + Twine(i) +
                               " from the end)");
  }
  return success();
}

/// Reads element `i` of the broadcast result from contents of `count` elements.
/// Contents are scalars or vectors, so that broadcasting is scalar to vector.
static Sym pick(const SymDims &contents, size_t i) {
  return contents[contents.size() == 1 ? 0 : i];
}

using Fold = Sym (*)(SymContext &, Sym, Sym);


static Sym foldEqual(SymContext &c, Sym x, Sym y) {
  if (x == y)
    return c.constant(1);
  return c.differ(x, y) ? c.constant(0) : Sym();
}
static Sym foldLess(SymContext &c, Sym x, Sym y) {
  if (c.isAtMost(c.add(x, c.constant(1)), y))
    return c.constant(1);
  return c.isAtMost(y, x) ? c.constant(0) : Sym();
}
static Sym foldDiv(SymContext &c, Sym x, Sym y) {
  // ONNX truncates; that is the floor where nothing is negative.
  if (c.isNonNegative(x) && c.isNonNegative(y))
    return c.floorDiv(x, y);
  auto l = x.constant(), r = y.constant();
  return l && r && *r ? c.constant(*l / *r) : Sym();
}
static Sym foldAnd(SymContext &c, Sym x, Sym y) {
  if (x.is(0) || y.is(0))
    return c.constant(0);
  return x.is(1) && y.is(1) ? c.constant(1) : Sym();
}
static Sym foldOr(SymContext &c, Sym x, Sym y) {
  if (x.is(1) || y.is(1))
    return c.constant(1);
  return x.is(0) && y.is(0) ? c.constant(0) : Sym();
}

static Fold foldOf(StringRef kind) {
  static const llvm::StringMap<Fold> folds = {
      {"Add", [](SymContext &c, Sym x, Sym y) { return c.add(x, y); }},
      {"Sub", [](SymContext &c, Sym x, Sym y) { return c.sub(x, y); }},
      {"Mul", [](SymContext &c, Sym x, Sym y) { return c.mul(x, y); }},
      {"Div", foldDiv},
      {"Min", [](SymContext &c, Sym x, Sym y) { return c.min(x, y); }},
      {"Max", [](SymContext &c, Sym x, Sym y) { return c.max(x, y); }},
      {"Mod",
       [](SymContext &c, Sym x, Sym y) {
         return c.isNonNegative(x) && c.isNonNegative(y) ? c.mod(x, y) : Sym();
       }},
      {"Equal", foldEqual},
      {"Less", foldLess},
      {"Greater", [](SymContext &c, Sym x, Sym y) { return foldLess(c, y, x); }},
      {"LessOrEqual",
       [](SymContext &c, Sym x, Sym y) {
         Sym greater = foldLess(c, y, x);
         return greater ? c.constant(greater.is(0)) : Sym();
       }},
      {"GreaterOrEqual",
       [](SymContext &c, Sym x, Sym y) {
         Sym less = foldLess(c, x, y);
         return less ? c.constant(less.is(0)) : Sym();
       }},
      {"And", foldAnd},
      {"Or", foldOr},
  };
  auto it = folds.find(kind);
  return it == folds.end() ? nullptr : it->second;
}

/// Contents of a broadcast of integer vectors, element by element.
static std::optional<SymDims> foldContents(ShapeAnalysis &a, Node node, Fold fold,
                                           ArrayRef<Sym> dims) {
  if (!fold || dims.size() > 1)
    return std::nullopt;
  std::optional<SymDims> result;
  for (unsigned i = 0; i < node.inputs(); ++i) {
    const ValueShape *shape = a.lookup(node.input(i));
    if (!shape || !shape->contents)
      return std::nullopt;
    if (!result) {
      result = shape->contents;
      continue;
    }
    SymDims next;
    size_t count = std::max(result->size(), shape->contents->size());
    if (result->empty() || shape->contents->empty())
      count = 0;
    for (size_t e = 0; e < count; ++e) {
      Sym x = pick(*result, e), y = pick(*shape->contents, e);
      next.push_back(x && y ? fold(a.syms(), x, y) : Sym());
    }
    result = std::move(next);
  }
  return result;
}

static LogicalResult broadcastRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  for (unsigned i = 1; i < node.inputs(); ++i) {
    if (failed(checkBroadcast(a, node, dims, a.dims(node.input(i)))))
      return failure();
    dims = a.broadcast(dims, a.dims(node.input(i)));
  }
  a.set(node.output(), dims, foldContents(a, node, foldOf(node.kind()), dims));
  return success();
}

static LogicalResult whereRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  for (unsigned i = 1; i < 3; ++i) {
    if (failed(checkBroadcast(a, node, dims, a.dims(node.input(i)))))
      return failure();
    dims = a.broadcast(dims, a.dims(node.input(i)));
  }
  std::optional<SymDims> contents;
  const ValueShape *condition = a.lookup(node.input(0));
  const ValueShape *x = a.lookup(node.input(1)), *y = a.lookup(node.input(2));
  if (dims.size() <= 1 && condition->contents && x->contents && y->contents &&
      !condition->contents->empty() && !x->contents->empty() &&
      !y->contents->empty()) {
    size_t count = std::max({condition->contents->size(), x->contents->size(),
                             y->contents->size()});
    contents.emplace();
    for (size_t e = 0; e < count; ++e) {
      Sym test = pick(*condition->contents, e);
      Sym yes = pick(*x->contents, e), no = pick(*y->contents, e);
      contents->push_back(yes == no         ? yes
                          : test && test.is(1) ? yes
                          : test && test.is(0) ? no
                                               : Sym());
    }
  }
  a.set(node.output(), dims, contents);
  return success();
}

/// Output 0 (and further outputs of the same shape) like input 0.
static LogicalResult sameShape(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  for (unsigned i = 0; i < node.outputs(); ++i)
    a.set(node.output(i), dims);
  return success();
}

static LogicalResult keepContents(ShapeAnalysis &a, Node node) {
  const ValueShape *shape = a.lookup(node.input(0));
  bool integral = isa<IntegerType>(
      cast<ShapedType>(node.output().getType()).getElementType());
  // A cast to bool or to a narrow type changes the value.
  unsigned bits = integral ? cast<ShapedType>(node.output().getType())
                                 .getElementTypeBitWidth()
                           : 0;
  a.set(node.output(), shape->dims,
        bits >= 32 ? shape->contents : std::optional<SymDims>());
  return success();
}

static LogicalResult identityRule(ShapeAnalysis &a, Node node) {
  const ValueShape shape = *a.lookup(node.input(0));
  a.set(node.output(), shape.dims, shape.contents);
  return success();
}

static LogicalResult notRule(ShapeAnalysis &a, Node node) {
  ValueShape shape = *a.lookup(node.input(0));
  if (shape.contents)
    for (Sym &element : *shape.contents)
      element = !element || !element.constant()
                    ? Sym()
                    : a.syms().constant(element.is(0));
  a.set(node.output(), shape.dims, shape.contents);
  return success();
}

static LogicalResult negRule(ShapeAnalysis &a, Node node) {
  ValueShape shape = *a.lookup(node.input(0));
  if (shape.contents)
    for (Sym &element : *shape.contents)
      element = a.syms().mul(element, a.syms().constant(-1));
  a.set(node.output(), shape.dims, shape.contents);
  return success();
}

void moec::addElementwiseRules(llvm::StringMap<ShapeRule> &rules) {
  for (StringRef kind :
       {"Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less",
        "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "Sub",
        "Sum", "Xor"})
    rules[kind] = broadcastRule;
  for (StringRef kind :
       {"Abs", "Ceil", "Clip", "Cos", "CumSum", "Erf", "Exp", "Floor", "Gelu",
        "IsNaN", "Log", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin",
        "Softmax", "Softplus", "Sqrt", "Swish", "Tanh", "Trilu",
        "ScatterElements", "ScatterND", "RMSNormalization", "RotaryEmbedding",
        "com.microsoft.Gelu", "com.microsoft.QuickGelu", "com.microsoft.MoE",
        "com.microsoft.QMoE"})
    rules[kind] = sameShape;
  rules["com.microsoft.RotaryEmbedding"] = sameShape;
  rules["Cast"] = rules["CastLike"] = keepContents;
  rules["Identity"] = identityRule;
  rules["Not"] = notRule;
  rules["Neg"] = negRule;
  rules["Where"] = whereRule;
}
