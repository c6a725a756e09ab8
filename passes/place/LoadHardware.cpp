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
    getOperation()->setAttr(moe::kTopology,
                            bridge::toAttr(&getContext(), *topology));
  }
};

} // namespace
