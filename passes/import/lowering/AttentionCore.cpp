#include "passes/import/lowering/Attention.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace moec;
using onnx::Node;

Type moec::attentionType(Lowering &l, Type element) {
  return element.isF64() ? element : l.b.getF32Type();
}

/// The attribute `scale`, or 1 / sqrt(D).
static Value attentionScale(Lowering &l, Node node, Sym headSize, Type type) {
  double scale = node.real("scale", 0);
  if (scale != 0)
    return l.number(type, scale);
  if (auto size = headSize.constant())
    return l.number(type, 1 / std::sqrt(static_cast<double>(*size)));
  Value count =
      arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.index(headSize));
  Value root =
      math::SqrtOp::create(l.b, arith::SIToFPOp::create(l.b, type, count));
  return arith::DivFOp::create(l.b, l.number(type, 1), root);
}

SymTensor moec::splitHeads(Lowering &l, const SymTensor &x, Sym heads) {
  Sym size = l.syms().floorDiv(x.dims[2], heads);
  SymTensor split = l.reshape(x, {x.dims[0], x.dims[1], heads, size});
  return l.transpose(split, {0, 2, 1, 3});
}

SymTensor moec::joinHeads(Lowering &l, const SymTensor &x) {
  SymTensor moved = l.transpose(x, {0, 2, 1, 3});
  Sym width = l.syms().mul(x.dims[1], x.dims[3]);
  return l.reshape(moved, {x.dims[0], x.dims[2], width});
}

static LogicalResult checkHeads(Lowering &l, Node node, const SymTensor &q,
                                const SymTensor &k, const SymTensor &v) {
  auto heads = q.dims[1].constant(), kvHeads = k.dims[1].constant();
  if (!heads || !kvHeads || *kvHeads == 0 || *heads % *kvHeads != 0)
    return l.error(node,
                   "the number of query heads must be a constant multiple "
                   "of the number of key heads");
  std::string name = node.kind().str();
  l.checkEqual(q.dims[0], k.dims[0],
               name + ": query and key have other batches");
  l.checkEqual(q.dims[0], v.dims[0],
               name + ": query and value have other batches");
  l.checkEqual(k.dims[1], v.dims[1], name + ": key and value have other heads");
  l.checkEqual(k.dims[2], v.dims[2],
               name + ": key and value have other lengths");
  l.checkEqual(q.dims[3], k.dims[3],
               name + ": query and key have other head sizes");
  return success();
}

FailureOr<AttentionSpec> moec::attentionSpec(Lowering &l, Node node,
                                             const SymTensor &q,
                                             const SymTensor &k,
                                             const SymTensor &v, Type type) {
  if (failed(checkHeads(l, node, q, k, v)))
    return failure();
  AttentionSpec spec;
  spec.q = l.cast(q, type);
  spec.k = l.cast(k, type);
  spec.v = l.cast(v, type);
  spec.scale = attentionScale(l, node, q.dims[3], type);
  return spec;
}

//===----------------------------------------------------------------------===//
// With and without a matrix of scores
//===----------------------------------------------------------------------===//

/// The kernel keeps one row of v in its accumulators.
static constexpr int64_t kernelValueSize = 256;

static SymTensor attendByKernel(Lowering &l, const AttentionSpec &spec) {
  Type f32 = l.b.getF32Type();
  Sym none = l.syms().constant(0);
  SymTensor mask =
      spec.mask ? *spec.mask : l.empty({none, none, none, none}, f32);
  SymTensor sinks = spec.sinks ? *spec.sinks : l.empty({none}, f32);
  return l.kernel(
      "attention",
      {spec.q.value, spec.k.value, spec.v.value, mask.value, sinks.value,
       spec.scale},
      l.empty({spec.q.dims[0], spec.q.dims[1], spec.q.dims[2], spec.v.dims[3]},
              f32));
}

/// x[B, H, S, N] times y[B, Hk, N, M]: the heads that share a matrix on the
/// right are rows of one product.
static SymTensor groupedMatMul(Lowering &l, const SymTensor &x,
                               const SymTensor &y) {
  SymContext &c = l.syms();
  Sym shared = c.floorDiv(x.dims[1], y.dims[1]);
  SymTensor rows =
      l.reshape(x, {x.dims[0], y.dims[1], c.mul(shared, x.dims[2]), x.dims[3]});
  SymTensor product = l.matMul(rows, y);
  return l.reshape(product, {x.dims[0], x.dims[1], x.dims[2], y.dims[3]});
}

