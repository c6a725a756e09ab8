//===- Exchange.cpp - A MoE layer over several ranks ----------------------===//
//
// Per rank: its share of the tokens -> rows by destination rank -> all-to-all ->
// rows by local slot -> experts -> back the same way -> combine -> all-gather.
// Which rank a row goes to is data (tables of the placement), so one program
// serves all ranks. Replicas of an expert take turns by token index.
//
//===----------------------------------------------------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/moe/MoeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;

using InnerBuilder = ImplicitLocOpBuilder;

namespace {

/// Expert e's replica i lives in slot `slot[e][i]` of rank `rank[e][i]`; rows are
/// padded by repeating, `replicas[e]` tells how many are real.
struct ReplicaTables {
  Value rank, slot, replicas;
};

class LayerExchange {
public:
  LayerExchange(Lowering &l, const ExpertPlacement &placement, int64_t &step)
      : l(l), c(l.syms()), placement(placement), step(step),
        ranks(placement.size()) {}

  SymTensor run(moe::DispatchOp dispatch, moe::ExpertsOp experts,
                moe::CombineOp combine);

private:
  Value table(ArrayRef<int64_t> values, ArrayRef<int64_t> shape);
  ReplicaTables replicaTables(int64_t experts);
  SymTensor shares(Sym tokens);
  SymTensor lookup(const SymTensor &ids, const ReplicaTables &tables, Value from,
                   Value begin);
  SymTensor share(const SymTensor &x, Value begin, Sym count);
  SymTensor allToAll(const SymTensor &rows, const SymTensor &sent,
                     const SymTensor &received, Sym total,
                     moe::RoundsAttr rounds);
  Value atRank(const SymTensor &perRank);

  Lowering &l;
  SymContext &c;
  const ExpertPlacement &placement;
  int64_t &step;
  int64_t ranks;
};

} // namespace

Value LayerExchange::table(ArrayRef<int64_t> values, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, l.b.getI64Type());
  return arith::ConstantOp::create(l.b, DenseElementsAttr::get(type, values));
}

ReplicaTables LayerExchange::replicaTables(int64_t experts) {
  SmallVector<SmallVector<std::pair<int64_t, int64_t>>> places(experts);
  for (auto [rank, slots] : llvm::enumerate(placement))
    for (auto [slot, expert] : llvm::enumerate(slots))
      places[expert].push_back({rank, slot});
  size_t most = 1;
  for (auto &all : places)
    most = std::max(most, all.size());
  SmallVector<int64_t> ranksOf, slotsOf, counts;
  for (auto &all : places) {
    counts.push_back(all.size());
    for (size_t i = 0; i < most; ++i) {
      ranksOf.push_back(all[i % all.size()].first);
      slotsOf.push_back(all[i % all.size()].second);
    }
  }
  SmallVector<int64_t> shape = {experts, static_cast<int64_t>(most)};
  return {table(ranksOf, shape), table(slotsOf, shape), table(counts, {experts})};
}

/// Tokens per rank: rank r has floor(N (r+1) / R) - floor(N r / R) of them.
SymTensor LayerExchange::shares(Sym tokens) {
  Value n = arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.index(tokens));
  return l.generate(
      {c.constant(ranks)}, l.b.getI64Type(),
      [&](InnerBuilder &b, ValueRange at) -> Value {
        Value count = arith::ConstantOp::create(b, b.getI64IntegerAttr(ranks));
        Value one = arith::ConstantOp::create(b, b.getI64IntegerAttr(1));
        Value r = arith::IndexCastOp::create(b, b.getI64Type(), at[0]);
        auto bound = [&](Value i) -> Value {
          return arith::DivUIOp::create(b, arith::MulIOp::create(b, n, i), count);
        };
        return arith::SubIOp::create(b, bound(arith::AddIOp::create(b, r, one)),
                                     bound(r));
      });
}

