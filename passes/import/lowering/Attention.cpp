//===- Attention.cpp - ai.onnx Attention ----------------------------------===//

#include "passes/import/lowering/Attention.h"

#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
enum Input { Query, Key, Value_, Mask, PastKey, PastValue, ValidKeys };
} // namespace

static Value leastNumber(Lowering &l, Type type) {
  return l.number(type, -std::numeric_limits<double>::infinity());
}

/// attn_mask as numbers to add; keys that it does not reach are masked.
static SymTensor maskNumbers(Lowering &l, const SymTensor &mask, Type type,
                             Sym keys) {
  Value least = leastNumber(l, type), zero = l.zero(type);
  SymTensor numbers = mask;
  if (mask.element().isInteger(1))
    numbers =
        l.elementwise(mask, type, [&](ImplicitLocOpBuilder &b, ValueRange v) {
          return arith::SelectOp::create(b, v[0], zero, least).getResult();
        });
  else
    numbers = l.cast(mask, type);
  int64_t last = mask.rank() - 1;
  if (numbers.dims[last] == keys)
    return numbers;
  checkAtMost(l, numbers.dims[last], keys,
              "Attention: the mask is longer than the keys");
  SymDims rest(numbers.dims);
  rest[last] = l.syms().sub(keys, numbers.dims[last]);
  return l.concat({numbers, l.splat(rest, least)}, last);
}

/// The sum of attn_mask, the causal mask and the lengths of the keys;
/// nothing if there is none of them.
static std::optional<SymTensor> fullMask(Lowering &l, Node node, Type type,
                                         const SymTensor &q, Sym past,
                                         Sym keys) {
  bool isCausal = node.integer("is_causal", 0);
  if (!node.input(Mask) && !isCausal && !node.input(ValidKeys))
    return std::nullopt;
  Sym one = l.syms().constant(1);
  SymDims dims = {one, one, q.dims[2], keys};
  SmallVector<SymTensor> operands;
  if (node.input(Mask)) {
    operands.push_back(maskNumbers(l, l.get(node.input(Mask)), type, keys));
    ArrayRef<Sym> given = operands[0].dims;
    for (size_t axis = 2; axis < given.size(); ++axis)
      dims[3 - axis] = given[given.size() - 1 - axis];
  }
  std::optional<SymTensor> valid;
  if (node.input(ValidKeys)) {
    valid = l.get(node.input(ValidKeys));
    dims[0] = q.dims[0];
    l.checkEqual(valid->dims[0], q.dims[0],
                 "Attention: nonpad_kv_seqlen has another batch");
  }
  Value least = leastNumber(l, type), zero = l.zero(type),
        pastValue = l.index(past);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    Value number = v.empty() ? zero : v[0];
    Value key = linalg::IndexOp::create(b, 3);
    auto hideFrom = [&](Value limit) {
      Value hidden =
          arith::CmpIOp::create(b, arith::CmpIPredicate::sge, key, limit);
      number = arith::SelectOp::create(b, hidden, least, number);
    };
    if (isCausal) {
      Value row = linalg::IndexOp::create(b, 2);
      Value at = arith::AddIOp::create(b, row, pastValue);
      hideFrom(
          arith::AddIOp::create(b, at, arith::ConstantIndexOp::create(b, 1)));
    }
    if (valid) {
      Value batch = linalg::IndexOp::create(b, 0);
      Value limit = tensor::ExtractOp::create(b, valid->value, batch);
      hideFrom(toIndex(b, limit));
    }
    return number;
  };
  return l.elementwise(operands, dims, type, body);
}

/// The mask's extents must be 1 or those of the scores.
static void checkMask(Lowering &l, const SymTensor &mask, const SymTensor &q) {
  for (int axis = 0; axis < 3; ++axis) {
    Sym mine = mask.dims[axis], full = q.dims[axis];
    if (mine == full || mine.is(1))
      continue;
    Value one = arith::ConstantIndexOp::create(l.b, 1);
    Value isOne = arith::CmpIOp::create(l.b, arith::CmpIPredicate::eq,
                                        l.index(mine), one);
    Value isFull = arith::CmpIOp::create(l.b, arith::CmpIPredicate::eq,
                                         l.index(mine), l.index(full));
    l.check(arith::OrIOp::create(l.b, isOne, isFull),
            "Attention: the mask does not fit the batch, heads and queries");
  }
}

