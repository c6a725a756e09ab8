//===- ContribRules.cpp - Shapes of attention and of fused operators ------===//

#include "passes/import/shapes/ShapeAnalysis.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// Outputs: Y, mean, 1/sigma, input + skip.
static LogicalResult skipNormRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  if (dims.empty())
    return a.error(node, "needs rows to normalise; the input is a scalar");
  a.set(node.output(0), SymDims(dims));
  a.set(node.output(3), SymDims(dims));
  dims.back() = a.syms().constant(1);
  a.set(node.output(1), SymDims(dims));
  a.set(node.output(2), SymDims(dims));
  return success();
}

/// Query [B, S, H*D] or packed QKV; past [B, Hk, P, D]. The present is as long
/// as the longest sequence, or as the past, which may have room for more.
static LogicalResult groupQueryRule(ShapeAnalysis &a, Node node) {
  SymContext &c = a.syms();
  SymDims query(a.dims(node.input(0)));
  int64_t heads = node.integer("num_heads", 0);
  int64_t kvHeads = node.integer("kv_num_heads", 0);
  if (query.size() != 3 || heads <= 0 || kvHeads <= 0)
    return a.error(node, "needs a query of rank 3, num_heads and kv_num_heads");
  if (node.input(3) && a.rank(node.input(3)) != 4)
    return a.error(node, "needs a past key of rank 4; got rank " +
                             Twine(a.rank(node.input(3))));
  bool packed = !node.input(1);
  Sym headSize =
      c.floorDiv(query[2], c.constant(packed ? heads + 2 * kvHeads : heads));
  Sym present = query[1];
  if (Value past = node.input(3)) {
    std::optional<SymDims> total;
    if (node.input(6))
      total = a.contentsOrAtoms(node.input(6));
    if (!total || total->size() != 1)
      return a.error(node, "needs a total_sequence_length of one element");
    present = c.max(a.dim(past, 2), total->front());
  }
  a.set(node.output(0),
        {query[0], query[1], c.mul(headSize, c.constant(heads))});
  for (unsigned i = 1; i < 3; ++i)
    a.set(node.output(i), {query[0], c.constant(kvHeads), present, headSize});
  if (node.output(3))
    return a.error(node, "the output output_qk is not supported");
  return success();
}

/// ai.onnx Attention: rank 4 [B, heads, S, D] or rank 3 [B, S, heads * D].
static LogicalResult attentionRule(ShapeAnalysis &a, Node node) {
  SymContext &c = a.syms();
  SymDims q(a.dims(node.input(0))), k(a.dims(node.input(1))),
      v(a.dims(node.input(2)));
  bool isFlat = q.size() == 3;
  if ((!isFlat && q.size() != 4) || k.size() != q.size() ||
      v.size() != q.size())
    return a.error(node,
                   "needs query, key and value of rank 3 or 4; got ranks " +
                       Twine(q.size()) + ", " + Twine(k.size()) + ", " +
                       Twine(v.size()));
  if (node.input(4) && a.rank(node.input(4)) != 4)
    return a.error(node, "needs a past key of rank 4; got rank " +
                             Twine(a.rank(node.input(4))));
  if (isFlat) {
    Sym heads = c.constant(node.integer("q_num_heads", 0));
    Sym kvHeads = c.constant(node.integer("kv_num_heads", 0));
    if (*heads.constant() <= 0 || *kvHeads.constant() <= 0)
      return a.error(node, "rank 3 needs q_num_heads and kv_num_heads");
    auto split = [&](SymDims &x, Sym n) {
      x = {x[0], n, x[1], c.floorDiv(x[2], n)};
    };
    Sym outer = q[0], rows = q[1];
    split(q, heads), split(k, kvHeads), split(v, kvHeads);
    a.set(node.output(0), {outer, rows, c.mul(heads, v[3])});
  } else {
    a.set(node.output(0), {q[0], q[1], q[2], v[3]});
  }
  Sym past = node.input(4) ? a.dim(node.input(4), 2) : c.constant(0);
  Sym total = c.add(past, k[2]);
  a.set(node.output(1), {k[0], k[1], total, k[3]});
  a.set(node.output(2), {v[0], v[1], total, v[3]});
  a.set(node.output(3), {q[0], q[1], q[2], total});
  return success();
}

static LogicalResult fusedAttentionRule(ShapeAnalysis &a, Node node) {
  for (unsigned i = 0; i < 3; ++i)
    if (a.rank(node.input(i)) != 4)
      return a.error(node, "needs query, key and value of rank 4; got rank " +
                               Twine(a.rank(node.input(i))));
  ArrayRef<Sym> q = a.dims(node.input(0)), v = a.dims(node.input(2));
  a.set(node.output(), {q[0], q[1], q[2], v[3]});
  return success();
}

void moec::addContribRules(llvm::StringMap<ShapeRule> &rules) {
  rules["com.microsoft.SkipLayerNormalization"] = skipNormRule;
  rules["com.microsoft.SkipSimplifiedLayerNormalization"] = skipNormRule;
  rules["com.microsoft.GroupQueryAttention"] = groupQueryRule;
  rules["Attention"] = attentionRule;
  rules["moec.Attention"] = fusedAttentionRule;
}