Value LayerExchange::atRank(const SymTensor &perRank) {
  Value rank = rt::RankOp::create(l.b, l.b.getIndexType());
  Value element = tensor::ExtractOp::create(l.b, perRank.value, rank);
  return arith::IndexCastOp::create(l.b, l.b.getIndexType(), element);
}

/// from[id][token mod replicas(id)] as i32.
SymTensor LayerExchange::lookup(const SymTensor &ids, const ReplicaTables &tables,
                                Value from, Value begin) {
  return l.generate(
      ids.dims, l.b.getI32Type(), [&](InnerBuilder &b, ValueRange at) -> Value {
        Value id = tensor::ExtractOp::create(b, ids.value, at);
        Value expert = arith::IndexCastOp::create(b, b.getIndexType(), id);
        Value count = arith::IndexCastOp::create(
            b, b.getIndexType(),
            tensor::ExtractOp::create(b, tables.replicas, expert));
        Value token = arith::AddIOp::create(b, begin, at[0]);
        Value replica = arith::RemUIOp::create(b, token, count);
        Value place =
            tensor::ExtractOp::create(b, from, ValueRange{expert, replica});
        return arith::TruncIOp::create(b, b.getI32Type(), place);
      });
}

SymTensor LayerExchange::share(const SymTensor &x, Value begin, Sym count) {
  return l.slice(x, 0, l.own(begin), count);
}

static ArrayAttr listsOf(moe::RoundsAttr rounds) {
  ArrayRef<DenseI32ArrayAttr> lists = rounds.getRounds();
  return ArrayAttr::get(rounds.getContext(),
                        SmallVector<Attribute>(lists.begin(), lists.end()));
}

SymTensor LayerExchange::allToAll(const SymTensor &rows, const SymTensor &sent,
                                  const SymTensor &received, Sym total,
                                  moe::RoundsAttr rounds) {
  SymDims dims = rows.dims;
  dims[0] = total;
  SymTensor init = l.empty(dims, rows.element());
  auto op = rt::AllToAllOp::create(l.b, TypeRange(init.type()), rows.value,
                                   sent.value, received.value, init.value,
                                   l.b.getI64IntegerAttr(step++),
                                   rounds ? listsOf(rounds) : ArrayAttr());
  return {op->getResult(0), dims};
}

