//===- Experts.cpp - Lowering of moe.dispatch, moe.experts, moe.combine ---===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/moe/MoeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;

Dispatched moec::lowerDispatch(Lowering &l, const SymTensor &ids,
                               int64_t groups) {
  SymContext &c = l.syms();
  Type i32 = l.b.getI32Type();
  auto sorted = l.kernel(
      "dispatch", ids.value,
      {l.empty({c.constant(groups)}, l.b.getI64Type()), l.empty(ids.dims, i32),
       l.empty({c.mul(ids.dims[0], ids.dims[1])}, i32)});
  return {sorted[0], sorted[1], sorted[2]};
}

SymTensor moec::gatherRows(Lowering &l, const SymTensor &tokens,
                           const SymTensor &slots) {
  return l.kernel(
      "gather_rows", {tokens.value, slots.value},
      l.empty({l.syms().mul(slots.dims[0], slots.dims[1]), tokens.dims[1]},
              tokens.element()));
}

SymTensor moec::lowerCombine(Lowering &l, const SymTensor &y,
                             const SymTensor &slots, const SymTensor &weights) {
  return l.kernel("combine", {y.value, slots.value, weights.value},
                  l.empty({slots.dims[0], y.dims[1]}, l.b.getF32Type()));
}

//===----------------------------------------------------------------------===//
// Banks
//===----------------------------------------------------------------------===//

namespace {
/// One bank of an experts op in the form its kernel reads.
struct Bank {
  moe::ExpertsOp op;
  Value weight;           ///< [E, out, in] or [E, in, out]
  moe::Layout layout;
  const ExpertPlacement &placement;
};
} // namespace

/// The lists of experts per rank, and the number of slots of this one.
static std::pair<ArrayAttr, Value> slotsOf(Lowering &l,
                                           const ExpertPlacement &placement) {
  if (placement.empty())
    return {ArrayAttr(), Value()};
  SmallVector<Attribute> lists;
  SmallVector<int64_t> counts;
  for (ArrayRef<int64_t> experts : placement) {
    lists.push_back(DenseI64ArrayAttr::get(l.b.getContext(), experts));
    counts.push_back(experts.size());
  }
  auto type = RankedTensorType::get({static_cast<int64_t>(counts.size())},
                                    l.b.getI64Type());
  Value table = arith::ConstantOp::create(
      l.b, DenseElementsAttr::get(type, ArrayRef<int64_t>(counts)));
  Value rank = rt::RankOp::create(l.b, l.b.getIndexType());
  Value own = tensor::ExtractOp::create(l.b, table, rank);
  return {l.b.getArrayAttr(lists),
          arith::IndexCastOp::create(l.b, l.b.getIndexType(), own)};
}

/// Rows of a per-expert table [E, ...] for this rank's slots. Tables are small,
/// so every rank has the whole one.
static SymTensor ownRows(Lowering &l, const SymTensor &table,
                         const ExpertPlacement &placement) {
  if (placement.empty())
    return table;
  size_t most = 0;
  for (ArrayRef<int64_t> experts : placement)
    most = std::max(most, experts.size());
  SmallVector<int64_t> flat;
  for (ArrayRef<int64_t> experts : placement) {
    flat.append(experts.begin(), experts.end());
    flat.resize(flat.size() + most - experts.size(), 0);
  }
  auto type = RankedTensorType::get(
      {static_cast<int64_t>(placement.size()), static_cast<int64_t>(most)},
      l.b.getI64Type());
  Value experts = arith::ConstantOp::create(
      l.b, DenseElementsAttr::get(type, ArrayRef<int64_t>(flat)));
  Value rank = rt::RankOp::create(l.b, l.b.getIndexType());
  auto [lists, count] = slotsOf(l, placement);
  SymDims dims = table.dims;
  dims[0] = l.own(count);
  return l.generate(dims, table.element(),
                    [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
                      Value id = tensor::ExtractOp::create(
                          b, experts, ValueRange{rank, at[0]});
                      SmallVector<Value> from(at.begin(), at.end());
                      from[0] = arith::IndexCastOp::create(b, b.getIndexType(), id);
                      return tensor::ExtractOp::create(b, table.value, from);
                    });
}

