//===- FuseAttention.cpp - onnx-fuse-attention ----------------------------===//
//
// Part of moec. Exporters write attention as two products around a softmax. The
// pattern is followed from the second product backwards; extents are compared
// as symbols, never names.
//
//===----------------------------------------------------------------------===//

#include "passes/import/Glue.h"
#include "passes/import/Passes.h"
#include "passes/import/shapes/Slices.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/TypeUtilities.h"

namespace moec {
#define GEN_PASS_DEF_FUSEATTENTIONPASS
#include "passes/import/Passes.h.inc"
} // namespace moec

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {

/// softmax(scale * query key^T + masks) value, with one more logit per head
/// for the sinks.
struct Attention {
  Value query, key, value, sinks;
  SmallVector<Value> masks;
  double scale = 1;
  /// What the softmax reads, and the node whose result this is.
  Value scores;
  Node result;
};

class Matcher {
public:
  Matcher(ShapeAnalysis &shapes, OpBuilder &builder)
      : shapes(shapes), builder(builder) {}

  /// The attention whose result is that of `product`.
  std::optional<Attention> match(Node product);

private:
  bool matchSoftmax(Value probabilities, Attention &found);
  Value dropSink(Value probabilities, Node &slice);
  bool matchSinks(Node concat, Value scores, Attention &found);
  void matchSinkScale(Node product, Attention &found);
  Value sinksOf(Value scale, const Attention &found);
  bool matchScores(Value scores, Attention &found);
  unsigned scoresSide(Node sum);
  void takeAddend(Node node, Value &scores, Attention &found);
  bool matchReplacement(Node node, Value &scores, Attention &found);
  bool matchProduct(Value scores, Attention &found);
  Value scaled(Value value, double &scale);
  Value untransposed(Value key, Location loc);
  Value unrepeated(Value value);

  ArrayRef<Sym> dims(Value value) { return shapes.dims(value); }
  bool areScores(Value value, ArrayRef<Sym> expected);
  bool haveDims(Value value, ArrayRef<Sym> expected) {
    return shapes.dims(value) == expected;
  }

  ShapeAnalysis &shapes;
  OpBuilder &builder;
};

/// The types that the attention kernel reads.
static bool isFloat(Value value) {
  Type type = getElementTypeOrSelf(value);
  return type.isF32() || type.isF16() || type.isBF16();
}

/// What defines `value`, behind casts between floats: the kernel computes in
/// f32 throughout.
static Node producer(Value value) {
  Node node = Node::defining(value);
  while (node &&
         (node.is("Identity") || (node.is("Cast") && isFloat(node.input(0)) &&
                                  isFloat(node.output()))))
    node = Node::defining(node.input(0));
  return node;
}

static bool isProduct(Node node) {
  return node.is("MatMul") || node.is("com.microsoft.FusedMatMul");
}

/// `value` without factors that are one number for all elements.
Value Matcher::scaled(Value value, double &scale) {
  while (Node node = producer(value)) {
    bool isProduct = node.is("Mul"), isQuotient = node.is("Div");
    if (!isProduct && !isQuotient)
      break;
    auto factor = onnx::constantScalar(node.input(1));
    Value rest = node.input(0);
    if (!factor && isProduct) {
      factor = onnx::constantScalar(node.input(0));
      rest = node.input(1);
    }
    if (!factor || *factor == 0 ||
        dims(rest).size() != dims(node.output()).size())
      break;
    scale = isProduct ? scale * *factor : scale / *factor;
    value = rest;
  }
  return value;
}

/// The key [B, H, T, D] of a transposed one, [B, H, D, T]. Exporters transpose
/// in rank 4, or in rank 3 between two reshapes.
Value Matcher::untransposed(Value key, Location loc) {
  Node node = producer(key);
  if (node.is("Reshape")) {
    Node inner = producer(node.input(0));
    Node before = inner.is("Transpose") ? producer(inner.input(0)) : Node();
    if (before.is("Reshape") &&
        inner.integers("perm") == SmallVector<int64_t>{0, 2, 1}) {
      Value source = before.input(0);
      ArrayRef<Sym> from = dims(source), flat = dims(before.output());
      if (from.size() == 4 && flat.drop_front() == from.drop_front(2) &&
          haveDims(key, {from[0], from[1], from[3], from[2]}))
        return source;
    }
  }
  SmallVector<int64_t> perm{0, 1, 2, 3};
  Value source = key;
  if (node.is("Transpose") && node.integers("perm").size() == 4) {
    perm = node.integers("perm");
    source = node.input(0);
  }
  std::swap(perm[2], perm[3]);
  if (perm == SmallVector<int64_t>{0, 1, 2, 3})
    return source;
  auto type = cast<RankedTensorType>(key.getType());
  ArrayRef<int64_t> old = type.getShape();
  auto swapped = RankedTensorType::get({old[0], old[1], old[3], old[2]},
                                       type.getElementType());
  Value result =
      Glue(builder, loc)
          .node("Transpose", source, swapped,
                builder.getNamedAttr("perm", builder.getI64ArrayAttr(perm)));
  ArrayRef<Sym> from = dims(key);
  shapes.set(result, {from[0], from[1], from[3], from[2]});
  return result;
}

/// Heads that are shared by a group of queries are often copied for each of
/// them: [B, H, T, D] -> [B, H, 1, T, D] -> [B, H, n, T, D] -> [B, H * n, T,
/// D].
Value Matcher::unrepeated(Value value) {
  Node joined = producer(value);
  Node copies = joined.is("Reshape") ? producer(joined.input(0)) : Node();
  Node apart = copies.is("Expand") ? producer(copies.input(0)) : Node();
  if (!apart.is("Unsqueeze") && !apart.is("Reshape"))
    return value;
  ArrayRef<Sym> base = dims(apart.input(0)), many = dims(copies.output());
  if (base.size() != 4 || many.size() != 5)
    return value;
  SymContext &c = shapes.syms();
  Sym one = c.constant(1), count = many[2];
  if (!haveDims(apart.output(), {base[0], base[1], one, base[2], base[3]}) ||
      !haveDims(copies.output(), {base[0], base[1], count, base[2], base[3]}) ||
      !haveDims(joined.output(),
                {base[0], c.mul(base[1], count), base[2], base[3]}))
    return value;
  return apart.input(0);
}

/// scale * q k^T.
bool Matcher::matchProduct(Value scores, Attention &found) {
  Node node = producer(scaled(scores, found.scale));
  if (!isProduct(node) || node.integer("transA", 0) ||
      node.integer("transBatchA", 0) || node.integer("transBatchB", 0))
    return false;
  bool isTransposed = node.integer("transB", 0);
  found.scale *= node.real("alpha", 1);
  found.query = scaled(node.input(0), found.scale);
  Value key = scaled(node.input(1), found.scale);
  if (dims(found.query).size() != 4 || dims(key).size() != 4)
    return false;
  found.key = isTransposed ? key : untransposed(key, node.loc());
  return true;
}

/// The addend of `sum` that holds the scores, not the mask.
unsigned Matcher::scoresSide(Node sum) {
  double ignored = 1;
  Node sides[] = {producer(scaled(sum.input(0), ignored)),
                  producer(scaled(sum.input(1), ignored))};
  if (isProduct(sides[0]) || isProduct(sides[1]))
    return isProduct(sides[0]) ? 0 : 1;
  return sides[0].is("Add") || sides[0].is("Where") ? 0 : 1;
}

/// Takes the mask off `scores` that the sum `node` adds.
void Matcher::takeAddend(Node node, Value &scores, Attention &found) {
  unsigned side = scoresSide(node);
  scores = node.input(side);
  found.masks.push_back(node.input(1 - side));
}

/// Takes the mask off `scores` that `node` writes over some of them. A finite
/// number takes the place of every score of a row that is masked throughout, so
/// it must be one that an addition would leave alone.
bool Matcher::matchReplacement(Node node, Value &scores, Attention &found) {
  auto isLeast = [](Value value) {
    return onnx::constantScalar(value).value_or(0) <= -1e30;
  };
  unsigned least = isLeast(node.input(1)) ? 1 : 2;
  Value condition = node.input(0), number = node.input(least);
  if (!isLeast(number) || dims(number).size() > dims(condition).size())
    return false;
  scores = node.input(3 - least);
  auto type = cast<ShapedType>(number.getType());
  Value zero = onnx::ConstantOp::create(
      builder, node.loc(), type,
      DenseElementsAttr::get(type,
                             builder.getFloatAttr(type.getElementType(), 0)));
  SmallVector<Value> inputs{condition, number, zero};
  if (least == 2)
    std::swap(inputs[1], inputs[2]);
  auto result =
      cast<RankedTensorType>(condition.getType()).clone(type.getElementType());
  Value mask = Glue(builder, node.loc()).node("Where", inputs, result);
  shapes.set(mask, SymDims(dims(condition)));
  found.masks.push_back(mask);
  return true;
}

/// Whether [B, H, S, T] agree. Models name the length of each layer's keys and
/// that of the mask on their own; the program checks that they are equal.
bool Matcher::areScores(Value value, ArrayRef<Sym> expected) {
  ArrayRef<Sym> mine = dims(value);
  return mine.size() == 4 && mine.drop_back() == expected.drop_back() &&
         !shapes.syms().differ(mine[3], expected[3]);
}

bool Matcher::matchScores(Value scores, Attention &found) {
  SymDims full(dims(scores));
  for (Node node = producer(scores); node.is("Add") || node.is("Where");
       node = producer(scores)) {
    if (node.is("Add"))
      takeAddend(node, scores, found);
    else if (!matchReplacement(node, scores, found))
      return false;
    if (!areScores(scores, full))
      return false;
  }
  return matchProduct(scores, found);
}

/// One more column of logits, the same for all batches and queries.
bool Matcher::matchSinks(Node concat, Value scores, Attention &found) {
  Node expand = producer(concat.input(1));
  Value sinks = expand.is("Expand") ? expand.input(0) : concat.input(1);
  Sym heads = dims(scores)[1], one = shapes.syms().constant(1);
  auto count = heads.constant();
  if (!count || !haveDims(sinks, {one, heads, one, one}) ||
      !dims(concat.input(1)).back().is(1))
    return false;
  found.sinks = Glue(builder, concat.loc()).reshape(sinks, {*count});
  return true;
}

/// The sinks [1, H, 1] of sigmoid(log(sum(exp(scores))) - sinks), or null.
Value Matcher::sinksOf(Value scale, const Attention &found) {
  ArrayRef<Sym> full = dims(found.scores), outer = dims(scale);
  Node column = producer(scale);
  Sym one = shapes.syms().constant(1);
  if (outer.size() != 4 || outer.drop_back() != full.drop_back() ||
      !outer.back().is(1) || (!column.is("Unsqueeze") && !column.is("Reshape")))
    return {};
  Node sigmoid = producer(column.input(0));
  Node difference = sigmoid.is("Sigmoid") ? producer(sigmoid.input(0)) : Node();
  Node sum = difference.is("Sub") ? producer(difference.input(0)) : Node();
  if (!sum.is("ReduceLogSumExp") || sum.input(0) != found.scores ||
      !haveDims(sum.output(), full.drop_back()) ||
      !haveDims(difference.input(1), {one, full[1], one}))
    return {};
  auto axes = axesOf(sum, 1, 4, shapes);
  return axes && *axes == SmallVector<int64_t>{3} ? difference.input(1)
                                                  : Value();
}

/// A sink beside the scores takes its share of the probabilities; some models
/// scale the result instead, which is the same.
void Matcher::matchSinkScale(Node product, Attention &found) {
  if (found.sinks || !product.output().hasOneUse())
    return;
  Node scaled(*product.output().user_begin());
  auto heads = dims(found.scores)[1].constant();
  if (!heads || !Node::isNode(scaled.operation()) || !scaled.is("Mul") ||
      !haveDims(scaled.output(), dims(product.output())))
    return;
  for (unsigned i : {0, 1})
    if (scaled.input(1 - i) == product.output())
      if (Value sinks = sinksOf(scaled.input(i), found)) {
        builder.setInsertionPoint(scaled.operation());
        found.sinks = Glue(builder, scaled.loc()).reshape(sinks, {*heads});
        found.result = scaled;
      }
}

/// The probabilities whose last column, that of the sinks, `slice` leaves out.
Value Matcher::dropSink(Value probabilities, Node &slice) {
  Node node = producer(probabilities);
  if (!node.is("Slice"))
    return probabilities;
  int64_t rank = shapes.rank(node.input(0));
  auto slices = readSlices(shapes, node, rank);
  if (failed(slices) || slices->size() != 1)
    return {};
  const AxisSlice &cut = slices->front();
  if (cut.axis != rank - 1 || cut.step != 1 || !cut.start.is(0))
    return {};
  slice = node;
  return node.input(0);
}

bool Matcher::matchSoftmax(Value probabilities, Attention &found) {
  Node slice;
  Value whole = dropSink(probabilities, slice);
  Node softmax = whole ? producer(whole) : Node();
  if (!softmax.is("Softmax") || shapes.rank(whole) != 4)
    return false;
  int64_t axis = softmax.integer("axis", softmax.opset() < 13 ? 1 : -1);
  if (axis != -1 && axis != 3)
    return false;
  Value scores = softmax.input(0);
  // Subtracting the largest logit first changes nothing.
  if (Node shifted = producer(scores); shifted.is("Sub")) {
    Node peak = producer(shifted.input(1));
    if (!peak.is("ReduceMax") || peak.input(0) != shifted.input(0) ||
        !dims(peak.output()).back().is(1))
      return false;
    scores = shifted.input(0);
  }
  if (slice) {
    Node concat = producer(scores);
    if (!concat.is("Concat") || concat.inputs() != 2)
      return false;
    scores = concat.input(0);
    if (!areScores(scores, dims(probabilities)) ||
        !matchSinks(concat, scores, found))
      return false;
  }
  found.scores = scores;
  return matchScores(scores, found);
}

std::optional<Attention> Matcher::match(Node product) {
  Value probabilities = product.input(0), value = product.input(1);
  if (!product.is("MatMul") || !isFloat(product.output()) ||
      shapes.rank(probabilities) != 4 || shapes.rank(value) != 4 ||
      !probabilities.hasOneUse())
    return std::nullopt;
  Attention found;
  if (!matchSoftmax(probabilities, found))
    return std::nullopt;
  found.value = value;
  Value key = unrepeated(found.key), fewer = unrepeated(value);
  if (dims(key)[1] == dims(fewer)[1]) {
    found.key = key;
    found.value = fewer;
  }
  ArrayRef<Sym> q = dims(found.query), k = dims(found.key),
                v = dims(found.value);
  auto heads = q[1].constant(), kvHeads = k[1].constant();
  if (!heads || !kvHeads || shapes.syms().differ(v[1], k[1]) ||
      *heads % *kvHeads != 0 ||
      !haveDims(product.output(), {q[0], q[1], q[2], v[3]}))
    return std::nullopt;
  found.result = product;
  matchSinkScale(product, found);
  return found;
}

static Value sumOf(Value a, Value b, Glue &glue, ShapeAnalysis &shapes) {
  SymDims dims = shapes.broadcast(shapes.dims(a), shapes.dims(b));
  Value sum =
      glue.node("Add", {a, b}, tensorTypeOf(dims, getElementTypeOrSelf(a)));
  shapes.set(sum, dims);
  return sum;
}

struct FuseAttention : moec::impl::FuseAttentionPassBase<FuseAttention> {
  using FuseAttentionPassBase::FuseAttentionPassBase;

  void fuse(const Attention &attention, ShapeAnalysis &shapes,
            OpBuilder &builder) {
    Node node = attention.result;
    Glue glue(builder, node.loc());
    Value none =
        onnx::NoneOp::create(builder, node.loc(), builder.getNoneType());
    Value mask = attention.masks.empty() ? none : attention.masks.front();
    for (Value addend : ArrayRef(attention.masks).drop_front(mask != none))
      mask = sumOf(mask, addend, glue, shapes);
    SmallVector<Value> inputs{attention.query, attention.key, attention.value,
                              mask, attention.sinks ? attention.sinks : none};
    Value result =
        glue.node("moec.Attention", inputs, node.output().getType(),
                  builder.getNamedAttr(
                      "scale", builder.getF64FloatAttr(attention.scale)));
    node.output().replaceAllUsesWith(result);
    ++fused;
  }

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    ShapeAnalysis shapes;
    if (function.isExternal())
      return;
    if (failed(shapes.run(function)))
      return signalPassFailure();
    OpBuilder builder(function.getContext());
    Matcher matcher(shapes, builder);
    Block &block = function.front();
    for (Operation &op : block) {
      if (!Node::isNode(&op) || !Node(&op).is("MatMul"))
        continue;
      builder.setInsertionPoint(&op);
      if (auto attention = matcher.match(Node(&op)))
        fuse(*attention, shapes, builder);
    }
    eraseDead(block);
  }
};

} // namespace