static LogicalResult checkOperands(Lowering &l, Node node) {
  int64_t rank = l.shapes.rank(node.input(Query));
  for (Input input : {Query, Key, Value_}) {
    if (!isa<FloatType>(Lowering::onnxElement(node.input(input))))
      return l.error(node, "needs floating-point query, key and value");
    int64_t mine = l.shapes.rank(node.input(input));
    if (mine != rank || (rank != 3 && rank != 4))
      return l.error(node,
                     "needs query, key and value of rank 3 or 4; got ranks " +
                         Twine(rank) + " and " + Twine(mine));
  }
  if (bool(node.input(PastKey)) != bool(node.input(PastValue)))
    return l.error(node, "needs past_key and past_value, or neither");
  for (Input input : {PastKey, PastValue})
    if (node.input(input) && l.shapes.rank(node.input(input)) != 4)
      return l.error(node, "needs a past key and value of rank 4");
  if (Value mask = node.input(Mask)) {
    int64_t maskRank = l.shapes.rank(mask);
    Type type = Lowering::onnxElement(mask);
    if (maskRank < 2 || maskRank > 4 ||
        (!isa<FloatType>(type) && !type.isInteger(1)))
      return l.error(node, "needs a mask of bool or floating-point numbers and "
                           "of rank 2, 3 or 4");
  }
  if (node.input(ValidKeys) && l.shapes.rank(node.input(ValidKeys)) != 1)
    return l.error(node, "needs nonpad_kv_seqlen of rank 1");
  int64_t mode = node.integer("qk_matmul_output_mode", 0);
  if (mode < 0 || mode > 3)
    return l.error(node, "qk_matmul_output_mode " + Twine(mode) +
                             " is none of 0, 1, 2, 3");
  return success();
}

static LogicalResult lowerAttention(Lowering &l, Node node) {
  if (failed(checkOperands(l, node)))
    return failure();
  SymTensor q = l.get(node.input(Query)), k = l.get(node.input(Key)),
            v = l.get(node.input(Value_));
  bool isFlat = q.rank() == 3;
  if (isFlat) {
    Sym kvHeads = l.syms().constant(node.integer("kv_num_heads", 0));
    q = splitHeads(l, q, l.syms().constant(node.integer("q_num_heads", 0)));
    k = splitHeads(l, k, kvHeads);
    v = splitHeads(l, v, kvHeads);
  }
  Sym past = l.syms().constant(0);
  if (node.input(PastKey)) {
    SymTensor pastKey = l.get(node.input(PastKey));
    past = pastKey.dims[2];
    k = l.concat({pastKey, k}, 2);
    v = l.concat({l.get(node.input(PastValue)), v}, 2);
  }
  l.set(node.output(1), k);
  l.set(node.output(2), v);
  Type element = q.element(), type = attentionType(l, element);
  FailureOr<AttentionSpec> spec = attentionSpec(l, node, q, k, v, type);
  if (failed(spec))
    return failure();
  spec->softcap = node.real("softcap", 0);
  spec->mask = fullMask(l, node, type, q, past, k.dims[2]);
  if (spec->mask)
    checkMask(l, *spec->mask, q);
  AttentionStages stages;
  bool wantsScores = bool(node.output(3));
  SymTensor y = attend(l, *spec, wantsScores ? &stages : nullptr);
  y = l.cast(y, element);
  l.set(node.output(0), isFlat ? joinHeads(l, y) : y);
  if (wantsScores) {
    const SymTensor *modes[] = {&stages.raw, &stages.capped, &stages.masked,
                                &stages.probabilities};
    int64_t mode = node.integer("qk_matmul_output_mode", 0);
    l.set(node.output(3), l.cast(*modes[mode], element));
  }
  return success();
}

/// A mask of any rank as [B or 1, H or 1, S or 1, T].
static SymTensor maskOfRank4(Lowering &l, const SymTensor &mask, Sym keys) {
  SymDims dims(4 - mask.rank(), l.syms().constant(1));
  dims.append(mask.dims);
  SymTensor full = l.reshape(l.cast(mask, l.b.getF32Type()), dims);
  if (dims[3].is(1)) {
    dims[3] = keys;
    return l.broadcastTo(full, dims);
  }
  l.checkEqual(dims[3], keys, "Attention: mask and keys have other lengths");
  return full;
}

/// What onnx-fuse-attention writes.
static LogicalResult lowerFusedAttention(Lowering &l, Node node) {
  enum { Mask = 3, Sinks = 4 };
  SymTensor q = l.get(node.input(Query)), k = l.get(node.input(Key)),
            v = l.get(node.input(Value_));
  Type f32 = l.b.getF32Type();
  FailureOr<AttentionSpec> spec = attentionSpec(l, node, q, k, v, f32);
  if (failed(spec))
    return failure();
  if (node.input(Mask)) {
    SymTensor mask = l.get(node.input(Mask));
    if (mask.rank() > 4)
      return l.error(node, "needs a mask of rank at most 4; got rank " +
                               Twine(mask.rank()));
    spec->mask = maskOfRank4(l, mask, k.dims[2]);
    checkMask(l, *spec->mask, q);
  }
  if (node.input(Sinks))
    spec->sinks = l.cast(l.get(node.input(Sinks)), f32);
  Type element = Lowering::onnxElement(node.output());
  l.set(node.output(), l.cast(attend(l, *spec), element));
  return success();
}

void moec::addAttentionLowerings(llvm::StringMap<NodeLowering> &table) {
  table["moec.Attention"] = lowerFusedAttention;
  table["Attention"] = lowerAttention;
}
