#include "driver/PlanReport.h"

#include "passes/bridge/PlanFile.h"
#include "target/TextFile.h"

using namespace mlir;
using namespace moec;
using namespace moec::driver;

static Decision toDecision(moe::DecisionAttr attr) {
  if (!attr)
    return {};
  return {attr.getStrategy().str(), attr.getReason().str(), attr.getCost(),
          attr.getWithout(), attr.getBound()};
}

std::vector<LayerReport> moec::driver::reportLayers(ModuleOp module) {
  std::vector<LayerReport> reports;
  for (bridge::Layer layer : bridge::layersOf(module)) {
    moe::ExpertsOp op = layer.op;
    auto placement = op->getAttrOfType<moe::PlacementAttr>(moe::kPlacement);
    reports.push_back(
        {.layer = layer.index,
         .experts = layer.experts,
         .slots = placement ? placement.numSlots() : layer.experts,
         .form = op.getForm().value_or("").str(),
         .placement =
             toDecision(op->getAttrOfType<moe::DecisionAttr>(moe::kPlaced)),
         .order =
             toDecision(op->getAttrOfType<moe::DecisionAttr>(moe::kOrdered))});
  }
  return reports;
}

llvm::Expected<std::string>
moec::driver::planFile(const Compilation &compilation) {
  auto decision = bridge::decisionOf(*compilation.module);
  if (!decision || !compilation.machine)
    return "";
  target::Plan plan{*compilation.machine, {}, std::move(*decision)};
  std::vector<std::string> files = compilation.options.routing;
  files.insert(files.begin(), compilation.options.hardware);
  for (const std::string &file : files) {
    auto bytes = target::readFile(file);
    if (!bytes)
      return llvm::createStringError(bytes.error().str());
    plan.inputs.push_back({file, target::hashOf(*bytes)});
  }
  return target::printPlan(plan);
}
