//===- ReplicateExperts.cpp - moe-replicate-experts -----------------------===//

#include "passes/bridge/Attributes.h"
#include "passes/bridge/PlacementProblem.h"
#include "passes/place/Passes.h"

#include "llvm/Support/FormatVariadic.h"

namespace moec::place {
#define GEN_PASS_DEF_REPLICATEEXPERTSPASS
#include "passes/place/Passes.h.inc"
} // namespace moec::place

using namespace mlir;
using namespace moec;

namespace {

struct ReplicateExperts
    : place::impl::ReplicateExpertsPassBase<ReplicateExperts> {
  using ReplicateExpertsPassBase::ReplicateExpertsPassBase;

  void runOnOperation() override {
    markAnalysesPreserved<bridge::Routing>();
    if (failed(bridge::forEachPlacementProblem(
            getOperation(), getAnalysis<bridge::Routing>(), slots,
            [&](bridge::LayerProblem &layer) { return replicate(layer); })))
      signalPassFailure();
  }

private:
  LogicalResult replicate(bridge::LayerProblem &given) {
    moe::ExpertsOp op = given.layer.op;
    auto current = op->getAttrOfType<moe::PlacementAttr>(moe::kPlacement);
    if (!current)
      return success();
    if (slots < given.layer.experts)
      return op.emitError()
             << "MoE layer " << given.layer.index << " has "
             << given.layer.experts << " experts; slots=" << int64_t(slots)
             << " leaves some without one";
    if (!given.known)
      return success();
    const plan::PlacementProblem &problem = given.problem;
    auto choice = plan::solvePlacement(problem, plan::PlacementStrategy::Best);
    if (!choice)
      return op.emitError() << choice.error().message;
    if (plan::Status status = choice->placement.verify(problem); !status)
      return op.emitError() << status.error().message;
    double before = plan::layerCost(problem, 0, bridge::toPlan(current));
    return write(op, *choice, problem, before);
  }

  /// Takes the new placement if it pays, and notes the reason.
  LogicalResult write(moe::ExpertsOp op, const plan::PlacementChoice &choice,
                      const plan::PlacementProblem &problem, double before) {
    bool gains = choice.objective < before * (1 - 1e-9);
    auto linear = plan::placeLinear(problem);
    if (!linear)
      return op.emitError() << linear.error().message;
    int64_t added = choice.placement.layers.front().slots() -
                    problem.trace.layers.front().experts;
    auto old = op->getAttrOfType<moe::DecisionAttr>(moe::kPlaced);
    std::string reason = old ? old.getReason().str() + "; " : "";
    reason += gains
                  ? llvm::formatv("{0} replicas: {1:F1} % below one slot for "
                                  "each expert",
                                  added, 100 * (1 - choice.objective / before))
                        .str()
                  : "no gain from replicas";
    StringRef strategy = gains ? StringRef(plan::strategyName(choice.chosen))
                         : old ? old.getStrategy()
                               : "given";
    if (gains) {
      op->setAttr(
          moe::kPlacement,
          bridge::toAttr(&getContext(), choice.placement.layers.front()));
      replicas += added;
    }
    op->setAttr(moe::kPlaced,
                moe::DecisionAttr::get(
                    &getContext(), strategy, gains ? choice.objective : before,
                    linear->cost(problem), choice.bound, reason));
    return success();
  }
};

} // namespace
