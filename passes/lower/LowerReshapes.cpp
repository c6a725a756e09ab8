//===- LowerReshapes.cpp - moe-lower-reshapes -----------------------------===//

#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

namespace moec::lower {
#define GEN_PASS_DEF_LOWERRESHAPESPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;

/// a * b, folded where both are constant.
static OpFoldResult multiply(OpBuilder &b, Location loc, OpFoldResult x,
                             OpFoldResult y) {
  auto l = getConstantIntValue(x), r = getConstantIntValue(y);
  if (l && r)
    return b.getIndexAttr(*l * *r);
  if (l == 1)
    return y;
  if (r == 1)
    return x;
  return arith::MulIOp::create(b, loc,
                               getValueOrCreateConstantIndexOp(b, loc, x),
                               getValueOrCreateConstantIndexOp(b, loc, y))
      .getResult();
}

static void lowerExpand(memref::ExpandShapeOp op) {
  OpBuilder b(op);
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
  for (int64_t axis = static_cast<int64_t>(sizes.size()) - 2; axis >= 0; --axis)
    strides[axis] = multiply(b, op.getLoc(), strides[axis + 1], sizes[axis + 1]);
  Value view = memref::ReinterpretCastOp::create(
      b, op.getLoc(), op.getResultType(), op.getSrc(), b.getIndexAttr(0), sizes,
      strides);
  op.replaceAllUsesWith(view);
  op.erase();
}

namespace {
struct LowerReshapes : moec::lower::impl::LowerReshapesPassBase<LowerReshapes> {
  void runOnOperation() override {
    getOperation()->walk([](memref::ExpandShapeOp op) {
      if (op.getSrcType().getLayout().isIdentity() &&
          op.getResultType().getLayout().isIdentity())
        lowerExpand(op);
    });
  }
};
} // namespace
