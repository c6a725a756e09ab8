//===- Route.cpp - Lowering of moe.route ----------------------------------===//

#include "passes/import/lowering/ScalarMath.h"
#include "passes/lower/moe/MoeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace moec;

using Builder1 = ImplicitLocOpBuilder;

static SymTensor score(Lowering &l, const SymTensor &x, moe::Score kind) {
  Type f32 = l.b.getF32Type();
  switch (kind) {
  case moe::Score::Identity:
    return x;
  case moe::Score::Softmax:
    return l.softmax(x, 1);
  case moe::Score::Sigmoid:
    return l.elementwise(
        x, f32, [](Builder1 &b, ValueRange v) { return sigmoid(b, v[0]); });
  case moe::Score::SqrtSoftplus:
    return l.elementwise(x, f32, [](Builder1 &b, ValueRange v) -> Value {
      return math::SqrtOp::create(b, softplus(b, v[0]));
    });
  }
  llvm_unreachable("every score is handled");
}

static SymTensor sumOver(Lowering &l, const SymTensor &x, int64_t axis) {
  return l.reduce(x, axis, l.zero(x.element()),
                  [](Builder1 &b, ValueRange v) -> Value {
                    return arith::AddFOp::create(b, v[1], v[0]);
                  });
}

/// The k largest per row, in descending order, and their indices (i64).
static std::pair<SymTensor, SymTensor> topK(Lowering &l, const SymTensor &x,
                                            int64_t k) {
  SymDims dims = {x.dims[0], l.syms().constant(k)};
  auto results = l.kernel(
      "topk", x.value,
      {l.empty(dims, x.element()), l.empty(dims, l.b.getI64Type())},
      l.b.getNamedAttr("largest", l.b.getI64IntegerAttr(1)));
  return {results[0], results[1]};
}

/// Reverses the columns, so that "lower index first" becomes "higher first".
static SymTensor reversed(Lowering &l, const SymTensor &x) {
  int64_t last = *x.dims[1].constant() - 1;
  return l.generate(x.dims, x.element(), [&](Builder1 &b, ValueRange at) -> Value {
    Value end = arith::ConstantIndexOp::create(b, last);
    return tensor::ExtractOp::create(
        b, x.value, ValueRange{at[0], arith::SubIOp::create(b, end, at[1])});
  });
}

/// Indices of the k best columns under the tie rule.
static SymTensor selectColumns(Lowering &l, const SymTensor &x, int64_t k,
                               moe::Tie tie) {
  if (tie == moe::Tie::Low)
    return topK(l, x, k).second;
  int64_t last = *x.dims[1].constant() - 1;
  SymTensor ids = topK(l, reversed(l, x), k).second;
  return l.elementwise(ids, ids.element(), [&](Builder1 &b, ValueRange v) -> Value {
    Value end = arith::ConstantOp::create(b, b.getI64IntegerAttr(last));
    return arith::SubIOp::create(b, end, v[0]);
  });
}

/// Scores with every expert outside the best groups replaced by `group_mask`.
static SymTensor maskGroups(Lowering &l, moe::RouteOp op, const SymTensor &scores) {
  SymContext &c = l.syms();
  int64_t groups = op.getGroups(), size = op.getNumExperts() / groups;
  Sym tokens = scores.dims[0];
  SymTensor grouped =
      l.reshape(scores, {c.mul(tokens, c.constant(groups)), c.constant(size)});
  int64_t members = *op.getGroupScore() == moe::GroupScore::Top2Sum ? 2 : 1;
  SymTensor best = sumOver(l, topK(l, grouped, members).first, 1);
  SymTensor chosen =
      selectColumns(l, l.reshape(best, {tokens, c.constant(groups)}),
                    *op.getTopGroups(), op.getTie());
  int64_t top = *op.getTopGroups();
  float mask = op.getGroupMask()->convertToFloat();
  return l.generate(
      scores.dims, scores.element(), [&](Builder1 &b, ValueRange at) -> Value {
        Value width = arith::ConstantIndexOp::create(b, size);
        Value group = arith::IndexCastOp::create(
            b, b.getI64Type(), arith::DivUIOp::create(b, at[1], width));
        Value isIn = arith::ConstantOp::create(b, b.getBoolAttr(false));
        for (int64_t j = 0; j < top; ++j) {
          Value column = arith::ConstantIndexOp::create(b, j);
          Value id = tensor::ExtractOp::create(b, chosen.value,
                                               ValueRange{at[0], column});
          Value hit =
              arith::CmpIOp::create(b, arith::CmpIPredicate::eq, id, group);
          isIn = arith::OrIOp::create(b, isIn, hit);
        }
        Value score = tensor::ExtractOp::create(b, scores.value, at);
        Value out = arith::ConstantOp::create(b, b.getF32FloatAttr(mask));
        return arith::SelectOp::create(b, isIn, score, out);
      });
}

static SymTensor gatherColumns(Lowering &l, const SymTensor &from,
                               const SymTensor &ids) {
  return l.generate(ids.dims, from.element(),
                    [&](Builder1 &b, ValueRange at) -> Value {
                      Value id = tensor::ExtractOp::create(b, ids.value, at);
                      Value column = arith::IndexCastOp::create(
                          b, b.getIndexType(), id);
                      return tensor::ExtractOp::create(
                          b, from.value, ValueRange{at[0], column});
                    });
}

static SymTensor normalize(Lowering &l, moe::RouteOp op, SymTensor weights) {
  if (op.getNormalize() == moe::Normalize::Softmax)
    return l.softmax(weights, 1);
  if (op.getNormalize() == moe::Normalize::None)
    return weights;
  float epsilon = op.getEpsilon().convertToFloat();
  float floor = op.getFloor().convertToFloat();
  SymTensor sum = sumOver(l, weights, 1);
  sum = l.reshape(sum, {weights.dims[0], l.syms().constant(1)});
  return l.elementwise(
      {weights, sum}, weights.element(), [&](Builder1 &b, ValueRange v) -> Value {
        Value total = v[1];
        if (epsilon != 0)
          total = arith::AddFOp::create(
              b, total, arith::ConstantOp::create(b, b.getF32FloatAttr(epsilon)));
        if (floor != 0)
          total = arith::MaximumFOp::create(
              b, total, arith::ConstantOp::create(b, b.getF32FloatAttr(floor)));
        return arith::DivFOp::create(b, v[0], total);
      });
}

/// exp(best - best) over the sum of exp(x - best) of the experts that are close
/// to the best one; `taken` (or null) is the expert that is out.
static SymTensor mixerWeight(Lowering &l, const SymTensor &x, const SymTensor &best,
                             std::optional<SymTensor> taken, float epsilon) {
  auto term = [&](Builder1 &b, ValueRange at) -> Value {
    Value s = tensor::ExtractOp::create(b, x.value, at);
    Value m = tensor::ExtractOp::create(b, best.value, at[0]);
    Value gap = arith::SubFOp::create(b, m, s);
    Value size = arith::MaximumFOp::create(b, math::AbsFOp::create(b, s), m);
    Value limit = arith::MulFOp::create(
        b, arith::ConstantOp::create(b, b.getF32FloatAttr(2 * epsilon)), size);
    Value isFar =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, gap, limit);
    if (taken) {
      Value id = tensor::ExtractOp::create(b, taken->value, at[0]);
      Value own = arith::IndexCastOp::create(b, b.getI64Type(), at[1]);
      isFar = arith::OrIOp::create(
          b, isFar, arith::CmpIOp::create(b, arith::CmpIPredicate::eq, id, own));
    }
    Value e = math::ExpOp::create(b, arith::NegFOp::create(b, gap));
    Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0));
    return arith::SelectOp::create(b, isFar, zero, e);
  };
  SymTensor sum = sumOver(l, l.generate(x.dims, x.element(), term), 1);
  return l.elementwise(sum, sum.element(), [](Builder1 &b, ValueRange v) -> Value {
    Value one = arith::ConstantOp::create(b, b.getF32FloatAttr(1));
    return arith::DivFOp::create(b, one, v[0]);
  });
}

static SymTensor column(Lowering &l, const SymTensor &x, int64_t index) {
  SymContext &c = l.syms();
  return l.reshape(l.slice(x, 1, c.constant(index), c.constant(1)), {x.dims[0]});
}

static Routing lowerSparseMixer(Lowering &l, moe::RouteOp op, const SymTensor &x) {
  float epsilon = op.getSparseMixer()->convertToFloat();
  SymTensor ids = selectColumns(l, x, 2, op.getTie());
  SymTensor values = gatherColumns(l, x, ids);
  SymTensor first =
      mixerWeight(l, x, column(l, values, 0), std::nullopt, epsilon);
  SymTensor second =
      mixerWeight(l, x, column(l, values, 1), column(l, ids, 0), epsilon);
  Sym one = l.syms().constant(1);
  SymTensor weights = l.concat({l.reshape(first, {x.dims[0], one}),
                                l.reshape(second, {x.dims[0], one})},
                               1);
  return {weights, l.cast(ids, l.b.getI32Type())};
}

Routing moec::lowerRoute(Lowering &l, moe::RouteOp op) {
  SymTensor logits = l.cast(l.wrap(op.getLogits()), l.b.getF32Type());
  if (op.getSparseMixer())
    return lowerSparseMixer(l, op, logits);
  SymTensor scores = score(l, logits, op.getScore());
  SymTensor selection = scores;
  if (op.getBias())
    selection = l.add(selection, l.wrap(op.getBias()));
  if (op.getGroups() > 1)
    selection = maskGroups(l, op, selection);
  SymTensor ids = selectColumns(l, selection, op.getK(), op.getTie());
  SymTensor source = op.getWeightsFrom()
                         ? l.cast(l.wrap(op.getWeightsFrom()), l.b.getF32Type())
                         : scores;
  SymTensor weights = normalize(l, op, gatherColumns(l, source, ids));
  weights = l.scale(weights, op.getScale().convertToFloat());
  return {weights, l.cast(ids, l.b.getI32Type())};
}
