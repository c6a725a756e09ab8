//===- VerifyLowered.cpp - moe-verify-lowered -----------------------------===//

#include "dialect/moe/Moe.h"
#include "dialect/onnx/Onnx.h"
#include "passes/verify/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec::verify {
#define GEN_PASS_DEF_VERIFYLOWEREDPASS
#include "passes/verify/Passes.h.inc"
} // namespace moec::verify

using namespace mlir;
using namespace moec;

/// Of a level above, or working on tensors.
static LogicalResult verifyOp(Operation *op) {
  if (isa_and_nonnull<moe::MoeDialect, onnx::OnnxDialect, linalg::LinalgDialect,
                      tensor::TensorDialect>(op->getDialect()))
    return op->emitError() << "'" << op->getName()
                           << "' is left at the lowered level";
  auto types = llvm::concat<const Type>(llvm::to_vector(op->getOperandTypes()),
                                        llvm::to_vector(op->getResultTypes()));
  for (Type type : types)
    if (isa<TensorType>(type))
      return op->emitError() << "'" << op->getName() << "' uses the tensor "
                             << type << " at the lowered level";
  for (Region &region : op->getRegions())
    for (Block &block : region)
      for (Type type : block.getArgumentTypes())
        if (isa<TensorType>(type))
          return op->emitError() << "'" << op->getName() << "' has an argument "
                                 << type << " at the lowered level";
  return success();
}

namespace {

struct VerifyLowered : verify::impl::VerifyLoweredPassBase<VerifyLowered> {
  using VerifyLoweredPassBase::VerifyLoweredPassBase;
  void runOnOperation() override {
    markAllAnalysesPreserved();
    WalkResult walk = getOperation().walk([](Operation *op) {
      return failed(verifyOp(op)) ? WalkResult::interrupt()
                                  : WalkResult::advance();
    });
    if (walk.wasInterrupted())
      signalPassFailure();
  }
};

} // namespace
