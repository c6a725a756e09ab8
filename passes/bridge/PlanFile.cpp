#include "passes/bridge/PlanFile.h"

#include "passes/bridge/Attributes.h"

using namespace mlir;
using namespace moec;

static target::PlacedLayer placedLayer(const bridge::Layer &layer,
                                       moe::PlacementAttr placement,
                                       moe::RoundsAttr rounds) {
  target::PlacedLayer placed;
  placed.layer = layer.index;
  placed.experts = layer.experts;
  placed.placement = bridge::toPlan(placement);
  if (rounds)
    for (DenseI32ArrayAttr round : rounds.getRounds())
      placed.rounds.emplace_back(round.asArrayRef().begin(),
                                 round.asArrayRef().end());
  return placed;
}

/// The name or reason that all layers share, else "differs by layer".
static void merge(std::string &all, StringRef one) {
  if (all.empty())
    all = one.str();
  else if (all != one)
    all = "differs by layer";
}

std::optional<target::PlacementDecision>
moec::bridge::decisionOf(ModuleOp module) {
  target::PlacementDecision decision;
  double linear = 0;
  for (bridge::Layer layer : layersOf(module)) {
    auto placement =
        layer.op->getAttrOfType<moe::PlacementAttr>(moe::kPlacement);
    if (!placement)
      continue;
    decision.layers.push_back(
        placedLayer(layer, placement,
                    layer.op->getAttrOfType<moe::RoundsAttr>(moe::kRounds)));
    decision.slots = std::max(decision.slots, placement.numSlots());
    auto why = layer.op->getAttrOfType<moe::DecisionAttr>(moe::kPlaced);
    merge(decision.strategy, why ? why.getStrategy() : "given");
    merge(decision.reason, why ? why.getReason() : "written in the IR");
    if (!why)
      continue;
    decision.score.objective += why.getCost();
    decision.score.bound += why.getBound();
    linear += why.getWithout();
  }
  if (decision.layers.empty())
    return std::nullopt;
  decision.score.baselines = {{"linear", linear}};
  return decision;
}
