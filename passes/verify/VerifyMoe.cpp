//===- VerifyMoe.cpp - moe-verify-moe -------------------------------------===//

#include "dialect/onnx/Onnx.h"
#include "passes/verify/Passes.h"

#include "mlir/IR/BuiltinOps.h"

namespace moec::verify {
#define GEN_PASS_DEF_VERIFYMOEPASS
#include "passes/verify/Passes.h.inc"
} // namespace moec::verify

using namespace mlir;
using namespace moec;

namespace {

struct VerifyMoe : verify::impl::VerifyMoePassBase<VerifyMoe> {
  using VerifyMoePassBase::VerifyMoePassBase;
  void runOnOperation() override {
    markAllAnalysesPreserved();
    WalkResult walk = getOperation().walk([](Operation *op) {
      if (!isa_and_nonnull<onnx::OnnxDialect>(op->getDialect()))
        return WalkResult::advance();
      op->emitError() << "'" << op->getName()
                      << "' is left at the moe level; every op of the onnx "
                         "level must have been raised or lowered";
      return WalkResult::interrupt();
    });
    if (walk.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
