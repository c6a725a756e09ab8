//===- LowerMoe.cpp - moe-lower-moe ---------------------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/Passes.h"
#include "passes/lower/Phases.h"
#include "passes/lower/moe/MoeLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec::lower {
#define GEN_PASS_DEF_LOWERMOEPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

/// The placement that a place pass left on the layer, or none.
static ExpertPlacement placementOf(moe::ExpertsOp op) {
  ExpertPlacement placement;
  if (auto attr = op->getAttrOfType<moe::PlacementAttr>(moe::kPlacement))
    for (DenseI64ArrayAttr experts : attr.getRanks())
      placement.emplace_back(experts.asArrayRef());
  return placement;
}

static rt::Phase phaseOf(Operation *op) {
  if (isa<moe::RouteOp>(op))
    return rt::Phase::Route;
  if (isa<moe::DispatchOp>(op))
    return rt::Phase::Dispatch;
  return isa<moe::ExpertsOp>(op) ? rt::Phase::Experts : rt::Phase::Combine;
}

/// The product that makes the router's logits is part of the route.
static void claimLogits(moe::RouteOp route) {
  Operation *op = route.getLogits().getDefiningOp();
  while (op && isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp,
                   tensor::CastOp, tensor::ReshapeOp>(op))
    op = op->getOperand(0).getDefiningOp();
  if (op && isa<DestinationStyleOpInterface>(op))
    op->setLoc(lower::inPhase(op->getLoc(), rt::Phase::Route));
}

namespace {

/// Lowers the moe ops of one function, in place.
class FunctionLowering {
public:
  explicit FunctionLowering(func::FuncOp function, int64_t &step)
      : function(function), step(step),
        b(function.getLoc(), function.getContext()) {}

