//===- OrderAllToAll.cpp - moe-order-all-to-all ---------------------------===//

#include "passes/bridge/Attributes.h"
#include "passes/bridge/ExchangeProblem.h"
#include "passes/bridge/Routing.h"
#include "passes/schedule/Passes.h"

namespace moec::schedule {
#define GEN_PASS_DEF_ORDERALLTOALLPASS
#include "passes/schedule/Passes.h.inc"
} // namespace moec::schedule

using namespace mlir;
using namespace moec;

/// What the traffic was taken from.
static StringRef sourceOf(const plan::LayerRouting &routing) {
  return !routing.ids.empty()  ? "token ids"
         : routing.steps() > 0 ? "loads, each rank's share the same"
                               : "no statistics, traffic taken as uniform";
}

namespace {

struct OrderAllToAll : schedule::impl::OrderAllToAllPassBase<OrderAllToAll> {
  using OrderAllToAllPassBase::OrderAllToAllPassBase;

  void runOnOperation() override {
    markAnalysesPreserved<bridge::Routing>();
    ModuleOp module = getOperation();
    moe::TopologyAttr topology = bridge::topologyOf(module);
    if (!topology || topology.size() < 2)
      return;
    auto &routing = getAnalysis<bridge::Routing>();
    if (!routing.error().empty()) {
      emitError(module.getLoc(), routing.error());
      return signalPassFailure();
    }
    for (const bridge::Layer &layer : bridge::layersOf(module))
      if (failed(order(layer, topology, routing.of(layer))))
        return signalPassFailure();
  }

private:
  LogicalResult order(bridge::Layer layer, moe::TopologyAttr topology,
                      const plan::LayerRouting &routing) {
    auto placement =
        layer.op->getAttrOfType<moe::PlacementAttr>(moe::kPlacement);
    if (!placement)
      return success();
    plan::AllToAllProblem problem = bridge::exchangeProblem(
        layer, topology, routing, bridge::toPlan(placement));
    auto rounds = plan::solvePairRounds(problem);
    if (!rounds)
      return layer.op.emitError() << rounds.error().message;
    if (plan::Status status = rounds->verify(problem); !status)
      return layer.op.emitError() << status.error().message;

    // Combine sends the same bytes the other way, in the same time.
    double cost = 2 * rounds->cost(problem);
    double without = 2 * plan::rotation(problem.size()).cost(problem);
    bool gains = cost < without * (1 - 1e-9);
    layer.op->removeAttr(moe::kRounds);
    if (gains)
      layer.op->setAttr(moe::kRounds, bridge::toAttr(&getContext(), *rounds));
    ordered += gains;
    std::string reason =
        (Twine(gains ? "matchings by weight" : "no gain over the rotation") +
         " (" + sourceOf(routing) + ")")
            .str();
    layer.op->setAttr(moe::kOrdered,
                      moe::DecisionAttr::get(
                          &getContext(), gains ? "pairs" : "rotation", cost,
                          without, 2 * problem.oneToOneBound(), reason));
    return success();
  }
};

} // namespace
