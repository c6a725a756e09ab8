//===- PlaceExperts.cpp - moe-place-experts -------------------------------===//

#include "passes/bridge/Attributes.h"
#include "passes/bridge/PlacementProblem.h"
#include "passes/bridge/Routing.h"
#include "passes/place/Passes.h"

namespace moec::place {
#define GEN_PASS_DEF_PLACEEXPERTSPASS
#include "passes/place/Passes.h.inc"
} // namespace moec::place

using namespace mlir;
using namespace moec;

namespace {

struct PlaceExperts : place::impl::PlaceExpertsPassBase<PlaceExperts> {
  using PlaceExpertsPassBase::PlaceExpertsPassBase;

  void runOnOperation() override {
    markAnalysesPreserved<bridge::Routing>();
    ModuleOp module = getOperation();
    moe::TopologyAttr topology = bridge::topologyOf(module);
    if (!topology)
      return;
    auto &routing = getAnalysis<bridge::Routing>();
    if (!routing.error().empty()) {
      emitError(module.getLoc(), routing.error());
      return signalPassFailure();
    }
    SmallVector<bridge::Layer> layers = bridge::layersOf(module);
    auto room = bridge::expertRoom(module, topology, layers);
    if (failed(room))
      return signalPassFailure();
    for (const bridge::Layer &layer : layers) {
      auto problem = bridge::placementProblem(
          layer, topology, routing.of(layer), *room, layer.experts);
      bool known = !routing.of(layer).stepLoads.empty();
      if (failed(problem) ||
          (topology.size() > 1 && failed(place(layer, *problem, known))))
        return signalPassFailure();
    }
  }

private:
  /// Solves, verifies and writes. `known`: there are statistics.
  LogicalResult place(bridge::Layer layer,
                      const plan::PlacementProblem &problem, bool known) {
    plan::PlacementStrategy asked = strategy;
    if (!known && asked == plan::PlacementStrategy::Best)
      asked = plan::PlacementStrategy::Linear;
    auto choice = plan::solvePlacement(problem, asked);
    if (!choice)
      return layer.op.emitError() << choice.error().message;
    if (plan::Status status = choice->placement.verify(problem); !status)
      return layer.op.emitError() << status.error().message;
    auto linear = plan::placeLinear(problem);
    if (!linear)
      return layer.op.emitError() << linear.error().message;
    std::string reason = choice->reason;
    if (!known)
      reason += "; no routing statistics, experts taken as equally used";
    layer.op->setAttr(
        moe::kPlacement,
        bridge::toAttr(&getContext(), choice->placement.layers.front()));
    layer.op->setAttr(moe::kPlaced,
                      moe::DecisionAttr::get(
                          &getContext(), plan::strategyName(choice->chosen),
                          choice->objective, linear->cost(problem),
                          choice->bound, reason));
    ++placed;
    gained += choice->chosen != plan::PlacementStrategy::Linear;
    return success();
  }
};

} // namespace