  LogicalResult run() {
    SmallVector<Operation *> ops;
    function.walk([&](Operation *op) {
      if (isa<moe::MoeDialect>(op->getDialect()))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      b.setLoc(lower::inPhase(op->getLoc(), phaseOf(op)));
      b.setInsertionPoint(op);
      // A fresh vocabulary per op: its index values belong to this point.
      ShapeAnalysis shapes;
      Lowering l(b, shapes);
      if (failed(lower(l, op)))
        return failure();
    }
    for (Operation *op : llvm::reverse(ops))
      op->erase();
    return success();
  }

private:
  LogicalResult lower(Lowering &l, Operation *op) {
    if (auto route = dyn_cast<moe::RouteOp>(op)) {
      claimLogits(route);
      Routing routing = lowerRoute(l, route);
      replace(l, route.getWeights(), routing.weights);
      replace(l, route.getExperts(), routing.experts);
    } else if (auto dispatch = dyn_cast<moe::DispatchOp>(op)) {
      l.checkEqual(l.wrap(dispatch.getTokens()).dims[0],
                   l.wrap(dispatch.getExperts()).dims[0],
                   "a MoE layer has not one list of experts per token");
      if (moe::ExpertsOp experts = distributedUser(dispatch))
        return success(); // with its combine
      Dispatched done = lowerDispatch(l, l.wrap(dispatch.getExperts()),
                                      dispatch.getNumExperts());
      sources[op] = done.sources.value;
      replaceRows(l, dispatch, done.slots);
      replace(l, dispatch.getCounts(), done.counts);
      replace(l, dispatch.getSlots(), done.slots);
    } else if (auto experts = dyn_cast<moe::ExpertsOp>(op)) {
      if (!placementOf(experts).empty())
        return success();
      replace(l, experts.getResult(),
              lowerExperts(l, experts, rowsOf(l, experts), {}));
    } else if (auto combine = dyn_cast<moe::CombineOp>(op)) {
      return lowerCombineOp(l, combine);
    } else {
      auto weight = cast<moe::WeightOp>(op);
      replace(l, weight.getResult(), l.wrap(rawWeight(weight)));
    }
    return success();
  }

  /// Experts gather the rows themselves; what else reads them gets them.
  void replaceRows(Lowering &l, moe::DispatchOp dispatch,
                   const SymTensor &slots) {
    auto isOther = [](OpOperand &use) {
      return !isa<moe::ExpertsOp>(use.getOwner());
    };
    Value rows = dispatch.getRows();
    if (llvm::any_of(rows.getUses(), isOther))
      rows.replaceUsesWithIf(
          typedAs(l, rows, gatherRows(l, l.wrap(dispatch.getTokens()), slots)),
          isOther);
  }

  ExpertRows rowsOf(Lowering &l, moe::ExpertsOp experts) {
    Type f32 = b.getF32Type();
    SymTensor counts = l.wrap(experts.getCounts());
    auto dispatch = experts.getRows().getDefiningOp<moe::DispatchOp>();
    if (Value known = sources.lookup(dispatch)) {
      SymTensor table = l.wrap(known);
      return {l.cast(l.wrap(dispatch.getTokens()), f32), table, counts,
              table.dims[0]};
    }
    SymTensor rows = l.cast(l.wrap(experts.getRows()), f32);
    return {rows, std::nullopt, counts, rows.dims[0]};
  }

  /// The same regions; what multiplies with them chooses how they are stored.
  Value rawWeight(moe::WeightOp weight) {
    MLIRContext *context = b.getContext();
    SmallVector<Attribute> regions;
    for (auto region : weight.getRegions().getAsRange<moe::RegionAttr>())
      regions.push_back(rt::RegionAttr::get(
          context, region.getFile(), region.getOffset(), region.getLength()));
    auto type = cast<RankedTensorType>(weight.getType());
    auto pack =
        rt::PackAttr::get(context, rt::PackKind::None, false, std::nullopt);
    return rt::WeightOp::create(b, type, weight.getName(),
                                b.getArrayAttr(regions), ArrayAttr(), type,
                                pack, ArrayAttr(), Value());
  }

  /// `choices`: ids or slots, [N, k].
  void checkWeights(Lowering &l, moe::CombineOp combine, Value choices) {
    l.checkEqual(l.wrap(choices).dims[0], l.wrap(combine.getWeights()).dims[0],
                 "a MoE layer has not one weight per token and choice");
  }

  LogicalResult lowerCombineOp(Lowering &l, moe::CombineOp combine) {
    Type f32 = b.getF32Type();
    auto experts = combine.getY().getDefiningOp<moe::ExpertsOp>();
    ExpertPlacement placement =
        experts ? placementOf(experts) : ExpertPlacement();
    if (!placement.empty()) {
      auto dispatch = experts.getRows().getDefiningOp<moe::DispatchOp>();
      if (!dispatch || combine.getSlots() != dispatch.getSlots())
        return combine.emitError(
            "a placed layer must be dispatch, experts and combine in a row");
      checkWeights(l, combine, dispatch.getExperts());
      // What is neither exchange nor kernel prepares the exchange.
      b.setLoc(lower::inPhase(combine.getLoc(), rt::Phase::Exchange));
      replace(l, combine.getResult(),
              lowerDistributedLayer(l, dispatch, experts, combine, placement,
                                    step));
      return success();
    }
    checkWeights(l, combine, combine.getSlots());
    replace(l, combine.getResult(),
            lowerCombine(l, l.cast(l.wrap(combine.getY()), f32),
                         l.wrap(combine.getSlots()),
                         l.cast(l.wrap(combine.getWeights()), f32)));
    return success();
  }

  /// The placed experts that read this dispatch, or null.
  moe::ExpertsOp distributedUser(moe::DispatchOp dispatch) {
    for (Operation *user : dispatch.getRows().getUsers())
      if (auto experts = dyn_cast<moe::ExpertsOp>(user);
          experts && !placementOf(experts).empty())
        return experts;
    return {};
  }

  /// A lowered value in the type of what it replaces.
  Value typedAs(Lowering &l, Value old, const SymTensor &lowered) {
    auto type = cast<RankedTensorType>(old.getType());
    Value value = l.cast(lowered, type.getElementType()).value;
    return value.getType() == type ? value
                                   : tensor::CastOp::create(b, type, value);
  }

  void replace(Lowering &l, Value old, const SymTensor &lowered) {
    old.replaceAllUsesWith(typedAs(l, old, lowered));
  }

  func::FuncOp function;
  int64_t &step;
  llvm::DenseMap<Operation *, Value> sources; ///< of each lowered dispatch
  ImplicitLocOpBuilder b;
};

struct LowerMoe : lower::impl::LowerMoePassBase<LowerMoe> {
  using LowerMoePassBase::LowerMoePassBase;
  void runOnOperation() override {
    int64_t step = 0;
    setRanks();
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (failed(FunctionLowering(function, step).run()))
        return signalPassFailure();
  }

  /// The program has a rank per device, or as many as layers are placed on.
  void setRanks() {
    auto topology =
        getOperation()->getAttrOfType<moe::TopologyAttr>(moe::kTopology);
    int64_t ranks = topology ? topology.size() : 1;
    getOperation().walk([&](moe::ExpertsOp op) {
      ranks = std::max<int64_t>(ranks, placementOf(op).size());
    });
    if (ranks > 1)
      getOperation()->setAttr("moe_rt.ranks",
                              Builder(&getContext()).getI64IntegerAttr(ranks));
  }
};

} // namespace
