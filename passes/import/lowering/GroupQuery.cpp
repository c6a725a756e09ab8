//===- GroupQuery.cpp - com.microsoft.GroupQueryAttention -----------------===//
//
// Queries [B, S, H * D] (or query, key and value packed) attend to a cache.
// Sequences of a batch may have different lengths: sequence b has
// seqlens_k[b] + 1 keys, the last S of them new, and its new keys follow its
// own old ones. total_sequence_length is that of the longest. A past longer
// than that has room for steps to come, and so has the present.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Attention.h"
#include "passes/import/lowering/Indices.h"
#include "passes/import/lowering/Rotary.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
enum Input {
  Query,
  Key,
  Value_,
  PastKey,
  PastValue,
  LastKeys,
  Total,
  Cos,
  Sin,
  Positions,
  Bias,
  Sinks,
  KeyScale,
  ValueScale,
  QueryNorm,
  KeyNorm
};

/// The operands, heads apart: q [B, S, H, D], k and v [B, S, Hk, D].
struct Operands {
  SymTensor q, k, v;
  SymTensor lengths; ///< [B] i64: old keys of each sequence
  Sym longest;       ///< of them
  Sym past, fresh;   ///< rows of the past, new ones
  Sym total;         ///< keys of the longest sequence
};
} // namespace

static LogicalResult checkSupport(Lowering &l, Node node) {
  for (Input input : {KeyScale, ValueScale, QueryNorm, KeyNorm})
    if (node.input(input))
      return l.error(node, "quantised caches and normalised queries or keys "
                           "(inputs 12 to 15) are not supported");
  for (StringRef kind : {"k_quant_type", "v_quant_type"})
    if (node.string(kind, "NONE") != "NONE")
      return l.error(node, kind + " is not supported");
  for (StringRef flag : {"sliding_window_cache", "qk_output"})
    if (node.integer(flag, 0))
      return l.error(node, flag + " is not supported");
  if (!node.input(LastKeys) || !node.input(Total))
    return l.error(node, "needs seqlens_k and total_sequence_length");
  if (!isa<FloatType>(Lowering::onnxElement(node.input(Query))))
    return l.error(node, "needs a floating-point query");
  if (bool(node.input(Key)) != bool(node.input(Value_)) ||
      bool(node.input(PastKey)) != bool(node.input(PastValue)))
    return l.error(node,
                   "needs key and value, and past key and past value, both "
                   "or neither");
  const std::pair<Input, int64_t> ranks[] = {
      {Key, 3},   {Value_, 3}, {PastKey, 4}, {PastValue, 4}, {Bias, 4},
      {Sinks, 1}, {Cos, 2},    {Sin, 2},     {Positions, 2}};
  for (auto [input, rank] : ranks)
    if (node.input(input) && l.shapes.rank(node.input(input)) != rank)
      return l.error(node, "input " + Twine(int(input)) + " has rank " +
                               Twine(l.shapes.rank(node.input(input))) +
                               "; expected " + Twine(rank));
  if (node.integer("do_rotary", 0) && (!node.input(Cos) || !node.input(Sin)))
    return l.error(node, "do_rotary needs cos_cache and sin_cache");
  return success();
}

/// Splits a packed query [B, S, (H + 2 Hk) * D] or takes the three inputs.
static void readHeads(Lowering &l, Node node, Operands &o) {
  SymContext &c = l.syms();
  SymTensor q = l.get(node.input(Query));
  Sym heads = c.constant(node.integer("num_heads", 0));
  Sym kvHeads = c.constant(node.integer("kv_num_heads", 0));
  auto apart = [&](const SymTensor &x, Sym count) {
    return l.reshape(
        x, {x.dims[0], x.dims[1], count, c.floorDiv(x.dims[2], count)});
  };
  if (node.input(Key)) {
    o.q = apart(q, heads);
    o.k = apart(l.get(node.input(Key)), kvHeads);
    o.v = apart(l.get(node.input(Value_)), kvHeads);
    return;
  }
  SymTensor all = apart(q, c.add(heads, c.add(kvHeads, kvHeads)));
  o.q = l.slice(all, 2, c.constant(0), heads);
  o.k = l.slice(all, 2, heads, kvHeads);
  o.v = l.slice(all, 2, c.add(heads, kvHeads), kvHeads);
}

