//===- Indexing.cpp - Operators that pick or place elements ---------------===//

#include "passes/import/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// Counts negative positions from the end; an index value.
static Value wrapIndex(ImplicitLocOpBuilder &b, Value position, Value extent) {
  Value at = arith::IndexCastOp::create(b, b.getIndexType(), position);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value isNegative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, zero);
  Value wrapped = arith::AddIOp::create(b, at, extent);
  return arith::SelectOp::create(b, isNegative, wrapped, at);
}

/// Ends the run unless every position lies in [-extent, extent): indices are
/// input, and memory is read through them.
static void checkIndices(Lowering &l, Node node, const SymTensor &indices,
                         Value extent) {
  SymTensor isBad = l.elementwise(
      indices, l.b.getI1Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) {
        Value at = arith::IndexCastOp::create(b, b.getIndexType(), v[0]);
        // In [-n, n) iff at + n, as an unsigned number, is below 2n.
        Value shifted = arith::AddIOp::create(b, at, extent);
        Value limit = arith::AddIOp::create(b, extent, extent);
        return arith::CmpIOp::create(b, arith::CmpIPredicate::uge, shifted, limit)
            .getResult();
      });
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, indices.rank()));
  SymTensor any = l.reduce(isBad, axes, l.zero(l.b.getI1Type()),
                           [](ImplicitLocOpBuilder &b, ValueRange v) {
                             return arith::OrIOp::create(b, v[0], v[1]).getResult();
                           });
  Value bad = l.scalar(any);
  Value good = arith::XOrIOp::create(l.b, bad, l.number(l.b.getI1Type(), 1));
  l.check(good, Twine(node.kind()) + ": an index is out of range");
}

static LogicalResult lowerGather(Lowering &l, Node node) {
  SymTensor data = l.get(node.input(0)), indices = l.get(node.input(1));
  int64_t axis = *normalizeAxis(node.integer("axis", 0), data.rank());
  Value extent = l.index(data.dims[axis]);
  checkIndices(l, node, indices, extent);
  ArrayRef<Sym> dims = l.shapes.dims(node.output());
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Value position = tensor::ExtractOp::create(
        b, indices.value, at.slice(axis, indices.rank()));
    SmallVector<Value> from(at.take_front(axis));
    from.push_back(wrapIndex(b, position, extent));
    llvm::append_range(from, at.drop_front(axis + indices.rank()));
    return tensor::ExtractOp::create(b, data.value, from);
  };
  l.set(node.output(), l.generate(dims, data.element(), body));
  return success();
}

void moec::addIndexingLowerings(llvm::StringMap<NodeLowering> &table) {
  table["Gather"] = lowerGather;
}
