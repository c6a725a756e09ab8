#include "passes/lower/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Utils/MemRefUtils.h"

namespace moec::lower {
#define GEN_PASS_DEF_LOWERCOPIESPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;

namespace {

bool isContiguous(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  return type.getLayout().isIdentity() ||
         memref::isStaticShapeAndContiguousRowMajor(type);
}

struct LowerCopies : moec::lower::impl::LowerCopiesPassBase<LowerCopies> {
  void runOnOperation() override {
    OpBuilder builder(&getContext());
    getOperation()->walk([&](memref::CopyOp copy) {
      Value source = copy.getSource(), target = copy.getTarget();
      if (source != target && isContiguous(source) && isContiguous(target))
        return;
      builder.setInsertionPoint(copy);
      if (source != target)
        linalg::makeMemRefCopyOp(builder, copy.getLoc(), source, target);
      copy.erase();
    });
  }
};

} // namespace
