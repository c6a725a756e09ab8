#include "dialect/moe/Moe.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace moec::moe;

namespace {

/// Selecting all groups excludes no expert.
struct DropFullGroups : OpRewritePattern<RouteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RouteOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getGroups() == 1 || op.getTopGroups() != op.getGroups())
      return failure();
    rewriter.modifyOpInPlace(op, [&] {
      op.setGroups(1);
      op.removeTopGroupsAttr();
      op.removeGroupScoreAttr();
      op.removeGroupMaskAttr();
    });
    return success();
  }
};

/// A selection bias of zeros selects as no bias does.
struct DropZeroBias : OpRewritePattern<RouteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RouteOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getBias() || !matchPattern(op.getBias(), m_AnyZeroFloat()))
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.getBiasMutable().clear(); });
    return success();
  }
};

/// Weights gathered from the scores themselves are what route gives anyway.
struct DropOwnWeights : OpRewritePattern<RouteOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(RouteOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getScore() != Score::Identity ||
        op.getWeightsFrom() != op.getLogits())
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op.getWeightsFromMutable().clear(); });
    return success();
  }
};

} // namespace

void RouteOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropFullGroups, DropZeroBias, DropOwnWeights>(context);
}
