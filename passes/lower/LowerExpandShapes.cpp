#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace moec::lower {
#define GEN_PASS_DEF_LOWEREXPANDSHAPESPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;

namespace {

/// Strides of the expanded memref: inside a group each dimension steps over the
/// whole of those after it, the last one as the source's dimension did.
SmallVector<Value> expandedStrides(OpBuilder &builder, memref::ExpandShapeOp op,
                                   ValueRange sourceStrides,
                                   ArrayRef<Value> sizes) {
  SmallVector<Value> strides(sizes.size());
  for (auto [group, stride] :
       llvm::zip_equal(op.getReassociationIndices(), sourceStrides)) {
    Value step = stride;
    for (int64_t dim : llvm::reverse(group)) {
      strides[dim] = step;
      step = builder.createOrFold<arith::MulIOp>(op.getLoc(), step, sizes[dim]);
    }
  }
  return strides;
}

/// `values` where the type has no static number.
SmallVector<OpFoldResult> mixed(OpBuilder &builder, ArrayRef<int64_t> statics,
                                ArrayRef<Value> values) {
  SmallVector<OpFoldResult> result;
  for (auto [number, value] : llvm::zip_equal(statics, values)) {
    if (ShapedType::isDynamic(number))
      result.push_back(value);
    else
      result.push_back(builder.getIndexAttr(number));
  }
  return result;
}

void lower(memref::ExpandShapeOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto source =
      memref::ExtractStridedMetadataOp::create(builder, loc, op.getSrc());
  SmallVector<Value> sizes =
      getValueOrCreateConstantIndexOp(builder, loc, op.getMixedOutputShape());
  SmallVector<Value> strides =
      expandedStrides(builder, op, source.getStrides(), sizes);
  MemRefType type = op.getResultType();
  auto [staticStrides, staticOffset] = type.getStridesAndOffset();
  Value view = memref::ReinterpretCastOp::create(
      builder, loc, type, source.getBaseBuffer(),
      mixed(builder, staticOffset, source.getOffset())[0],
      mixed(builder, type.getShape(), sizes),
      mixed(builder, staticStrides, strides));
  op.replaceAllUsesWith(view);
  op.erase();
}

struct LowerExpandShapes
    : moec::lower::impl::LowerExpandShapesPassBase<LowerExpandShapes> {
  void runOnOperation() override {
    SmallVector<memref::ExpandShapeOp> ops;
    getOperation()->walk([&](memref::ExpandShapeOp op) { ops.push_back(op); });
    llvm::for_each(ops, lower);
  }
};

} // namespace
