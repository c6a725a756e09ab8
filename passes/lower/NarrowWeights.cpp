//===- NarrowWeights.cpp - moe-narrow-weights -----------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec::lower {
#define GEN_PASS_DEF_NARROWWEIGHTSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

/// f32 panels that only kernels read: those take any width.
static bool canNarrow(rt::WeightOp weight) {
  return weight.getPack().getKind() != rt::PackKind::None &&
         cast<ShapedType>(weight.getType()).getElementType().isF32() &&
         llvm::all_of(weight->getUsers(), llvm::IsaPred<rt::KernelOp>);
}

namespace {
struct NarrowWeights : moec::lower::impl::NarrowWeightsPassBase<NarrowWeights> {
  using NarrowWeightsPassBase::NarrowWeightsPassBase;

  void runOnOperation() override {
    Builder b(&getContext());
    Type element = type == "bf16"  ? Type(b.getBF16Type())
                   : type == "f16" ? Type(b.getF16Type())
                                   : Type();
    if (!element) {
      getOperation().emitError("moe-narrow-weights: type is bf16 or f16, not '")
          << type << "'";
      return signalPassFailure();
    }
    getOperation().walk([&](rt::WeightOp weight) {
      if (!canNarrow(weight))
        return;
      auto shaped = cast<ShapedType>(weight.getType());
      SmallVector<int64_t> shape =
          rt::packedShape(weight.getPack(), weight.getSourceType(), element);
      if (shaped.isDynamicDim(0))
        shape[0] = ShapedType::kDynamic;
      weight.getResult().setType(shaped.clone(shape, element));
      ++narrowed;
    });
  }
};
} // namespace
