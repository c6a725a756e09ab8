#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/LoopWork.h"
#include "passes/lower/Passes.h"
#include "passes/lower/Phases.h"
#include "passes/lower/kernels/KernelWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/RegionUtils.h"

namespace moec::lower {
#define GEN_PASS_DEF_MARKSTEPSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;
using namespace moec::lower;

/// Bytes of these memrefs; what is not a memref has none.
static Value bytesOf(OpBuilder &b, Location loc, ValueRange values) {
  Value bytes = arith::ConstantIndexOp::create(b, loc, 0);
  for (Value value : values)
    if (isa<MemRefType>(value.getType()))
      bytes = b.createOrFold<arith::AddIOp>(
          loc, bytes, kernels::memrefBytes(b, loc, value));
  return bytes;
}

/// What a loop loads and stores, and no more than the buffers it touches: a
/// gather reads little of a large one, a reduction the same bytes many times.
static Value loopBytes(OpBuilder &b, scf::ParallelOp loop) {
  Location loc = loop.getLoc();
  SetVector<Value> above;
  getUsedValuesDefinedAbove(loop.getRegion(), above);
  Value most = bytesOf(b, loc, ValueRange(above.getArrayRef()));
  Value accessed = iterationBytes(b, loop);
  for (unsigned i = 0; i < loop.getNumLoops(); ++i) {
    Value span = b.createOrFold<arith::SubIOp>(loc, loop.getUpperBound()[i],
                                               loop.getLowerBound()[i]);
    Value trips =
        b.createOrFold<arith::CeilDivSIOp>(loc, span, loop.getStep()[i]);
    accessed = b.createOrFold<arith::MulIOp>(loc, accessed, trips);
  }
  return b.createOrFold<arith::MinUIOp>(loc, most, accessed);
}

static rt::Phase phaseOfStep(Operation *op) {
  if (isa<rt::AllToAllOp, rt::AllGatherOp>(op))
    return rt::Phase::Exchange;
  kernels::KernelPhase own = {rt::Phase::Elementwise, true};
  if (auto kernel = dyn_cast<rt::KernelOp>(op))
    own = kernels::phaseOf(kernel.getCallee());
  std::optional<rt::Phase> origin = phaseOf(op->getLoc());
  return own.isGeneral && origin ? *origin : own.phase;
}

namespace {

struct MarkSteps : lower::impl::MarkStepsPassBase<MarkSteps> {
  using MarkStepsPassBase::MarkStepsPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> steps;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      bool isStep = isa<rt::KernelOp, rt::AllToAllOp, rt::AllGatherOp,
                        memref::CopyOp, scf::ParallelOp>(op);
      if (isStep)
        steps.push_back(op);
      return isStep ? WalkResult::skip() : WalkResult::advance();
    });
    for (Operation *op : steps)
      if (failed(mark(op)))
        return signalPassFailure();
    marked += steps.size();
  }

  LogicalResult mark(Operation *op) {
    OpBuilder b(op);
    Location loc = op->getLoc();
    Value on = rt::ProfilingOp::create(b, loc, b.getI1Type());
    auto guard = scf::IfOp::create(b, loc, on, /*withElseRegion=*/false);
    b.setInsertionPointToStart(guard.thenBlock());
    FailureOr<kernels::Work> work = workOf(b, op);
    if (failed(work))
      return failure();
    rt::MarkOp::create(b, loc, phaseOfStep(op), nameOf(op), sourceOf(loc),
                       work->flops, work->bytes);
    return success();
  }

  FailureOr<kernels::Work> workOf(OpBuilder &b, Operation *op) {
    if (auto kernel = dyn_cast<rt::KernelOp>(op))
      return kernels::kernelWork(b, kernel);
    Value none = arith::ConstantIndexOp::create(b, op->getLoc(), 0);
    if (auto loop = dyn_cast<scf::ParallelOp>(op))
      return kernels::Work{none, loopBytes(b, loop)};
    return kernels::Work{none, bytesOf(b, op->getLoc(), op->getOperands())};
  }

  StringRef nameOf(Operation *op) {
    if (auto kernel = dyn_cast<rt::KernelOp>(op))
      return kernel.getCallee();
    return isa<scf::ParallelOp>(op) ? "loop" : op->getName().stripDialect();
  }
};

} // namespace
