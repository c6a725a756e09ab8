#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/BufferRoots.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace moec::lower {
#define GEN_PASS_DEF_FREEBUFFERSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec::lower;

namespace {

bool isMemRef(Type type) { return isa<BaseMemRefType>(type); }

/// A buffer that the function has to free or to hand to its caller.
bool isOwned(Value value) {
  return isa_and_nonnull<memref::AllocOp, func::CallOp>(value.getDefiningOp());
}

/// Whether every memref is an argument, owned, a view, or lives for ever: no
/// control flow, select or the like chooses between buffers.
bool isSimple(func::FuncOp function) {
  return !function
              .walk([](Operation *op) {
                bool isPlain =
                    isa<func::FuncOp, func::CallOp, memref::AllocOp,
                        memref::GetGlobalOp, moec::rt::WeightOp,
                        moec::rt::AppendOp, ViewLikeOpInterface>(op) ||
                    llvm::none_of(op->getResultTypes(), isMemRef);
                for (Region &region : op->getRegions())
                  for (Block &block : region)
                    isPlain &=
                        isa<func::FuncOp>(op) ||
                        llvm::none_of(block.getArgumentTypes(), isMemRef);
                return isPlain ? WalkResult::advance()
                               : WalkResult::interrupt();
              })
              .wasInterrupted();
}

/// The last op of `owned`'s block that uses it or a view of it.
Operation *lastUse(Value owned) {
  Block *block = owned.getParentBlock();
  Operation *last = owned.getDefiningOp();
  SmallVector<Value> aliases = {owned};
  while (!aliases.empty()) {
    Value alias = aliases.pop_back_val();
    for (Operation *user : alias.getUsers()) {
      Operation *at = block->findAncestorOpInBlock(*user);
      if (last->isBeforeInBlock(at))
        last = at;
      if (isa<ViewLikeOpInterface>(user))
        llvm::append_range(aliases, user->getResults());
    }
  }
  return last;
}

/// Callers free what they get, so a private function may return neither what
/// it was given, nor a weight, nor one buffer twice: it returns a copy.
void copyUnownedResults(func::FuncOp function) {
  function.walk([](func::ReturnOp op) {
    OpBuilder builder(op);
    llvm::SmallDenseSet<Value> returned;
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isMemRef(operand.get().getType()))
        continue;
      Value root = bufferRoot(operand.get());
      if (!isOwned(root) || !returned.insert(root).second)
        operand.set(bufferization::CloneOp::create(
            builder, op.getLoc(), operand.get().getType(), operand.get()));
    }
  });
}

void freeOwned(func::FuncOp function) {
  SmallVector<Value> owned;
  function.walk([&](Operation *op) {
    for (Value result : op->getResults())
      if (isMemRef(result.getType()) && isOwned(result))
        owned.push_back(result);
  });
  OpBuilder builder(function.getContext());
  for (Value value : owned) {
    Operation *last = lastUse(value);
    if (isa<func::ReturnOp>(last))
      continue;
    builder.setInsertionPointAfter(last);
    memref::DeallocOp::create(builder, value.getLoc(), value);
  }
}

struct FreeBuffers : moec::lower::impl::FreeBuffersPassBase<FreeBuffers> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    if (!isSimple(function)) {
      SymbolTableCollection symbols;
      if (failed(bufferization::deallocateBuffersOwnershipBased(
              function, bufferization::DeallocationOptions(), symbols)))
        signalPassFailure();
      return;
    }
    if (function.isPrivate())
      copyUnownedResults(function);
    freeOwned(function);
  }
};

} // namespace
