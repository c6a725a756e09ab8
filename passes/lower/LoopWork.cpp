#include "passes/lower/LoopWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace {

constexpr int64_t kTranscendental = 16;
constexpr int64_t kUnknownTrips = 16;

class WorkEstimate {
public:
  WorkEstimate(OpBuilder &builder, scf::ParallelOp loop)
      : builder(builder), loop(loop), loc(loop.getLoc()) {}

  Value ofBlock(Block *block) {
    int64_t simple = 1;
    Value nested;
    for (Operation &op : *block) {
      if (auto inner = dyn_cast<scf::ForOp>(op)) {
        nested = sum(nested, ofLoop(inner));
        continue;
      }
      simple += ofOp(op);
      for (Region &region : op.getRegions())
        for (Block &inside : region)
          nested = sum(nested, ofBlock(&inside));
    }
    return sum(nested, constant(simple));
  }

private:
  static int64_t ofOp(Operation &op) {
    if (isa<math::FmaOp, math::AbsFOp, math::SqrtOp, math::CopySignOp>(op))
      return 1;
    return isa<math::MathDialect>(op.getDialect()) ? kTranscendental : 1;
  }

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
};

} // namespace

Value moec::lower::iterationWork(OpBuilder &builder, scf::ParallelOp loop) {
  return WorkEstimate(builder, loop).ofBlock(loop.getBody());
}
