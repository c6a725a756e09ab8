//===- Scatter.cpp - Operators that place elements ------------------------===//
//
// Updates are applied one after another in row-major order, so that duplicate
// indices mean the same in every run.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
enum class Reduction { None, Add, Mul, Min, Max };
} // namespace

static std::optional<Reduction> reductionOf(Node node) {
  return llvm::StringSwitch<std::optional<Reduction>>(
             node.string("reduction", "none"))
      .Case("none", Reduction::None)
      .Case("add", Reduction::Add)
      .Case("mul", Reduction::Mul)
      .Case("min", Reduction::Min)
      .Case("max", Reduction::Max)
      .Default(std::nullopt);
}

template <typename Float, typename Signed, typename Unsigned>
static Value create(ImplicitLocOpBuilder &b, Value x, Value y,
                    bool isUnsigned) {
  if (isa<FloatType>(x.getType()))
    return Float::create(b, x, y);
  if (isUnsigned || x.getType().isInteger(1))
    return Unsigned::create(b, x, y);
  return Signed::create(b, x, y);
}

/// Bool adds as "or" and multiplies as "and".
static Value combine(ImplicitLocOpBuilder &b, Reduction reduction, Value old,
                     Value update, bool isUnsigned) {
  switch (reduction) {
  case Reduction::None:
    return update;
  case Reduction::Add:
    if (old.getType().isInteger(1))
      return arith::OrIOp::create(b, old, update);
    return create<arith::AddFOp, arith::AddIOp, arith::AddIOp>(b, old, update,
                                                               isUnsigned);
  case Reduction::Mul:
    return create<arith::MulFOp, arith::MulIOp, arith::MulIOp>(b, old, update,
                                                               isUnsigned);
  case Reduction::Min:
    return create<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(
        b, old, update, isUnsigned);
  case Reduction::Max:
    return create<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(
        b, old, update, isUnsigned);
  }
  llvm_unreachable("every reduction is handled");
}

/// Walks over the updates; `place` turns a position of an update into the
/// position in the data.
static LogicalResult scatter(
    Lowering &l, Node node, const SymTensor &data, const SymTensor &updates,
    llvm::function_ref<SmallVector<Value>(ImplicitLocOpBuilder &, ValueRange)>
        place) {
  auto reduction = reductionOf(node);
  if (!reduction)
    return l.error(node, "reduction '" + node.string("reduction", "") +
                             "' is none of none, add, mul, min, max");
  bool isUnsigned = Lowering::onnxElement(node.input(0)).isUnsignedInteger();
  SymTensor result =
      walk(l, updates.dims, data,
           [&](ImplicitLocOpBuilder &b, ValueRange at, Value state) -> Value {
             SmallVector<Value> to = place(b, at);
             Value value = tensor::ExtractOp::create(b, updates.value, at);
             if (*reduction != Reduction::None) {
               Value old = tensor::ExtractOp::create(b, state, to);
               value = combine(b, *reduction, old, value, isUnsigned);
             }
             return tensor::InsertOp::create(b, value, state, to);
           });
  l.set(node.output(), result);
  return success();
}

static LogicalResult lowerScatterElements(Lowering &l, Node node) {
  SymTensor data = l.get(node.input(0)), indices = l.get(node.input(1));
  SymTensor updates = l.get(node.input(2));
  auto axis = normalizeAxis(node.integer("axis", 0), data.rank());
  if (!axis)
    return l.error(node, "axis " + Twine(node.integer("axis", 0)) +
                             " is out of range for rank " + Twine(data.rank()));
  if (indices.rank() != data.rank() || updates.rank() != data.rank())
    return l.error(node, "data, indices and updates have ranks " +
                             Twine(data.rank()) + ", " + Twine(indices.rank()) +
                             ", " + Twine(updates.rank()) +
                             "; they must agree");
  checkIndices(l, node, node.input(1), indices, data.dims[*axis]);
  for (int64_t other = 0; other < data.rank(); ++other) {
    l.checkEqual(indices.dims[other], updates.dims[other],
                 "ScatterElements: indices and updates have different shapes");
    if (other != *axis)
      checkAtMost(l, indices.dims[other], data.dims[other],
                  "ScatterElements: the indices are larger than the data");
  }
  Value extent = l.index(data.dims[*axis]);
  return scatter(
      l, node, data, updates, [&](ImplicitLocOpBuilder &b, ValueRange at) {
        SmallVector<Value> to(at);
        Value index = tensor::ExtractOp::create(b, indices.value, at);
        to[*axis] = wrapIndex(b, index, extent);
        return to;
      });
}

/// data[indices[q..].., s..] takes updates[q.., s..].
static LogicalResult lowerScatterND(Lowering &l, Node node) {
  SymTensor data = l.get(node.input(0)), indices = l.get(node.input(1));
  SymTensor updates = l.get(node.input(2));
  auto depth = indices.rank() ? indices.dims.back().constant() : std::nullopt;
  if (!depth || *depth > data.rank())
    return l.error(node, "the last extent of the indices must be constant and "
                         "fit the data's rank " +
                             Twine(data.rank()));
  SymDims expected(ArrayRef(indices.dims).drop_back());
  expected.append(data.dims.begin() + *depth, data.dims.end());
  if (expected.size() != updates.dims.size())
    return l.error(node, "the updates have rank " + Twine(updates.rank()) +
                             ", data and indices ask for " +
                             Twine(expected.size()));
  for (auto [mine, wanted] : llvm::zip(updates.dims, expected))
    l.checkEqual(mine, wanted,
                 "ScatterND: the updates' shape does not fit data and indices");
  IndexTuples tuples(l, node, node.input(1), indices,
                     ArrayRef(data.dims).take_front(*depth));
  int64_t leading = indices.rank() - 1;
  return scatter(
      l, node, data, updates, [&](ImplicitLocOpBuilder &b, ValueRange at) {
        SmallVector<Value> to;
        tuples.read(b, at.take_front(leading), to);
        llvm::append_range(to, at.drop_front(leading));
        return to;
      });
}

void moec::addScatterLowerings(llvm::StringMap<NodeLowering> &table) {
  table["ScatterElements"] = lowerScatterElements;
  table["ScatterND"] = lowerScatterND;
}
