#include "passes/import/lowering/Rotary.h"

#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
/// Where an element finds its partner.
struct Pairing {
  Value pair;    ///< index of the angle
  Value partner; ///< position of the other element
  Value isFirst;
};
} // namespace

static Pairing pairOf(ImplicitLocOpBuilder &b, Value at, Value half,
                      bool interleaved) {
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value isFirst, pair, step;
  if (interleaved) {
    Value two = arith::ConstantIndexOp::create(b, 2);
    Value side = arith::RemUIOp::create(b, at, two);
    pair = arith::DivUIOp::create(b, at, two);
    isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, side, one);
    step = one;
  } else {
    isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, at, half);
    Value before = arith::SubIOp::create(b, at, half);
    pair = arith::SelectOp::create(b, isFirst, at, before);
    step = half;
  }
  Value next = arith::AddIOp::create(b, at, step);
  Value previous = arith::SubIOp::create(b, at, step);
  return {pair, arith::SelectOp::create(b, isFirst, next, previous), isFirst};
}

SymTensor moec::rotate(Lowering &l, const SymTensor &x, const Rotation &r) {
  ImplicitLocOpBuilder &b = l.b;
  Type wide = x.element().isF64() ? x.element() : b.getF32Type();
  SymTensor cos = l.cast(r.cos, wide), sin = l.cast(r.sin, wide);
  SymTensor source = l.cast(x, wide);
  Sym half = cos.dims.back(), rotated = l.syms().mul(half, l.syms().constant(2));
  int64_t last = 3;
  SymTensor part = l.slice(source, last, l.syms().constant(0), rotated);
  Value halfValue = l.index(half);
  auto body = [&](ImplicitLocOpBuilder &n, ValueRange at) -> Value {
    Pairing pairing = pairOf(n, at[last], halfValue, r.interleaved);
    SmallVector<Value> angle = {at[0], at[r.tokenAxis], pairing.pair};
    if (r.position)
      angle = {r.position(n, at[0], at[r.tokenAxis]), pairing.pair};
    SmallVector<Value> other(at);
    other[last] = pairing.partner;
    Value mine = tensor::ExtractOp::create(n, part.value, at);
    Value partner = tensor::ExtractOp::create(n, part.value, other);
    Value c = tensor::ExtractOp::create(n, cos.value, angle);
    Value s = tensor::ExtractOp::create(n, sin.value, angle);
    Value negative = arith::NegFOp::create(n, s);
    Value signedSin = arith::SelectOp::create(n, pairing.isFirst, negative, s);
    return arith::AddFOp::create(n, arith::MulFOp::create(n, mine, c),
                                 arith::MulFOp::create(n, partner, signedSin));
  };
  SymTensor result = l.generate(part.dims, wide, body);
  Sym rest = l.syms().sub(x.dims[last], rotated);
  if (!rest.is(0))
    result = l.concat({result, l.slice(source, last, rotated, rest)}, last);
  return l.cast(result, x.element());
}

//===----------------------------------------------------------------------===//
// The operators
//===----------------------------------------------------------------------===//

namespace {
/// Both domains have the same operator with another order of inputs.
struct RotaryInputs {
  Value cos, sin, positions;
};
} // namespace

static RotaryInputs inputsOf(Node node) {
  if (node.is("RotaryEmbedding"))
    return {node.input(1), node.input(2), node.input(3)};
  return {node.input(2), node.input(3), node.input(1)};
}

/// Position ids [B, S], or [1]: the position of the first token.
static void usePositions(Lowering &l, Node node, Value value,
                         const SymTensor &tokens, Rotation &rotation) {
  SymTensor ids = l.get(value);
  Sym rows = rotation.cos.dims[0];
  if (ids.rank() == 2) {
    l.checkEqual(ids.dims[0], tokens.dims[0],
                 "RotaryEmbedding: the position ids have another batch");
    l.checkEqual(ids.dims[1], tokens.dims[rotation.tokenAxis],
                 "RotaryEmbedding: the position ids have another length");
    checkIndices(l, node, value, ids, rows);
    Value extent = l.index(rows);
    rotation.position = [=](ImplicitLocOpBuilder &b, Value batch, Value token) {
      Value id = tensor::ExtractOp::create(b, ids.value, ValueRange{batch, token});
      return wrapIndex(b, id, extent);
    };
    return;
  }
  Value offset = toIndex(l.b, l.scalar(ids));
  Sym first = l.own(offset);
  checkExtents(l, node, first);
  checkAtMost(l, l.syms().add(first, tokens.dims[rotation.tokenAxis]), rows,
              "RotaryEmbedding: a position lies beyond the cos/sin cache");
  rotation.position = [=](ImplicitLocOpBuilder &b, Value, Value token) -> Value {
    return arith::AddIOp::create(b, offset, token);
  };
}

