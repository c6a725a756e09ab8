#include "passes/lower/LoopWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace {

constexpr int64_t kTranscendental = 16;
constexpr int64_t kUnknownTrips = 16;

class WorkEstimate {
public:
  /// `blockCost` of a block and `opCost` of an op in it are summed.
  WorkEstimate(OpBuilder &builder, scf::ParallelOp loop, int64_t blockCost,
               int64_t (*opCost)(Operation &))
      : builder(builder), loop(loop), loc(loop.getLoc()), blockCost(blockCost),
        opCost(opCost) {}

  Value ofBlock(Block *block) {
    int64_t simple = blockCost;
    Value nested;
    for (Operation &op : *block) {
      if (auto inner = dyn_cast<scf::ForOp>(op)) {
        nested = sum(nested, ofLoop(inner));
        continue;
      }
      simple += opCost(op);
      for (Region &region : op.getRegions())
        for (Block &inside : region)
          nested = sum(nested, ofBlock(&inside));
    }
    return sum(nested, constant(simple));
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }

  Value sum(Value a, Value b) {
    return a ? builder.createOrFold<arith::AddIOp>(loc, a, b) : b;
  }

  Value ofLoop(scf::ForOp inner) {
    Value body = ofBlock(inner.getBody());
    return builder.createOrFold<arith::MulIOp>(loc, trips(inner), body);
  }

  Value trips(scf::ForOp inner) {
    auto known = [&](Value value) {
      Region *region = value.getParentRegion();
      return !loop.getRegion().isAncestor(region);
    };
    auto lower = getConstantIntValue(inner.getLowerBound());
    auto step = getConstantIntValue(inner.getStep());
    auto upper = getConstantIntValue(inner.getUpperBound());
    if (!lower || !step || *step <= 0)
      return constant(kUnknownTrips);
    if (upper)
      return constant(std::max<int64_t>((*upper - *lower) / *step, 0));
    if (!known(inner.getUpperBound()) || *lower != 0)
      return constant(kUnknownTrips);
    return builder.createOrFold<arith::DivUIOp>(loc, inner.getUpperBound(),
                                                constant(*step));
  }

  OpBuilder &builder;
  scf::ParallelOp loop;
  Location loc;
  int64_t blockCost;
  int64_t (*opCost)(Operation &);
};

} // namespace

static int64_t operations(Operation &op) {
  if (isa<math::FmaOp, math::AbsFOp, math::SqrtOp, math::CopySignOp>(op))
    return 1;
  return isa_and_nonnull<math::MathDialect>(op.getDialect()) ? kTranscendental
                                                             : 1;
}

static int64_t bytes(Operation &op) {
  Type type;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    type = load.getType();
  else if (auto store = dyn_cast<memref::StoreOp>(op))
    type = store.getValue().getType();
  if (!type)
    return 0;
  return type.isIntOrFloat() ? llvm::divideCeil(type.getIntOrFloatBitWidth(), 8)
                             : 8; // index
}

Value moec::lower::iterationWork(OpBuilder &builder, scf::ParallelOp loop) {
  return WorkEstimate(builder, loop, 1, operations).ofBlock(loop.getBody());
}

Value moec::lower::iterationBytes(OpBuilder &builder, scf::ParallelOp loop) {
  return WorkEstimate(builder, loop, 0, bytes).ofBlock(loop.getBody());
}
