#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/BufferRoots.h"
#include "passes/lower/LoopWork.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Transforms.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

namespace moec::lower {
#define GEN_PASS_DEF_OUTLINEPARALLELLOOPSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;
using namespace moec::lower;

namespace {

constexpr StringLiteral kTasks = "moe.tasks";
constexpr StringLiteral kNoAlias = "moe_rt.noalias";

/// Constants and globals are repeated in the body rather than passed to it.
bool isRepeated(Value value) {
  return isa_and_nonnull<arith::ConstantOp, memref::GetGlobalOp>(
      value.getDefiningOp());
}

/// A parallel loop on its way out of its function.
class Outliner {
public:
  Outliner(scf::ParallelOp loop, int64_t minWork, int64_t chunksPerThread)
      : loop(loop), builder(loop), loc(loop.getLoc()), minWork(minWork),
        chunksPerThread(chunksPerThread) {}

  void run(SymbolTable &symbols, StringRef name) {
    Value count = constant(1);
    for (unsigned i = 0; i < loop.getNumLoops(); ++i) {
      sizes.push_back(size(i));
      count = arith::MulIOp::create(builder, loc, count, sizes.back());
    }
    Value chunk = loop->hasAttr(kTasks) ? constant(1) : chooseChunk(count);
    collectCaptures();
    func::FuncOp body = createBody(name);
    symbols.insert(body);
    rt::LaunchOp::create(builder, loc, body.getSymName(), count, chunk,
                         captures.getArrayRef());
    loop.erase();
  }

private:
  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }

  template <typename Op> Value index(Value a, Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }

  /// Trip count of dimension `i`, never negative.
  Value size(unsigned i) {
    Value span =
        index<arith::SubIOp>(loop.getUpperBound()[i], loop.getLowerBound()[i]);
    Value trips = index<arith::CeilDivSIOp>(span, loop.getStep()[i]);
    return index<arith::MaxSIOp>(trips, constant(0));
  }

  /// At least `minWork` of work, and a few chunks per thread beyond that. Long
  /// chunks end at multiples of 64, so that two threads share no cache line.
  Value chooseChunk(Value count) {
    Value work = iterationWork(builder, loop);
    Value least = index<arith::CeilDivUIOp>(constant(minWork), work);
    Value threads = rt::ThreadsOp::create(builder, loc, builder.getIndexType());
    Value chunks = index<arith::MulIOp>(threads, constant(chunksPerThread));
    Value fair = index<arith::CeilDivUIOp>(count, chunks);
    Value chunk = index<arith::MaxUIOp>(least, fair);
    Value rounded = index<arith::MulIOp>(
        index<arith::CeilDivUIOp>(chunk, constant(64)), constant(64));
    Value isLong = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::uge, chunk, constant(64));
    return arith::SelectOp::create(builder, loc, isLong, rounded, chunk);
  }

  void collectCaptures() {
    SetVector<Value> above;
    getUsedValuesDefinedAbove(loop.getRegion(), above);
    above.insert(sizes.begin(), sizes.end());
    above.insert(loop.getLowerBound().begin(), loop.getLowerBound().end());
    above.insert(loop.getStep().begin(), loop.getStep().end());
    for (Value value : above)
      (isRepeated(value) ? repeated : captures).insert(value);
  }

  bool isAlone(Value memref) {
    if (!isa<MemRefType>(memref.getType()))
      return false;
    auto conflicts = [&](Value other) {
      return other != memref && isa<MemRefType>(other.getType()) &&
             mayAlias(memref, other);
    };
    return llvm::none_of(captures, conflicts) &&
           llvm::none_of(repeated, conflicts);
  }

  func::FuncOp createBody(StringRef name) {
    SmallVector<Type> types(2, builder.getIndexType());
    llvm::append_range(types, TypeRange(captures.getArrayRef()));
    auto body =
        func::FuncOp::create(loc, name, builder.getFunctionType(types, {}));
    body.setPrivate();
    OpBuilder::InsertionGuard guard(builder);
    Block *entry = body.addEntryBlock();
    builder.setInsertionPointToStart(entry);
    for (auto [value, argument] :
         llvm::zip_equal(captures, entry->getArguments().drop_front(2))) {
      mapping.map(value, argument);
      if (isAlone(value))
        body.setArgAttr(argument.getArgNumber(), kNoAlias,
                        builder.getUnitAttr());
    }
    for (Value value : repeated)
      mapping.map(value, builder.clone(*value.getDefiningOp())->getResult(0));
    Value begin = entry->getArgument(0), end = entry->getArgument(1);
    if (loop->hasAttr(kTasks) || loop.getNumLoops() == 1)
      fillTasks(begin, end);
    else
      fillRows(begin, end);
    func::ReturnOp::create(builder, loc);
    return body;
  }