/// The bank in panels, as the kernels read it. Weights that lie in the model's
/// files are packed ahead of time.
static Value packedAhead(Lowering &l, Bank bank, bool gated, rt::WeightOp weight,
                         rt::WeightOp second) {
  RankedTensorType source = weight.getSourceType();
  bool transposed = bank.layout == moe::Layout::OutIn;
  std::optional<rt::Fusion> fusion;
  if (gated) {
    moe::Fusion kind = bank.op.getFusion();
    fusion = kind == moe::Fusion::Separate       ? rt::Fusion::Separate
             : kind == moe::Fusion::Concatenated ? rt::Fusion::Concatenated
                                                 : rt::Fusion::Interleaved;
  }
  auto pack = rt::PackAttr::get(
      l.b.getContext(), gated ? rt::PackKind::GatedPanels : rt::PackKind::Panels,
      transposed, fusion);
  auto [slots, count] = slotsOf(l, bank.placement);
  Type element = source.getElementType();
  SmallVector<int64_t> shape = rt::packedShape(pack, source, element);
  if (count)
    shape[0] = ShapedType::kDynamic;
  auto type = RankedTensorType::get(shape, element);
  return rt::WeightOp::create(l.b, type, weight.getName(), weight.getRegions(),
                              second ? second.getRegions() : ArrayAttr(), source,
                              pack, slots, count);
}

/// The same panels from a bank that the graph computes (or a small constant),
/// packed in every run.
static Value packedAtRun(Lowering &l, Bank bank, bool gated, Value second) {
  SymContext &c = l.syms();
  SymTensor first = ownRows(l, l.wrap(bank.weight), bank.placement);
  SymTensor other = second ? ownRows(l, l.wrap(second), bank.placement) : first;
  bool outFirst = bank.layout == moe::Layout::OutIn;
  moe::Fusion fusion = bank.op.getFusion();
  int64_t columns = gated ? bank.op.getIntermediateSize()
                          : *first.dims[outFirst ? 1 : 2].constant();
  int64_t width = gated ? 8 : 16;
  int64_t depth = *first.dims[outFirst ? 2 : 1].constant();
  bool isPaired = first.element().isBF16();
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    auto constant = [&](int64_t v) -> Value {
      return arith::ConstantIndexOp::create(b, v);
    };
    auto add = [&](Value x, Value y) -> Value {
      return arith::AddIOp::create(b, x, y);
    };
    auto mul = [&](Value x, int64_t y) -> Value {
      return arith::MulIOp::create(b, x, constant(y));
    };
    Value row = at[2], lane = at[3];
    if (isPaired) { // [k/2][16][k%2]
      Value odd = arith::RemUIOp::create(b, at[2], constant(2));
      row = add(arith::SubIOp::create(b, at[2], odd),
                arith::RemUIOp::create(b, at[3], constant(2)));
      lane = arith::DivUIOp::create(b, add(mul(odd, 16), at[3]), constant(2));
    }
    Value half = arith::DivUIOp::create(b, lane, constant(width));
    Value column = add(mul(at[1], width),
                       arith::RemUIOp::create(b, lane, constant(width)));
    auto isBelow = [&](Value x, int64_t limit) -> Value {
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ult, x,
                                   constant(limit));
    };
    Value isIn = arith::AndIOp::create(b, isBelow(column, columns),
                                       isBelow(row, depth));
    column = arith::MinUIOp::create(b, column, constant(columns - 1));
    row = arith::MinUIOp::create(b, row, constant(depth - 1));
    if (gated && fusion == moe::Fusion::Concatenated)
      column = add(mul(half, columns), column);
    if (gated && fusion == moe::Fusion::Interleaved)
      column = add(mul(column, 2), half);
    SmallVector<Value> from = {at[0], outFirst ? column : row,
                               outFirst ? row : column};
    Value value = tensor::ExtractOp::create(b, first.value, from);
    if (second) {
      Value up = tensor::ExtractOp::create(b, other.value, from);
      Value isGate = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, half,
                                           constant(0));
      value = arith::SelectOp::create(b, isGate, value, up);
    }
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(value.getType()));
    return arith::SelectOp::create(b, isIn, value, zero);
  };
  Sym panels = c.constant((columns + width - 1) / width);
  Sym stored = c.constant(rt::panelDepth(depth, first.element()));
  return l.generate({first.dims[0], panels, stored, c.constant(16)},
                    first.element(), body)
      .value;
}

static Value packed(Lowering &l, Bank bank, bool gated, Value second) {
  auto isRaw = [](rt::WeightOp weight) {
    return weight && weight.getPack().getKind() == rt::PackKind::None;
  };
  auto weight = bank.weight.getDefiningOp<rt::WeightOp>();
  auto other = second ? second.getDefiningOp<rt::WeightOp>() : rt::WeightOp();
  if (isRaw(weight) && (!second || isRaw(other)))
    return packedAhead(l, bank, gated, weight, other);
  if (!bank.weight.getDefiningOp<arith::ConstantOp>())
    bank.op.emitWarning("an expert bank is computed by the graph; it is packed "
                        "again in every run");
  return packedAtRun(l, bank, gated, second);
}

