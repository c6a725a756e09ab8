#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

Value moec::toIndex(ImplicitLocOpBuilder &b, Value integer, bool isUnsigned) {
  if (integer.getType().isIndex())
    return integer;
  if (isUnsigned)
    return arith::IndexCastUIOp::create(b, b.getIndexType(), integer);
  return arith::IndexCastOp::create(b, b.getIndexType(), integer);
}

Value moec::wrapIndex(ImplicitLocOpBuilder &b, Value position, Value extent) {
  Value at = toIndex(b, position);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value isNegative =
      arith::CmpIOp::create(b, arith::CmpIPredicate::slt, at, zero);
  Value wrapped = arith::AddIOp::create(b, at, extent);
  return arith::SelectOp::create(b, isNegative, wrapped, at);
}

/// True if every element of an onnx value is known to be a position of an axis
/// of this extent, whatever the run brings.
static bool arePositions(Lowering &l, Value value, Sym extent) {
  if (auto known = value ? onnx::constantIntegers(value) : std::nullopt) {
    auto size = extent.constant();
    return size && llvm::all_of(*known, [&](int64_t position) {
             return normalizeAxis(position, *size).has_value();
           });
  }
  Node node = Node::defining(value);
  if (!node)
    return false;
  // What keeps the elements, in any order.
  for (StringRef view :
       {"Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"})
    if (node.is(view))
      return arePositions(l, node.input(0), extent);
  if (!node.is("TopK") || value != node.output(1))
    return false;
  auto axis =
      normalizeAxis(node.integer("axis", -1), l.shapes.rank(node.input(0)));
  return axis && l.shapes.dim(node.input(0), *axis) == extent;
}

static void checkRange(Lowering &l, Node node, const SymTensor &indices,
                       Value extent) {
  SymTensor isBad = l.elementwise(
      indices, l.b.getI1Type(), [&](ImplicitLocOpBuilder &b, ValueRange v) {
        Value at = toIndex(b, v[0]);
        // In [-n, n) iff at + n, as an unsigned number, is below 2n.
        Value shifted = arith::AddIOp::create(b, at, extent);
        Value limit = arith::AddIOp::create(b, extent, extent);
        return arith::CmpIOp::create(b, arith::CmpIPredicate::uge, shifted,
                                     limit)
            .getResult();
      });
  auto axes = llvm::to_vector(llvm::seq<int64_t>(0, indices.rank()));
  SymTensor any =
      l.reduce(isBad, axes, l.zero(l.b.getI1Type()),
               [](ImplicitLocOpBuilder &b, ValueRange v) {
                 return arith::OrIOp::create(b, v[0], v[1]).getResult();
               });
  Value bad = l.scalar(any);
  Value good = arith::XOrIOp::create(l.b, bad, l.number(l.b.getI1Type(), 1));
  l.check(good, Twine(node.kind()) + ": an index is out of range");
}

void moec::checkIndices(Lowering &l, Node node, Value source,
                        const SymTensor &indices, Sym extent) {
  if (!arePositions(l, source, extent))
    checkRange(l, node, indices, l.index(extent));
}

IndexTuples::IndexTuples(Lowering &l, Node node, Value source,
                         const SymTensor &indices, ArrayRef<Sym> extents)
    : indices(indices.value) {
  for (auto [i, extent] : llvm::enumerate(extents)) {
    SymTensor component = l.slice(indices, indices.rank() - 1,
                                  l.syms().constant(i), l.syms().constant(1));
    checkIndices(l, node, extents.size() == 1 ? source : Value(), component,
                 extent);
    this->extents.push_back(l.index(extent));
  }
}

void IndexTuples::read(ImplicitLocOpBuilder &b, ValueRange at,
                       SmallVectorImpl<Value> &positions) const {
  SmallVector<Value> place(at);
  place.emplace_back();
  for (auto [i, extent] : llvm::enumerate(extents)) {
    place.back() = arith::ConstantIndexOp::create(b, i);
    Value position = tensor::ExtractOp::create(b, indices, place);
    positions.push_back(wrapIndex(b, position, extent));
  }
}

//===----------------------------------------------------------------------===//
// Extents
//===----------------------------------------------------------------------===//

void moec::checkExtents(Lowering &l, Node node, ArrayRef<Sym> dims) {
  for (Sym dim : dims) {
    if (l.syms().isNonNegative(dim))
      continue;
    Value zero = arith::ConstantIndexOp::create(l.b, 0);
    l.check(arith::CmpIOp::create(l.b, arith::CmpIPredicate::sge, l.index(dim),
                                  zero),
            Twine(node.kind()) + ": an extent is negative");
  }
}

void moec::checkAtMost(Lowering &l, Sym part, Sym whole, const Twine &message) {
  if (!l.syms().isAtMost(part, whole))
    l.check(arith::CmpIOp::create(l.b, arith::CmpIPredicate::sle, l.index(part),
                                  l.index(whole)),
            message);
}

bool moec::isOwnExtent(Lowering &l, Value output, int64_t axis) {
  auto id = l.syms().singleAtom(l.shapes.dim(output, axis));
  return id && l.syms().atom(*id).kind == SymAtom::Dim &&
         l.syms().atom(*id).source == output;
}

Sym moec::settleExtent(Lowering &l, Node node, Value output, int64_t axis,
                       Value extent) {
  Sym computed = l.own(extent);
  if (isOwnExtent(l, output, axis))
    return computed;
  Sym known = l.shapes.dim(output, axis);
  l.checkEqual(computed, known,
               Twine(node.kind()) + ": axis " + Twine(axis) +
                   " of the result has another extent than the model declares");
  return known;
}

//===----------------------------------------------------------------------===//
// Walks
//===----------------------------------------------------------------------===//

SymTensor moec::walk(Lowering &l, ArrayRef<Sym> dims, const SymTensor &start,
                     WalkBody body) {
  Value zero = arith::ConstantIndexOp::create(l.b, 0);
  Value one = arith::ConstantIndexOp::create(l.b, 1);
  SmallVector<Value> low(dims.size(), zero), high, step(dims.size(), one);
  for (Sym dim : dims)
    high.push_back(l.index(dim));
  scf::LoopNest nest = scf::buildLoopNest(
      l.b, l.b.getLoc(), low, high, step, start.value,
      [&](OpBuilder &nested, Location loc, ValueRange at, ValueRange state) {
        ImplicitLocOpBuilder inner(loc, nested);
        return scf::ValueVector{body(inner, at, state[0])};
      });
  return {nest.results[0], start.dims};
}
