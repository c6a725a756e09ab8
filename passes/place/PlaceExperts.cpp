//===- PlaceExperts.cpp - moe-place-experts -------------------------------===//

#include "passes/bridge/Attributes.h"
#include "passes/bridge/PlacementProblem.h"
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
    if (failed(bridge::forEachPlacementProblem(
            getOperation(), getAnalysis<bridge::Routing>(), /*slots=*/0,
            [&](bridge::LayerProblem &layer) { return place(layer); })))
      signalPassFailure();
  }

private:
  LogicalResult place(bridge::LayerProblem &given) {
    moe::ExpertsOp op = given.layer.op;
    const plan::PlacementProblem &problem = given.problem;
    if (problem.devices() == 1 || op->hasAttr(moe::kPlacement))
      return success();
    plan::PlacementStrategy asked = strategy;
    if (!given.known && asked == plan::PlacementStrategy::Best)
      asked = plan::PlacementStrategy::Linear;
    auto choice = plan::solvePlacement(problem, asked);
    if (!choice)
      return op.emitError() << choice.error().message;
    if (plan::Status status = choice->placement.verify(problem); !status)
      return op.emitError() << status.error().message;
    auto linear = plan::placeLinear(problem);
    if (!linear)
      return op.emitError() << linear.error().message;
    std::string reason = choice->reason;
    if (!given.known)
      reason = plan::strategyName(choice->chosen).data() +
               std::string(": no routing statistics");
    MLIRContext *context = &getContext();
    op->setAttr(moe::kPlacement,
                bridge::toAttr(context, choice->placement.layers.front()));
    op->setAttr(moe::kPlaced, moe::DecisionAttr::get(
                                  context, plan::strategyName(choice->chosen),
                                  choice->objective, linear->cost(problem),
                                  choice->bound, reason));
    ++placed;
    gained += choice->chosen != plan::PlacementStrategy::Linear;
    return success();
  }
};

} // namespace