/// Old keys of each sequence: seqlens_k + 1 - S; 0 in a prompt, where a shorter
/// sequence is padded at its end.
static LogicalResult readLengths(Lowering &l, Node node, Operands &o) {
  SymContext &c = l.syms();
  o.fresh = o.q.dims[1];
  o.past = node.input(PastKey) ? l.shapes.dim(node.input(PastKey), 2)
                               : c.constant(0);
  std::optional<SymDims> total = l.shapes.contentsOrAtoms(node.input(Total));
  if (!total || total->size() != 1)
    return l.error(node, "needs a total_sequence_length of one element");
  o.total = total->front();
  if (!node.input(PastKey)) {
    l.checkEqual(o.total, o.fresh,
                 "GroupQueryAttention: without a past, total_sequence_length "
                 "is not the number of new tokens");
    o.total = o.fresh;
  }
  SymTensor lastKeys = l.get(node.input(LastKeys));
  lastKeys = l.reshape(lastKeys, {l.shapes.elements(node.input(LastKeys))});
  l.checkEqual(lastKeys.dims[0], o.q.dims[0],
               "GroupQueryAttention: seqlens_k has another batch");
  Type i64 = l.b.getI64Type();
  Value zero = l.number(i64, 0),
        last = arith::IndexCastOp::create(
            l.b, i64, l.index(c.sub(o.fresh, c.constant(1))));
  o.lengths =
      l.elementwise(l.cast(lastKeys, i64), i64,
                    [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                      return arith::MaxSIOp::create(
                          b, arith::SubIOp::create(b, v[0], last), zero);
                    });
  SymTensor longest =
      l.reduce(o.lengths, 0, zero, [](ImplicitLocOpBuilder &b, ValueRange v) {
        return arith::MaxSIOp::create(b, v[0], v[1]).getResult();
      });
  o.longest = l.own(toIndex(l.b, l.scalar(longest)));
  checkAtMost(l, o.longest, o.past,
              "GroupQueryAttention: seqlens_k is larger than the past plus the "
              "new tokens");
  checkAtMost(l, c.add(o.longest, o.fresh), o.total,
              "GroupQueryAttention: total_sequence_length is less than the new "
              "tokens or seqlens_k + 1");
  return success();
}

static Value lengthOf(ImplicitLocOpBuilder &b, const Operands &o, Value batch) {
  return toIndex(b, tensor::ExtractOp::create(b, o.lengths.value, batch));
}

/// Rotates q and k to their positions in each sequence.
static LogicalResult rotateHeads(Lowering &l, Node node, Operands &o) {
  Rotation rotation;
  rotation.cos = l.get(node.input(Cos));
  rotation.sin = l.get(node.input(Sin));
  rotation.interleaved = node.integer("rotary_interleaved", 0);
  for (int axis = 0; axis < 2; ++axis)
    l.checkEqual(rotation.cos.dims[axis], rotation.sin.dims[axis],
                 "GroupQueryAttention: the cos and sin caches differ in shape");
  Sym rotated = l.syms().mul(rotation.cos.dims[1], l.syms().constant(2));
  auto n = rotated.constant(), size = o.q.dims[3].constant();
  if (n && size && *n > *size)
    return l.error(node, "rotates " + Twine(*n) + " elements of a head of " +
                             Twine(*size));
  checkAtMost(l, rotated, o.q.dims[3],
              "GroupQueryAttention: the caches are wider than a head");
  Sym rows = rotation.cos.dims[0];
  if (node.input(Positions)) {
    SymTensor ids = l.get(node.input(Positions));
    l.checkEqual(ids.dims[0], o.q.dims[0],
                 "GroupQueryAttention: the position ids have another batch");
    l.checkEqual(ids.dims[1], o.fresh,
                 "GroupQueryAttention: the position ids have another length");
    checkIndices(l, node, node.input(Positions), ids, rows);
    Value extent = l.index(rows);
    rotation.position = [=](ImplicitLocOpBuilder &b, Value batch, Value token) {
      Value id =
          tensor::ExtractOp::create(b, ids.value, ValueRange{batch, token});
      return wrapIndex(b, id, extent);
    };
  } else {
    checkAtMost(
        l, l.syms().add(o.longest, o.fresh), rows,
        "GroupQueryAttention: a position lies beyond the cos/sin cache");
    rotation.position = [&o](ImplicitLocOpBuilder &b, Value batch,
                             Value token) -> Value {
      return arith::AddIOp::create(b, lengthOf(b, o, batch), token);
    };
  }
  o.q = rotate(l, o.q, rotation);
  o.k = rotate(l, o.k, rotation);
  return success();
}

