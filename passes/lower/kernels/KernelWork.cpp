#include "passes/lower/kernels/KernelWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace moec;

namespace {

/// An extent of an operand (ins, then outs).
struct Extent {
  unsigned operand;
  int64_t dimension;
};

/// `factor` times the product of the extents.
struct Product {
  int64_t factor;
  std::vector<Extent> extents;
};

struct Row {
  StringRef name;
  kernels::KernelPhase phase;
  std::vector<Product> flops;
  /// Operand with a matrix per expert, and the one that counts their rows.
  std::optional<std::pair<unsigned, unsigned>> expertWeights;
};

} // namespace

static const Row *findRow(StringRef name) {
  using enum rt::Phase;
  static const std::vector<Product> batched = {
      {2, {{0, 0}, {0, 1}, {0, 2}, {2, 2}}}};
  static const std::vector<Row> rows = {
      {"attention",
       {Attention, false},
       {{2, {{0, 0}, {0, 1}, {0, 2}, {0, 3}, {1, 2}}},
        {2, {{0, 0}, {0, 1}, {0, 2}, {2, 3}, {1, 2}}}},
       {}},
      {"batch_matmul", {Attention, true}, batched, {}},
      {"batch_matmul_nt", {Attention, true}, batched, {}},
      {"combine", {Combine, false}, {{2, {{2, 0}, {2, 1}, {0, 1}}}}, {}},
      {"dispatch", {Dispatch, false}, {}, {}},
      {"expert_gated",
       {Experts, false},
       {{4, {{6, 0}, {0, 1}, {6, 1}}}},
       std::pair(3, 2)},
      {"expert_gemm",
       {Experts, false},
       {{2, {{6, 0}, {0, 1}, {6, 1}}}},
       std::pair(3, 2)},
      {"gemm", {Dense, true}, {{2, {{0, 0}, {0, 1}, {2, 1}}}}, {}},
      {"place_rows", {Attention, false}, {}, {}},
      {"row_softmax", {Attention, true}, {}, {}},
  };
  auto row =
      llvm::find_if(rows, [&](const Row &row) { return row.name == name; });
  return row == rows.end() ? nullptr : &*row;
}

kernels::KernelPhase moec::kernels::phaseOf(StringRef kernel) {
  const Row *row = findRow(kernel);
  return row ? row->phase : KernelPhase{rt::Phase::Elementwise, true};
}

namespace {

class Arithmetic {
public:
  Arithmetic(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value times(Value a, Value b) {
    return builder.createOrFold<arith::MulIOp>(loc, a, b);
  }
  Value plus(Value a, Value b) {
    return builder.createOrFold<arith::AddIOp>(loc, a, b);
  }
  Value extent(Value memref, int64_t dimension) {
    return builder.createOrFold<memref::DimOp>(loc, memref, dimension);
  }

  Value product(rt::KernelOp op, const Product &product) {
    Value result = constant(product.factor);
    for (Extent e : product.extents)
      result = times(result, extent(op.getOperand(e.operand), e.dimension));
    return result;
  }

  /// How many elements of `counts` [E] i64 are not 0.
  Value countUsed(Value counts) {
    Value zero = constant(0), one = constant(1);
    auto loop = scf::ForOp::create(
        builder, loc, zero, extent(counts, 0), one, ValueRange(zero),
        [&](OpBuilder &b, Location loc, Value i, ValueRange sum) {
          Value count = memref::LoadOp::create(b, loc, counts, i);
          Value rows =
              arith::IndexCastOp::create(b, loc, b.getIndexType(), count);
          Value used = arith::MinUIOp::create(b, loc, rows, one);
          Value next = arith::AddIOp::create(b, loc, sum[0], used);
          scf::YieldOp::create(b, loc, next);
        });
    return loop.getResult(0);
  }

  /// Of a matrix per expert, those of experts with rows.
  Value usedBytes(Value weights, Value counts) {
    Value all = kernels::memrefBytes(builder, loc, weights);
    Value experts = builder.createOrFold<arith::MaxUIOp>(
        loc, extent(weights, 0), constant(1));
    Value one = builder.createOrFold<arith::DivUIOp>(loc, all, experts);
    return times(one, countUsed(counts));
  }

private:
  OpBuilder &builder;
  Location loc;
};

} // namespace

Value moec::kernels::memrefBytes(OpBuilder &builder, Location loc,
                                 Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  Arithmetic a(builder, loc);
  Type element = type.getElementType();
  unsigned bits = element.isIntOrFloat() ? element.getIntOrFloatBitWidth() : 64;
  Value bytes = a.constant(llvm::divideCeil(bits, 8));
  for (int64_t i = 0; i < type.getRank(); ++i)
    bytes = a.times(bytes, a.extent(memref, i));
  return bytes;
}

/// That every extent of the table exists.
static LogicalResult checkOperands(rt::KernelOp op, const Row &row) {
  auto check = [&](Extent e) -> LogicalResult {
    Type type = e.operand < op->getNumOperands()
                    ? op->getOperand(e.operand).getType()
                    : Type();
    auto memref = dyn_cast_if_present<MemRefType>(type);
    if (memref && e.dimension < memref.getRank())
      return success();
    InFlightDiagnostic error =
        op.emitError() << "kernel '" << row.name
                       << "': its work depends on dimension " << e.dimension
                       << " of operand " << e.operand << ", ";
    return type ? error << "which is " << type
                : error << "but it has " << op->getNumOperands() << " operands";
  };
  for (const Product &product : row.flops)
    for (Extent e : product.extents)
      if (failed(check(e)))
        return failure();
  if (!row.expertWeights)
    return success();
  auto [bank, counts] = *row.expertWeights;
  return success(succeeded(check({bank, 0})) && succeeded(check({counts, 0})));
}

FailureOr<kernels::Work> moec::kernels::kernelWork(OpBuilder &builder,
                                                   rt::KernelOp op) {
  Arithmetic a(builder, op.getLoc());
  const Row *row = findRow(op.getCallee());
  if (row && failed(checkOperands(op, *row)))
    return failure();
  Work work{a.constant(0), a.constant(0)};
  if (row)
    for (const Product &product : row->flops)
      work.flops = a.plus(work.flops, a.product(op, product));
  for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
    if (!isa<MemRefType>(operand.getType()))
      continue;
    bool isBank = row && row->expertWeights && row->expertWeights->first == i;
    Value bytes =
        isBank ? a.usedBytes(operand, op.getOperand(row->expertWeights->second))
               : memrefBytes(builder, op.getLoc(), operand);
    work.bytes = a.plus(work.bytes, bytes);
  }
  return work;
}