/// Softmax along the last axis; a row of -inf alone gives zeros.
static SymTensor guardedSoftmax(Lowering &l, const SymTensor &x,
                                const std::optional<SymTensor> &sinks) {
  Type type = x.element();
  SymDims kept(x.dims);
  kept[3] = l.syms().constant(1);
  Value least = l.number(type, -std::numeric_limits<double>::infinity());
  Value zero = l.zero(type);
  SymTensor peak = l.reshape(
      l.reduce(x, 3, least,
               [](ImplicitLocOpBuilder &b, ValueRange v) {
                 return arith::MaximumFOp::create(b, v[0], v[1]).getResult();
               }),
      kept);
  SymTensor sink = l.fromScalar(least);
  if (sinks)
    sink = l.reshape(*sinks, {x.dims[1], kept[3], kept[3]});
  peak = l.elementwise({peak, sink}, kept, type,
                       [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                         Value most = arith::MaximumFOp::create(b, v[0], v[1]);
                         Value nothing = arith::CmpFOp::create(
                             b, arith::CmpFPredicate::OEQ, most, least);
                         return arith::SelectOp::create(b, nothing, zero, most);
                       });
  auto power = [](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    return math::ExpOp::create(b, arith::SubFOp::create(b, v[0], v[1]));
  };
  SymTensor powers = l.elementwise({x, peak}, x.dims, type, power);
  SymTensor sum = l.reshape(l.reduce(powers, 3, zero,
                                     [](ImplicitLocOpBuilder &b, ValueRange v) {
                                       return arith::AddFOp::create(
                                                  b, v[0], v[1],
                                                  arith::FastMathFlags::reassoc)
                                           .getResult();
                                     }),
                            kept);
  if (sinks)
    sum = l.add(sum, l.elementwise({sink, peak}, kept, type, power));
  return l.elementwise(
      {powers, sum}, x.dims, type,
      [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
        Value nothing =
            arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, v[1], zero);
        Value share = arith::DivFOp::create(b, v[0], v[1]);
        return arith::SelectOp::create(b, nothing, zero, share);
      });
}

static SymTensor capped(Lowering &l, const SymTensor &x, double cap) {
  if (cap == 0)
    return x;
  return l.elementwise(
      x, x.element(), [&](ImplicitLocOpBuilder &b, ValueRange v) {
        Value limit =
            arith::ConstantOp::create(b, b.getFloatAttr(x.element(), cap));
        Value share =
            math::TanhOp::create(b, arith::DivFOp::create(b, v[0], limit));
        return arith::MulFOp::create(b, share, limit).getResult();
      });
}

SymTensor moec::attend(Lowering &l, const AttentionSpec &spec,
                       AttentionStages *stages) {
  auto valueSize = spec.v.dims[3].constant();
  bool fitsKernel = spec.q.element().isF32() && spec.softcap == 0 &&
                    valueSize && *valueSize <= kernelValueSize;
  if (!stages && fitsKernel)
    return attendByKernel(l, spec);
  SymTensor raw = groupedMatMul(l, spec.q, l.transpose(spec.k, {0, 1, 3, 2}));
  raw = l.elementwise(
      raw, raw.element(), [&](ImplicitLocOpBuilder &b, ValueRange v) {
        return arith::MulFOp::create(b, v[0], spec.scale).getResult();
      });
  SymTensor cut = capped(l, raw, spec.softcap), masked = cut;
  if (spec.mask)
    masked =
        l.elementwise({cut, *spec.mask}, cut.dims, cut.element(),
                      [](ImplicitLocOpBuilder &b, ValueRange v) {
                        return arith::AddFOp::create(b, v[0], v[1]).getResult();
                      });
  SymTensor probabilities = guardedSoftmax(l, masked, spec.sinks);
  if (stages)
    *stages = {raw, cut, masked, probabilities};
  return groupedMatMul(l, probabilities, spec.v);
}