/// The past with the new keys of each sequence behind its old ones:
/// [B, Hk, max(P, total), D]. What lies behind the end of a sequence means
/// nothing.
static SymTensor grow(Lowering &l, Node node, Input past,
                      const SymTensor &fresh, const Operands &o) {
  SymTensor heads = l.transpose(fresh, {0, 2, 1, 3});
  if (!node.input(past))
    return heads;
  SymTensor old = l.get(node.input(past));
  for (int axis : {0, 1, 3})
    l.checkEqual(old.dims[axis], heads.dims[axis],
                 "GroupQueryAttention: the past does not fit the new tokens");
  SymDims dims = heads.dims;
  dims[2] = l.syms().max(o.past, o.total);
  return l.kernel("place_rows", {old.value, heads.value, o.lengths.value},
                  l.empty(dims, heads.element()));
}

/// The keys of the longest sequence.
static SymTensor used(Lowering &l, const SymTensor &cache, const Operands &o) {
  return l.slice(cache, 2, l.syms().constant(0), o.total);
}

/// Key t is visible to the new token s of sequence b if it is not later (or,
/// not causal, exists) and lies in the window; the bias is added.
static SymTensor makeMask(Lowering &l, Node node, Type type,
                          const Operands &o) {
  Sym one = l.syms().constant(1);
  SymDims dims = {o.q.dims[0], one, o.fresh, o.total};
  SmallVector<SymTensor> operands;
  if (node.input(Bias)) {
    operands.push_back(l.cast(l.get(node.input(Bias)), type));
    dims[1] = operands[0].dims[1];
    l.checkEqual(operands[0].dims[3], o.total,
                 "GroupQueryAttention: attention_bias does not fit the keys");
    if (!dims[1].is(1))
      l.checkEqual(
          dims[1], o.q.dims[2],
          "GroupQueryAttention: attention_bias does not fit the heads");
  }
  bool isCausal = node.integer("causal", 1);
  int64_t window = node.integer("local_window_size", -1);
  Value least = l.number(type, -std::numeric_limits<double>::infinity());
  Value zero = l.zero(type), fresh = l.index(o.fresh);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    Value batch = linalg::IndexOp::create(b, 0),
          row = linalg::IndexOp::create(b, 2);
    Value key = linalg::IndexOp::create(b, 3), old = lengthOf(b, o, batch);
    Value self = arith::AddIOp::create(b, old, row), last = self;
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(b, value);
    };
    if (!isCausal) {
      last = arith::SubIOp::create(b, arith::AddIOp::create(b, old, fresh),
                                   constant(1));
    }
    Value isVisible =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sle, key, last);
    if (window >= 0) {
      Value before = arith::SubIOp::create(b, self, constant(window));
      Value isNear =
          arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, key, before);
      isVisible = arith::AndIOp::create(b, isVisible, isNear);
    }
    return arith::SelectOp::create(b, isVisible, v.empty() ? zero : v[0],
                                   least);
  };
  return l.elementwise(operands, dims, type, body);
}

static LogicalResult lowerGroupQuery(Lowering &l, Node node) {
  if (failed(checkSupport(l, node)))
    return failure();
  Operands o;
  readHeads(l, node, o);
  if (failed(readLengths(l, node, o)))
    return failure();
  if (node.integer("do_rotary", 0) && failed(rotateHeads(l, node, o)))
    return failure();
  SymTensor k = grow(l, node, PastKey, o.k, o);
  SymTensor v = grow(l, node, PastValue, o.v, o);
  l.set(node.output(1), k);
  l.set(node.output(2), v);
  Type element = o.q.element(), type = attentionType(l, element);
  FailureOr<AttentionSpec> spec =
      attentionSpec(l, node, l.transpose(o.q, {0, 2, 1, 3}), used(l, k, o),
                    used(l, v, o), type);
  if (failed(spec))
    return failure();
  spec->softcap = node.real("softcap", 0);
  spec->mask = makeMask(l, node, type, o);
  if (node.input(Sinks)) {
    spec->sinks = l.cast(l.get(node.input(Sinks)), type);
    l.checkEqual(spec->sinks->dims[0], spec->q.dims[1],
                 "GroupQueryAttention: head_sink does not fit the heads");
  } else if (node.integer("smooth_softmax", 0) == 1) {
    spec->sinks = l.splat(spec->q.dims[1], l.zero(type));
  }
  l.set(node.output(0), joinHeads(l, l.cast(attend(l, *spec), element)));
  return success();
}

void moec::addGroupQueryLowerings(llvm::StringMap<NodeLowering> &table) {
  table["com.microsoft.GroupQueryAttention"] = lowerGroupQuery;
}