/// A bias table with no rows means "no bias" to the kernels.
static SymTensor noBias(Lowering &l, int64_t rank) {
  SymDims dims(rank, l.syms().constant(0));
  return l.empty(dims, l.b.getF32Type());
}

/// Gate and up biases as [E, 2, I].
static SymTensor gatedBias(Lowering &l, moe::ExpertsOp op) {
  SymContext &c = l.syms();
  if (!op.getFc1Bias() && !op.getFc3Bias())
    return noBias(l, 3);
  Sym experts = c.constant(op.getNumExperts());
  Sym width = c.constant(op.getIntermediateSize());
  Type f32 = l.b.getF32Type();
  auto part = [&](Value bias) {
    return bias ? l.reshape(l.cast(l.wrap(bias), f32), {experts, c.constant(1), width})
                : l.splat({experts, c.constant(1), width}, l.zero(f32));
  };
  if (op.getFusion() == moe::Fusion::Separate)
    return l.concat({part(op.getFc1Bias()), part(op.getFc3Bias())}, 1);
  SymTensor both = l.cast(l.wrap(op.getFc1Bias()), f32);
  if (op.getFusion() == moe::Fusion::Concatenated)
    return l.reshape(both, {experts, c.constant(2), width});
  return l.transpose(l.reshape(both, {experts, width, c.constant(2)}), {0, 2, 1});
}

static SmallVector<NamedAttribute> activationOf(Lowering &l, moe::ExpertsOp op) {
  SmallVector<NamedAttribute> attributes = {
      l.b.getNamedAttr("activation", l.b.getStringAttr(moe::stringifyActivation(
                                         op.getActivation()))),
      l.b.getNamedAttr("alpha", op.getAlphaAttr())};
  if (op.isGated())
    attributes.push_back(l.b.getNamedAttr("beta", op.getBetaAttr()));
  if (op.getLimitAttr())
    attributes.push_back(l.b.getNamedAttr("limit", op.getLimitAttr()));
  return attributes;
}

SymTensor moec::lowerExperts(Lowering &l, moe::ExpertsOp op,
                             const ExpertRows &rows,
                             const ExpertPlacement &placement) {
  SymContext &c = l.syms();
  Type f32 = l.b.getF32Type();
  bool gated = op.isGated();
  Value first = packed(l, {op, op.getFc1(), op.getFc1Layout(), placement}, gated,
                       op.getFc3());
  Value second = packed(l, {op, op.getFc2(), op.getFc2Layout(), placement}, false,
                        Value());
  SymTensor bias = gated ? gatedBias(l, op)
                   : op.getFc1Bias() ? l.cast(l.wrap(op.getFc1Bias()), f32)
                                     : noBias(l, 2);
  if (op.getFc1Bias() || op.getFc3Bias())
    bias = ownRows(l, bias, placement);
  // A table of no elements: every row is its own source.
  SymTensor none = l.empty({c.constant(0)}, l.b.getI32Type());
  const SymTensor &sources = rows.sources ? *rows.sources : none;
  // All ranks choose by the same number how to multiply: a row's result does not
  // depend on where its expert lives.
  Value experts = arith::ConstantIndexOp::create(l.b, op.getNumExperts());
  Value average = arith::IndexCastOp::create(
      l.b, l.b.getI64Type(),
      arith::DivUIOp::create(l.b, l.index(rows.total), experts));
  SymDims dims = {(rows.sources ? sources : rows.tokens).dims[0],
                  c.constant(op.getIntermediateSize())};
  SymTensor hidden = l.kernel(
      gated ? "expert_gated" : "expert_gemm",
      {rows.tokens.value, sources.value, rows.counts.value, first, bias.value,
       average},
      l.empty(dims, f32), activationOf(l, op));
  SymTensor bias2 = op.getFc2Bias()
                        ? ownRows(l, l.cast(l.wrap(op.getFc2Bias()), f32), placement)
                        : noBias(l, 2);
  dims[1] = c.constant(op.getResult().getType().getDimSize(1));
  return l.kernel(
      "expert_gemm",
      {hidden.value, none.value, rows.counts.value, second, bias2.value,
       average},
      l.empty(dims, f32));
}
