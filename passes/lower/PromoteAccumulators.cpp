#include "passes/lower/BufferRoots.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace moec::lower {
#define GEN_PASS_DEF_PROMOTEACCUMULATORSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec::lower;

namespace {

/// One element that a loop loads and then stores.
struct Accumulator {
  memref::LoadOp load;
  memref::StoreOp store;
};

bool sameElement(memref::LoadOp load, memref::StoreOp store) {
  return load.getMemRef() == store.getMemRef() &&
         llvm::equal(load.getIndices(), store.getIndices());
}

bool isInvariant(scf::ForOp loop, memref::StoreOp store) {
  return loop.isDefinedOutsideOfLoop(store.getMemRef()) &&
         llvm::all_of(store.getIndices(), [&](Value index) {
           return loop.isDefinedOutsideOfLoop(index);
         });
}

/// Whether an op other than the accumulator's own may touch its memory.
bool mayTouch(Operation *op, Accumulator accumulator) {
  if (op == accumulator.load || op == accumulator.store)
    return false;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return mayAlias(load.getMemRef(), accumulator.store.getMemRef());
  if (auto store = dyn_cast<memref::StoreOp>(op))
    return mayAlias(store.getMemRef(), accumulator.store.getMemRef());
  if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
    return false; // its body is visited too
  return !isMemoryEffectFree(op);
}

/// The load that `store` answers, if the pair is an accumulator of `loop`.
std::optional<Accumulator> matchAccumulator(scf::ForOp loop,
                                            memref::StoreOp store) {
  if (!isInvariant(loop, store))
    return std::nullopt;
  for (auto load : loop.getBody()->getOps<memref::LoadOp>()) {
    if (!sameElement(load, store) || !load->isBeforeInBlock(store))
      continue;
    Accumulator found{load, store};
    bool disturbed = loop.getBody()
                         ->walk([&](Operation *op) {
                           return mayTouch(op, found) ? WalkResult::interrupt()
                                                      : WalkResult::advance();
                         })
                         .wasInterrupted();
    if (!disturbed)
      return found;
  }
  return std::nullopt;
}

/// Lets the operation that folds a value into the accumulator be vectorised.
void allowReassociation(Value combined, Value accumulator) {
  auto math =
      dyn_cast_or_null<arith::ArithFastMathInterface>(combined.getDefiningOp());
  if (!math || !llvm::is_contained(math->getOperands(), accumulator))
    return;
  auto flags = arith::FastMathFlags::reassoc | arith::FastMathFlags::contract;
  auto relax = [&](Operation *op) {
    op->setAttr("fastmath",
                arith::FastMathFlagsAttr::get(op->getContext(), flags));
  };
  relax(math);
  for (Value operand : math->getOperands())
    if (auto product = operand.getDefiningOp<arith::MulFOp>())
      relax(product);
}

scf::ForOp promote(RewriterBase &rewriter, scf::ForOp loop,
                   Accumulator accumulator) {
  auto [load, store] = accumulator;
  Location loc = store.getLoc();
  Value memref = store.getMemRef();
  SmallVector<Value> indices(store.getIndices());
  Value combined = store.getValueToStore();
  allowReassociation(combined, load.getResult());

  rewriter.setInsertionPoint(loop);
  Value initial = memref::LoadOp::create(rewriter, loc, memref, indices);
  NewYieldValuesFn yield = [&](OpBuilder &, Location, ArrayRef<BlockArgument>) {
    return SmallVector<Value>{combined};
  };
  auto promoted = cast<scf::ForOp>(*loop.replaceWithAdditionalYields(
      rewriter, initial, /*replaceInitOperandUsesInLoop=*/false, yield));
  rewriter.replaceOp(load, promoted.getRegionIterArgs().back());
  rewriter.eraseOp(store);
  rewriter.setInsertionPointAfter(promoted);
  memref::StoreOp::create(rewriter, loc, promoted.getResults().back(), memref,
                          indices);
  return promoted;
}

struct PromoteAccumulators
    : moec::lower::impl::PromoteAccumulatorsPassBase<PromoteAccumulators> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // Inner loops first: what they promote becomes a load and a store of the
    // loop around them.
    SmallVector<scf::ForOp> loops;
    getOperation()->walk([&](scf::ForOp loop) { loops.push_back(loop); });
    for (scf::ForOp loop : loops) {
      auto stores = llvm::to_vector(loop.getBody()->getOps<memref::StoreOp>());
      for (memref::StoreOp store : stores) {
        if (auto accumulator = matchAccumulator(loop, store)) {
          loop = promote(rewriter, loop, *accumulator);
          ++promoted;
        }
      }
    }
  }
};

} // namespace
