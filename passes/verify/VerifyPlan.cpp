//===- VerifyPlan.cpp - moe-verify-plan -----------------------------------===//

#include "passes/bridge/Layers.h"
#include "passes/verify/Passes.h"

namespace moec::verify {
#define GEN_PASS_DEF_VERIFYPLANPASS
#include "passes/verify/Passes.h.inc"
} // namespace moec::verify

using namespace mlir;
using namespace moec;

namespace {

struct VerifyPlan : verify::impl::VerifyPlanPassBase<VerifyPlan> {
  using VerifyPlanPassBase::VerifyPlanPassBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    SmallVector<bridge::Layer> layers = bridge::layersOf(getOperation());
    moe::TopologyAttr topology = bridge::topologyOf(getOperation());
    if (failed(verifyRanks(layers, topology)) ||
        (topology && failed(verifyMemory(layers, topology))))
      signalPassFailure();
  }

private:
  static moe::PlacementAttr placementOf(moe::ExpertsOp op) {
    return op->getAttrOfType<moe::PlacementAttr>(moe::kPlacement);
  }

  LogicalResult verifyRanks(ArrayRef<bridge::Layer> layers,
                            moe::TopologyAttr topology) {
    std::optional<int64_t> ranks;
    if (topology)
      ranks = topology.size();
    for (bridge::Layer layer : layers) {
      moe::PlacementAttr placement = placementOf(layer.op);
      int64_t here = placement ? placement.numRanks() : 1;
      if (ranks && here != *ranks)
        return layer.op.emitError()
               << "MoE layer " << layer.index << " is planned for " << here
               << " ranks; " << (topology ? "the topology has " : "others use ")
               << *ranks;
      ranks = here;
    }
    return success();
  }

  LogicalResult verifyMemory(ArrayRef<bridge::Layer> layers,
                             moe::TopologyAttr topology) {
    int64_t shared = bridge::sharedWeightBytes(getOperation());
    for (auto [rank, device] : llvm::enumerate(topology.getDevices())) {
      int64_t bytes = shared;
      for (const bridge::Layer &layer : layers) {
        moe::PlacementAttr placement = placementOf(layer.op);
        int64_t held =
            placement ? placement.getRanks()[rank].size() : layer.experts;
        bytes += held * layer.expertBytes;
      }
      if (device.getMemory() > 0 && bytes > device.getMemory())
        return getOperation().emitError()
               << "device '" << device.getName() << "' has "
               << device.getMemory() << " bytes of memory; its weights take "
               << bytes;
    }
    return success();
  }
};

} // namespace