/// [B, S, heads * D] as [B, S, heads, D]; rank 4 stays [B, heads, S, D].
static FailureOr<SymTensor> splitHeads(Lowering &l, Node node, const SymTensor &x,
                                       Sym half) {
  if (x.rank() == 4)
    return x;
  if (x.rank() != 3)
    return l.error(node, "needs an input of rank 3 or 4; got " + Twine(x.rank()));
  int64_t heads = node.integer("num_heads", 0);
  bool isPartial = node.integer("rotary_embedding_dim", 0);
  if (heads <= 0 && (isPartial || node.is("RotaryEmbedding")))
    return l.error(node, "an input of rank 3 needs num_heads");
  SymContext &c = l.syms();
  Sym size = heads > 0 ? c.floorDiv(x.dims[2], c.constant(heads))
                       : c.mul(half, c.constant(2));
  Sym count = heads > 0 ? c.constant(heads) : c.floorDiv(x.dims[2], size);
  return l.reshape(x, {x.dims[0], x.dims[1], count, size});
}

static LogicalResult lowerRotary(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  RotaryInputs inputs = inputsOf(node);
  if (!isa<FloatType>(x.element()) || !inputs.cos || !inputs.sin)
    return l.error(node, "needs floating-point numbers and cos and sin caches");
  Rotation rotation;
  rotation.cos = l.get(inputs.cos);
  rotation.sin = l.get(inputs.sin);
  int64_t cacheRank = inputs.positions ? 2 : 3;
  for (const SymTensor &cache : {rotation.cos, rotation.sin})
    if (cache.rank() != cacheRank)
      return l.error(node, "needs cos and sin caches of rank " +
                               Twine(cacheRank) + "; got " + Twine(cache.rank()));
  if (inputs.positions && l.shapes.rank(inputs.positions) > 2)
    return l.error(node, "needs position ids of rank 1 or 2");
  for (auto [c, s] : llvm::zip(rotation.cos.dims, rotation.sin.dims))
    l.checkEqual(c, s, "RotaryEmbedding: the cos and sin caches differ in shape");
  rotation.interleaved = node.integer("interleaved", 0);
  rotation.tokenAxis = x.rank() == 4 ? 2 : 1;
  FailureOr<SymTensor> heads = splitHeads(l, node, x, rotation.cos.dims.back());
  if (failed(heads))
    return failure();
  SymContext &c = l.syms();
  Sym size = heads->dims[3];
  Sym rotated = c.mul(rotation.cos.dims.back(), c.constant(2));
  if (int64_t wanted = node.integer("rotary_embedding_dim", 0))
    l.checkEqual(rotated, c.constant(wanted),
                 "RotaryEmbedding: the caches do not fit rotary_embedding_dim");
  else
    l.checkEqual(rotated, size,
                 "RotaryEmbedding: the caches do not fit the head size");
  auto n = rotated.constant(), whole = size.constant();
  if (n && whole && *n > *whole)
    return l.error(node, "rotates " + Twine(*n) + " elements of a head of " +
                             Twine(*whole));
  checkAtMost(l, rotated, size, "RotaryEmbedding: the caches are wider than a head");
  if (inputs.positions) {
    usePositions(l, node, inputs.positions, *heads, rotation);
  } else {
    l.checkEqual(rotation.cos.dims[0], heads->dims[0],
                 "RotaryEmbedding: the caches have another batch");
    l.checkEqual(rotation.cos.dims[1], heads->dims[rotation.tokenAxis],
                 "RotaryEmbedding: the caches have another length");
  }
  l.set(node.output(), l.reshape(rotate(l, *heads, rotation), x.dims));
  return success();
}

void moec::addRotaryLowerings(llvm::StringMap<NodeLowering> &table) {
  table["RotaryEmbedding"] = table["com.microsoft.RotaryEmbedding"] = lowerRotary;
}
