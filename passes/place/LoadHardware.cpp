//===- LoadHardware.cpp - moe-load-hardware -------------------------------===//

#include "passes/bridge/Attributes.h"
#include "passes/place/Passes.h"
#include "target/Hardware.h"

#include "mlir/IR/BuiltinOps.h"

namespace moec::place {
#define GEN_PASS_DEF_LOADHARDWAREPASS
#include "passes/place/Passes.h.inc"
} // namespace moec::place

using namespace mlir;
using namespace moec;

namespace {

struct LoadHardware : place::impl::LoadHardwarePassBase<LoadHardware> {
  using LoadHardwarePassBase::LoadHardwarePassBase;
  void runOnOperation() override {
    auto topology = target::readHardware(file);
    if (!topology) {
      emitError(UnknownLoc::get(&getContext()), topology.error().str());
      return signalPassFailure();
    }
    moe::TopologyAttr attr = bridge::toAttr(&getContext(), *topology);
    auto earlier =
        getOperation()->getAttrOfType<moe::TopologyAttr>(moe::kTopology);
    if (earlier && earlier != attr)
      dropPlan();
    getOperation()->setAttr(moe::kTopology, attr);
  }

private:
  /// What was decided for another machine.
  void dropPlan() {
    getOperation().walk([](moe::ExpertsOp op) {
      for (StringRef name :
           {moe::kPlacement, moe::kPlaced, moe::kRounds, moe::kOrdered})
        op->removeAttr(name);
    });
  }
};

} // namespace
