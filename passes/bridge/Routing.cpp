#include "passes/bridge/Routing.h"

#include "target/Routing.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace moec;
using namespace moec::bridge;

Routing::Routing(Operation *op) {
  auto module = cast<ModuleOp>(op);
  auto names = module->getAttrOfType<ArrayAttr>(moe::kRouting);
  if (!names || names.empty())
    return;
  SmallVector<Layer> layers = layersOf(module);
  target::RoutingOptions options;
  for (const Layer &layer : layers)
    options.experts = std::max(options.experts, layer.experts);
  std::vector<target::RoutingFile> files;
  for (auto name : names.getAsRange<StringAttr>()) {
    auto file = target::readRouting(name.str(), options);
    if (!file) {
      message = file.error().str();
      return;
    }
    for (const std::string &warning : file->warnings)
      oddities.push_back(name.str() + ": " + warning);
    files.push_back(std::move(*file));
  }
  auto whole = target::concatenate(files);
  if (!whole) {
    message = whole.error().str();
    return;
  }
  trace = std::move(whole->trace);
  message = fit(layers);
}

/// Checks that the trace is one of this model.
std::string Routing::fit(ArrayRef<Layer> layers) {
  if (trace.layers.size() != layers.size())
    return llvm::formatv(
               "the routing statistics have {0} MoE layers; the model "
               "has {1}",
               trace.layers.size(), layers.size())
        .str();
  for (auto [layer, routing] : llvm::zip_equal(layers, trace.layers)) {
    if (routing.experts > layer.experts)
      return llvm::formatv("MoE layer {0} has {1} experts; the routing "
                           "statistics know {2} in it",
                           layer.index, layer.experts, routing.experts)
          .str();
    // The highest ids may never have been chosen.
    routing.experts = layer.experts;
    for (std::vector<int64_t> &loads : routing.stepLoads)
      loads.resize(layer.experts, 0);
  }
  return "";
}

plan::LayerRouting Routing::of(const Layer &layer) const {
  if (!trace.layers.empty())
    return trace.layers[layer.index];
  plan::LayerRouting routing;
  routing.layer = layer.index;
  routing.experts = layer.experts;
  moe::ExpertsOp op = layer.op;
  if (auto loads = op->getAttrOfType<DenseI64ArrayAttr>(moe::kLoads))
    routing.stepLoads.emplace_back(loads.asArrayRef());
  return routing;
}