SymTensor LayerExchange::run(moe::DispatchOp dispatch, moe::ExpertsOp experts,
                             moe::CombineOp combine) {
  Type f32 = l.b.getF32Type(), i64 = l.b.getI64Type();
  SymTensor tokens = l.cast(l.wrap(dispatch.getTokens()), f32);
  SymTensor ids = l.wrap(dispatch.getExperts());
  ids.dims[0] = tokens.dims[0];
  SymTensor weights = l.cast(l.wrap(combine.getWeights()), f32);
  weights.dims[0] = tokens.dims[0];

  Sym total = c.mul(tokens.dims[0], ids.dims[1]);

  // This rank's share of the tokens.
  SymTensor perRank = shares(tokens.dims[0]);
  Value rank = rt::RankOp::create(l.b, l.b.getIndexType());
  Value n = l.index(tokens.dims[0]);
  Value count = arith::ConstantIndexOp::create(l.b, ranks);
  Value begin = arith::DivUIOp::create(
      l.b, arith::MulIOp::create(l.b, n, rank), count);
  Sym own = l.own(atRank(perRank));
  tokens = share(tokens, begin, own);
  ids = share(ids, begin, own);
  weights = share(weights, begin, own);

  // Rows by destination rank, and the local slot that each row is for.
  ReplicaTables tables = replicaTables(dispatch.getNumExperts());
  SymTensor toRank = lookup(ids, tables, tables.rank, begin);
  SymTensor toSlot = lookup(ids, tables, tables.slot, begin);
  Dispatched outgoing = lowerDispatch(l, toRank, ranks);
  SymTensor outgoingRows = gatherRows(l, tokens, outgoing.slots);
  Sym rows = c.mul(own, ids.dims[1]);
  SymTensor flatSlots = l.reshape(outgoing.slots, {rows, c.constant(1)});
  SymTensor slotRows =
      gatherRows(l, l.reshape(toSlot, {rows, c.constant(1)}), flatSlots);

  // Everybody learns how many rows come from whom.
  SymTensor sent = l.reshape(outgoing.counts, {c.constant(1), c.constant(ranks)});
  SymTensor everyOne = l.splat({c.constant(ranks)}, l.number(i64, 1));
  SymTensor all = l.empty({c.constant(ranks), c.constant(ranks)}, i64);
  auto gathered = rt::AllGatherOp::create(l.b, TypeRange(all.type()), sent.value,
                                          everyOne.value, all.value,
                                          l.b.getI64IntegerAttr(step++));
  SymTensor matrix{gathered->getResult(0), all.dims};
  SymTensor received = l.generate(
      {c.constant(ranks)}, i64, [&](InnerBuilder &b, ValueRange at) -> Value {
        return tensor::ExtractOp::create(b, matrix.value, ValueRange{at[0], rank});
      });
  SymTensor sum = l.reduce(received, {0}, l.number(i64, 0),
                           [](InnerBuilder &b, ValueRange v) -> Value {
                             return arith::AddIOp::create(b, v[0], v[1]);
                           });
  Sym incoming = l.own(arith::IndexCastOp::create(
      l.b, l.b.getIndexType(), tensor::ExtractOp::create(l.b, sum.value, ValueRange{})));

  // There: rows by local slot, the experts, and the same way back.
  auto there = experts->getAttrOfType<moe::RoundsAttr>(moe::kRounds);
  moe::RoundsAttr back = there ? there.transposed() : there;
  SymTensor theirSlots =
      allToAll(slotRows, outgoing.counts, received, incoming, there);
  SymTensor theirRows =
      allToAll(outgoingRows, outgoing.counts, received, incoming, there);
  int64_t mostSlots = 0;
  for (ArrayRef<int64_t> slots : placement)
    mostSlots = std::max<int64_t>(mostSlots, slots.size());
  Dispatched local = lowerDispatch(l, theirSlots, mostSlots);
  SymTensor result =
      lowerExperts(l, experts,
                   {theirRows, local.sources, local.counts, total}, placement);
  // Rounded to the model's type, as on one device.
  result = l.cast(l.cast(result, experts.getResult().getType().getElementType()),
                  f32);
  SymTensor answers = l.generate(
      {incoming, result.dims[1]}, f32, [&](InnerBuilder &b, ValueRange at) -> Value {
        Value zero = arith::ConstantIndexOp::create(b, 0);
        Value row = tensor::ExtractOp::create(b, local.slots.value,
                                              ValueRange{at[0], zero});
        Value from = arith::IndexCastOp::create(b, b.getIndexType(), row);
        return tensor::ExtractOp::create(b, result.value, ValueRange{from, at[1]});
      });
  SymTensor returned =
      allToAll(answers, received, outgoing.counts, rows, back);
  SymTensor mine = lowerCombine(l, returned, outgoing.slots, weights);

  // Every rank needs all tokens for the dense layers that follow.
  SymTensor whole = l.empty({l.wrap(dispatch.getTokens()).dims[0], mine.dims[1]}, f32);
  auto gather = rt::AllGatherOp::create(l.b, TypeRange(whole.type()), mine.value,
                                        perRank.value, whole.value,
                                        l.b.getI64IntegerAttr(step++));
  return SymTensor{gather->getResult(0), whole.dims};
}

SymTensor moec::lowerDistributedLayer(Lowering &l, moe::DispatchOp dispatch,
                            moe::ExpertsOp experts, moe::CombineOp combine,
                            const ExpertPlacement &placement, int64_t &step) {
  return LayerExchange(l, placement, step).run(dispatch, experts, combine);
}
