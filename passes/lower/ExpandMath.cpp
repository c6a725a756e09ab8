#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace moec::lower {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;

namespace {

/// f64 -> f16/bf16 without rounding twice: round to f32 *to odd* (towards zero,
/// the last bit set if inexact), then to the small type. With 24 >= 2*11+2 bits
/// in between, the second rounding is the only one that shows (Boldo and
/// Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
struct TruncateThroughOdd : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Type from = op.getIn().getType(), to = op.getType();
    if (!from.isF64() || !(to.isF16() || to.isBF16()))
      return failure();
    Location loc = op.getLoc();
    Type f32 = rewriter.getF32Type(), i32 = rewriter.getI32Type();
    Value exact = op.getIn();
    Value nearest = arith::TruncFOp::create(rewriter, loc, f32, exact);
    Value back = arith::ExtFOp::create(rewriter, loc, from, nearest);
    Value tooLarge =
        arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OGT,
                              math::AbsFOp::create(rewriter, loc, back),
                              math::AbsFOp::create(rewriter, loc, exact));
    Value inexact = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::ONE, back, exact);
    Value bits = arith::BitcastOp::create(rewriter, loc, i32, nearest);
    bits = arith::SubIOp::create(
        rewriter, loc, bits,
        arith::ExtUIOp::create(rewriter, loc, i32, tooLarge));
    bits = arith::OrIOp::create(
        rewriter, loc, bits,
        arith::ExtUIOp::create(rewriter, loc, i32, inexact));
    Value odd = arith::BitcastOp::create(rewriter, loc, f32, bits);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, to, odd);
    return success();
  }
};

/// LLVM selects between bf16 values in f32 and rounds back by a library call
/// (and folds a selection of their bits into just that). Here the rounding is
/// the one that is expanded below; it is exact, since the value was bf16.
struct SelectInF32 : OpRewritePattern<arith::SelectOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::SelectOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isBF16())
      return failure();
    auto wide = [&](Value value) -> Value {
      return arith::ExtFOp::create(rewriter, op.getLoc(), rewriter.getF32Type(),
                                   value);
    };
    Value chosen = arith::SelectOp::create(
        rewriter, op.getLoc(), op.getCondition(), wide(op.getTrueValue()),
        wide(op.getFalseValue()));
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), chosen);
    return success();
  }
};

/// Upstream's own pattern for rsqrt needs AVX intrinsics; a division is exact
/// to one rounding more and LLVM vectorises it.
struct RsqrtToDivision : OpRewritePattern<math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::RsqrtOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    TypedAttr one =
        rewriter.getFloatAttr(getElementTypeOrSelf(op.getType()), 1);
    if (auto shaped = dyn_cast<ShapedType>(op.getType()))
      one = DenseElementsAttr::get(shaped, one);
    Value numerator = arith::ConstantOp::create(rewriter, loc, one);
    Value root = math::SqrtOp::create(rewriter, loc, op.getOperand());
    rewriter.replaceOpWithNewOp<arith::DivFOp>(op, numerator, root);
    return success();
  }
};

struct ExpandMath : moec::lower::impl::ExpandMathPassBase<ExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return name == math::ExpOp::getOperationName() ||
             name == math::LogOp::getOperationName() ||
             name == math::TanhOp::getOperationName() ||
             name == math::ErfOp::getOperationName();
    });
    patterns.add<RsqrtToDivision>(&getContext());
    patterns.add<SelectInF32, TruncateThroughOdd>(&getContext(), /*benefit=*/2);
    arith::populateExpandBFloat16Patterns(patterns);
    arith::populateCeilFloorDivExpandOpsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace
