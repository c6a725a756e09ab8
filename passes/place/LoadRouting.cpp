//===- LoadRouting.cpp - moe-load-routing ---------------------------------===//

#include "passes/bridge/Routing.h"
#include "passes/place/Passes.h"

#include "mlir/IR/Builders.h"

namespace moec::place {
#define GEN_PASS_DEF_LOADROUTINGPASS
#include "passes/place/Passes.h.inc"
} // namespace moec::place

using namespace mlir;
using namespace moec;

namespace {

struct LoadRouting : place::impl::LoadRoutingPassBase<LoadRouting> {
  using LoadRoutingPassBase::LoadRoutingPassBase;
  void runOnOperation() override {
    ModuleOp module = getOperation();
    Location nowhere = UnknownLoc::get(&getContext());
    if (files.empty()) {
      emitError(nowhere, "no file of routing statistics given");
      return signalPassFailure();
    }
    module->setAttr(moe::kRouting, Builder(&getContext())
                                       .getStrArrayAttr(SmallVector<StringRef>(
                                           files.begin(), files.end())));
    auto &routing = getAnalysis<bridge::Routing>();
    for (const std::string &warning : routing.warnings())
      emitWarning(nowhere, warning);
    if (!routing.error().empty()) {
      emitError(nowhere, routing.error());
      return signalPassFailure();
    }
    for (bridge::Layer layer : bridge::layersOf(module))
      layer.op->setAttr(
          moe::kLoads,
          DenseI64ArrayAttr::get(&getContext(), routing.of(layer).totals()));
    markAnalysesPreserved<bridge::Routing>();
  }
};

} // namespace
