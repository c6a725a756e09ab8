//===- Indexing.cpp - Operators that pick elements ------------------------===//

#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static LogicalResult lowerGather(Lowering &l, Node node) {
  SymTensor data = l.get(node.input(0)), indices = l.get(node.input(1));
  int64_t axis = *normalizeAxis(node.integer("axis", 0), data.rank());
  checkIndices(l, node, node.input(1), indices, data.dims[axis]);
  Value extent = l.index(data.dims[axis]);
  ArrayRef<Sym> dims = l.shapes.dims(node.output());
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    Value position = tensor::ExtractOp::create(b, indices.value,
                                               at.slice(axis, indices.rank()));
    SmallVector<Value> from(at.take_front(axis));
    from.push_back(wrapIndex(b, position, extent));
    llvm::append_range(from, at.drop_front(axis + indices.rank()));
    return tensor::ExtractOp::create(b, data.value, from);
  };
  l.set(node.output(), l.generate(dims, data.element(), body));
  return success();
}

static LogicalResult lowerGatherElements(Lowering &l, Node node) {
  SymTensor data = l.get(node.input(0)), indices = l.get(node.input(1));
  int64_t axis = *normalizeAxis(node.integer("axis", 0), data.rank());
  checkIndices(l, node, node.input(1), indices, data.dims[axis]);
  for (int64_t other = 0; other < data.rank(); ++other)
    if (other != axis)
      checkAtMost(l, indices.dims[other], data.dims[other],
                  "GatherElements: the indices are larger than the data");
  Value extent = l.index(data.dims[axis]);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> from(at);
    from[axis] =
        wrapIndex(b, tensor::ExtractOp::create(b, indices.value, at), extent);
    return tensor::ExtractOp::create(b, data.value, from);
  };
  l.set(node.output(), l.generate(indices.dims, data.element(), body));
  return success();
}

/// result[b.., q.., s..] = data[b.., indices[b.., q..].., s..].
static LogicalResult lowerGatherND(Lowering &l, Node node) {
  SymTensor data = l.get(node.input(0)), indices = l.get(node.input(1));
  int64_t batch = node.integer("batch_dims", 0);
  int64_t depth = *indices.dims.back().constant();
  for (int64_t axis = 0; axis < batch; ++axis)
    l.checkEqual(data.dims[axis], indices.dims[axis],
                 "GatherND: data and indices have different batches");
  IndexTuples tuples(l, node, node.input(1), indices,
                     ArrayRef(data.dims).slice(batch, depth));
  int64_t leading = indices.rank() - 1;
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> from(at.take_front(batch));
    tuples.read(b, at.take_front(leading), from);
    llvm::append_range(from, at.drop_front(leading));
    return tensor::ExtractOp::create(b, data.value, from);
  };
  l.set(node.output(),
        l.generate(l.shapes.dims(node.output()), data.element(), body));
  return success();
}

/// A number of any type as an index; fractions are cut off.
static Value numberToIndex(ImplicitLocOpBuilder &b, Value number,
                           bool isUnsigned) {
  if (!isa<FloatType>(number.getType()))
    return toIndex(b, number, isUnsigned);
  return toIndex(b, arith::FPToSIOp::create(b, b.getI64Type(), number));
}

/// values[1] where the index (negative ones count from the end) names the
/// position on `axis`, values[0] elsewhere; an index out of range names none.
static LogicalResult lowerOneHot(Lowering &l, Node node) {
  SymTensor indices = l.get(node.input(0)), values = l.get(node.input(2));
  int64_t axis = *normalizeAxis(node.integer("axis", -1), indices.rank() + 1);
  auto isUnsigned = [&](unsigned input) {
    return Lowering::onnxElement(node.input(input)).isUnsignedInteger();
  };
  Value depth =
      numberToIndex(l.b, l.scalar(l.get(node.input(1))), isUnsigned(1));
  SymDims dims(l.shapes.dims(node.output()));
  dims[axis] = settleExtent(l, node, node.output(), axis, depth);
  checkExtents(l, node, dims[axis]);
  Value at0 = arith::ConstantIndexOp::create(l.b, 0);
  Value at1 = arith::ConstantIndexOp::create(l.b, 1);
  Value off = tensor::ExtractOp::create(l.b, values.value, at0);
  Value on = tensor::ExtractOp::create(l.b, values.value, at1);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> from(at);
    from.erase(from.begin() + axis);
    Value number = tensor::ExtractOp::create(b, indices.value, from);
    Value position = numberToIndex(b, number, isUnsigned(0));
    Value wrapped = arith::AddIOp::create(b, position, depth);
    Value zero = arith::ConstantIndexOp::create(b, 0);
    Value isNegative =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, position, zero);
    position = arith::SelectOp::create(b, isNegative, wrapped, position);
    Value isHot =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, position, at[axis]);
    return arith::SelectOp::create(b, isHot, on, off);
  };
  l.set(node.output(), l.generate(dims, values.element(), body));
  return success();
}

/// Keeps what lies on or above (below) diagonal k of the last two axes.
static LogicalResult lowerTrilu(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  if (x.rank() < 2)
    return l.error(node,
                   "needs a matrix; the input has rank " + Twine(x.rank()));
  bool upper = node.integer("upper", 1);
  Value k = node.input(1) ? toIndex(l.b, l.scalar(l.get(node.input(1))))
                          : arith::ConstantIndexOp::create(l.b, 0).getResult();
  Value zero = l.zero(x.element());
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    Value row = linalg::IndexOp::create(b, x.rank() - 2);
    Value column = linalg::IndexOp::create(b, x.rank() - 1);
    Value diagonal = arith::SubIOp::create(b, column, row);
    auto order = upper ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle;
    Value isKept = arith::CmpIOp::create(b, order, diagonal, k);
    return arith::SelectOp::create(b, isKept, v[0], zero);
  };
  l.set(node.output(), l.elementwise(x, x.element(), body));
  return success();
}

void moec::addIndexingLowerings(llvm::StringMap<NodeLowering> &table) {
  table["Gather"] = lowerGather;
  table["GatherElements"] = lowerGatherElements;
  table["GatherND"] = lowerGatherND;
  table["OneHot"] = lowerOneHot;
  table["Trilu"] = lowerTrilu;
}
