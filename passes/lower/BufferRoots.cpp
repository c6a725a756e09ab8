#include "passes/lower/BufferRoots.h"

#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;

Value moec::lower::bufferRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

static bool isAllocation(Value root) {
  return isa_and_nonnull<memref::AllocOp, memref::AllocaOp>(
      root.getDefiningOp());
}

/// Roots that cannot be a view of an allocation of the same function.
static bool isKnown(Value root) {
  if (auto argument = dyn_cast<BlockArgument>(root))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp()) &&
           argument.getOwner()->isEntryBlock();
  return isAllocation(root) ||
         isa<moec::rt::WeightOp, moec::rt::AppendOp, memref::GetGlobalOp,
             func::CallOp>(root.getDefiningOp());
}

bool moec::lower::mayAlias(Value a, Value b) {
  Value rootA = bufferRoot(a), rootB = bufferRoot(b);
  if (rootA == rootB)
    return true;
  bool allocated = isAllocation(rootA) || isAllocation(rootB);
  return !(allocated && isKnown(rootA) && isKnown(rootB));
}
