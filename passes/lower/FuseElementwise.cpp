#include "passes/lower/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace moec::lower {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;

namespace {

/// A producer that costs no more than reading its result would.
bool isCheap(linalg::GenericOp producer) {
  return llvm::all_of(producer.getBody()->without_terminator(),
                      [](Operation &op) {
                        return isa<CastOpInterface, arith::ConstantOp>(op);
                      });
}

/// Whether the consumer reads each element of this operand exactly once.
bool readsOnce(linalg::LinalgOp consumer, OpOperand *operand) {
  return consumer.getMatchingIndexingMap(operand).isPermutation();
}

bool shouldFuse(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::LinalgOp>(operand->getOwner());
  if (!producer || !consumer)
    return false;
  if (isCheap(producer))
    return true;
  return producer->hasOneUse() && readsOnce(consumer, operand);
}

/// Reshapes move out of the way where they stand between two generic ops.
bool shouldMoveReshape(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  Operation *consumer = operand->getOwner();
  if (isa_and_nonnull<tensor::CollapseShapeOp>(producer)) // read by a generic
    return producer->hasOneUse() &&
           isa_and_nonnull<linalg::GenericOp>(
               producer->getOperand(0).getDefiningOp());
  if (!isa_and_nonnull<linalg::GenericOp>(producer) || !producer->hasOneUse())
    return false;
  return llvm::all_of(consumer->getUsers(), [](Operation *user) {
    return isa<linalg::GenericOp>(user);
  });
}

struct FuseElementwise
    : moec::lower::impl::FuseElementwisePassBase<FuseElementwise> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, shouldFuse);
    linalg::populateFoldReshapeOpsByExpansionPatterns(patterns,
                                                      shouldMoveReshape);
    linalg::populateConstantFoldLinalgOperations(patterns, shouldFuse);
    linalg::GenericOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns,
                                                         &getContext());
    affine::AffineApplyOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