  /// One loop over the range; every iteration finds its coordinates.
  void fillTasks(Value begin, Value end) {
    auto range = scf::ForOp::create(builder, loc, begin, end, constant(1));
    builder.setInsertionPointToStart(range.getBody());
    setCoordinates(range.getInductionVar(), loop.getNumLoops());
    cloneBody();
    builder.setInsertionPointAfter(range);
  }

  /// A loop over the rows that the range meets, and one along each row.
  void fillRows(Value begin, Value end) {
    unsigned last = loop.getNumLoops() - 1;
    Value width = mapping.lookup(sizes[last]);
    Value first = index<arith::DivUIOp>(begin, width);
    Value afterLast = index<arith::CeilDivUIOp>(end, width);
    auto rows = scf::ForOp::create(builder, loc, first, afterLast, constant(1));
    builder.setInsertionPointToStart(rows.getBody());
    Value row = rows.getInductionVar();
    setCoordinates(row, last);
    Value offset = index<arith::MulIOp>(row, width);
    Value from =
        index<arith::MaxSIOp>(index<arith::SubIOp>(begin, offset), constant(0));
    Value to = index<arith::MinSIOp>(index<arith::SubIOp>(end, offset), width);
    auto columns = scf::ForOp::create(builder, loc, from, to, constant(1));
    builder.setInsertionPointToStart(columns.getBody());
    setCoordinate(last, columns.getInductionVar());
    cloneBody();
    builder.setInsertionPointAfter(rows);
  }

  /// Row-major coordinates of iteration `linear` in the first `dims`
  /// dimensions.
  void setCoordinates(Value linear, unsigned dims) {
    for (unsigned i = dims; i-- > 0;) {
      Value size = mapping.lookup(sizes[i]);
      setCoordinate(i, i == 0 ? linear : index<arith::RemUIOp>(linear, size));
      if (i != 0)
        linear = index<arith::DivUIOp>(linear, size);
    }
  }

  void setCoordinate(unsigned i, Value number) {
    Value offset =
        index<arith::MulIOp>(number, mapping.lookup(loop.getStep()[i]));
    mapping.map(
        loop.getInductionVars()[i],
        index<arith::AddIOp>(mapping.lookup(loop.getLowerBound()[i]), offset));
  }

  void cloneBody() {
    for (Operation &op : loop.getBody()->without_terminator())
      builder.clone(op, mapping);
  }

  scf::ParallelOp loop;
  OpBuilder builder;
  Location loc;
  int64_t minWork, chunksPerThread;
  SmallVector<Value> sizes;
  SetVector<Value> captures, repeated;
  IRMapping mapping;
};

struct OutlineParallelLoops
    : moec::lower::impl::OutlineParallelLoopsPassBase<OutlineParallelLoops> {
  using OutlineParallelLoopsPassBase::OutlineParallelLoopsPassBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions) {
      SmallVector<scf::ParallelOp> outermost;
      function.walk<WalkOrder::PreOrder>([&](scf::ParallelOp loop) {
        if (loop.getInitVals().empty())
          outermost.push_back(loop);
        return WalkResult::skip();
      });
      for (scf::ParallelOp loop : outermost) {
        serializeInner(loop);
        Outliner(loop, minWork, chunksPerThread)
            .run(symbols, (function.getSymName() + "_loop").str());
        ++launched;
      }
    }
  }

  /// Parallel loops inside a body run serially on the body's thread.
  void serializeInner(scf::ParallelOp loop) {
    SmallVector<scf::ParallelOp> inner;
    loop.getBody()->walk([&](scf::ParallelOp op) { inner.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (scf::ParallelOp op : inner) {
      rewriter.setInsertionPoint(op);
      if (failed(scf::parallelForToNestedFors(rewriter, op)))
        signalPassFailure();
    }
  }
};

} // namespace
