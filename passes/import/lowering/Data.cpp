//===- Data.cpp - Operators that move data whole --------------------------===//

#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// Shape and Size are folded before any lowering is asked for, unless the
/// analysis does not keep contents of that many elements.
static LogicalResult rejectContents(Lowering &l, Node node) {
  return l.error(node, "has more dimensions than moec folds");
}

/// Everything that keeps the row-major order of the elements.
static LogicalResult lowerSameOrder(Lowering &l, Node node) {
  l.set(node.output(),
        l.reshape(l.get(node.input(0)), l.shapes.dims(node.output())));
  return success();
}

/// The new shape may be data: -1 is what is left over, 0 copies the extent
/// unless `allowzero`.
static LogicalResult lowerReshape(Lowering &l, Node node) {
  ImplicitLocOpBuilder &b = l.b;
  SymTensor x = l.get(node.input(0));
  SymDims dims(l.shapes.dims(node.output()));
  bool hasOwn = llvm::any_of(llvm::seq<int64_t>(0, dims.size()), [&](int64_t axis) {
    return isOwnExtent(l, node.output(), axis);
  });
  if (!hasOwn)
    return lowerSameOrder(l, node);
  SymDims target = *l.shapes.contentsOrAtoms(node.input(1));
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1), known = one;
  auto equals = [&](Value x, int64_t y) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x,
                                 arith::ConstantIndexOp::create(b, y));
  };
  SmallVector<Value> extents;
  for (auto [axis, wanted] : llvm::enumerate(target)) {
    Value extent = l.index(wanted);
    if (axis < x.dims.size() && !node.integer("allowzero", 0))
      extent = arith::SelectOp::create(b, equals(extent, 0),
                                       l.index(x.dims[axis]), extent);
    extents.push_back(extent);
    Value factor = arith::SelectOp::create(b, equals(extent, -1), one, extent);
    known = arith::MulIOp::create(b, known, factor);
  }
  Value isEmpty = equals(known, 0);
  Value divisor = arith::SelectOp::create(b, isEmpty, one, known);
  Value left = arith::DivSIOp::create(
      b, l.index(l.shapes.elements(node.input(0))), divisor);
  left = arith::SelectOp::create(b, isEmpty, zero, left);
  for (auto [axis, extent] : llvm::enumerate(extents)) {
    Value settled = arith::SelectOp::create(b, equals(extent, -1), left, extent);
    dims[axis] = settleExtent(l, node, node.output(), axis, settled);
  }
  checkExtents(l, node, dims);
  l.set(node.output(), l.reshape(x, dims));
  return success();
}

static LogicalResult lowerTranspose(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  SmallVector<int64_t> perm = node.integers("perm");
  if (perm.empty())
    for (int64_t axis = x.rank(); axis-- > 0;)
      perm.push_back(axis);
  for (int64_t &axis : perm)
    axis = *normalizeAxis(axis, x.rank());
  l.set(node.output(), l.transpose(x, perm));
  return success();
}

static LogicalResult lowerExpand(Lowering &l, Node node) {
  checkExtents(l, node, l.shapes.dims(node.output()));
  l.set(node.output(),
        l.broadcastTo(l.get(node.input(0)), l.shapes.dims(node.output())));
  return success();
}

static LogicalResult lowerConcat(Lowering &l, Node node) {
  SmallVector<SymTensor> operands;
  for (unsigned i = 0; i < node.inputs(); ++i)
    operands.push_back(l.get(node.input(i)));
  int64_t axis = *normalizeAxis(node.integer("axis", 1), operands[0].rank());
  l.set(node.output(), l.concat(operands, axis));
  return success();
}

static LogicalResult lowerSplit(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  int64_t axis = *normalizeAxis(node.integer("axis", 0), x.rank());
  Sym offset = l.syms().constant(0), sum = offset;
  for (unsigned i = 0; i < node.outputs(); ++i)
    sum = l.syms().add(sum, l.shapes.dim(node.output(i), axis));
  l.checkEqual(sum, x.dims[axis], "Split: the parts do not add up to the axis");
  for (unsigned i = 0; i < node.outputs(); ++i) {
    Sym extent = l.shapes.dim(node.output(i), axis);
    checkExtents(l, node, extent);
    l.set(node.output(i), l.slice(x, axis, offset, extent));
    offset = l.syms().add(offset, extent);
  }
  return success();
}

/// Each axis repeats: result[i] = x[i mod extent].
static LogicalResult lowerTile(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  ArrayRef<Sym> dims = l.shapes.dims(node.output());
  checkExtents(l, node, dims);
  SmallVector<Value> extents;
  for (auto [mine, full] : llvm::zip(x.dims, dims))
    extents.push_back(mine == full ? Value() : l.index(mine));
  l.set(node.output(),
        l.generate(dims, x.element(), [&](ImplicitLocOpBuilder &b, ValueRange at) {
          SmallVector<Value> from;
          for (auto [position, extent] : llvm::zip(at, extents))
            from.push_back(extent ? arith::RemUIOp::create(b, position, extent)
                                        .getResult()
                                  : position);
          return tensor::ExtractOp::create(b, x.value, from).getResult();
        }));
  return success();
}

static LogicalResult lowerConstantOfShape(Lowering &l, Node node) {
  Type element = Lowering::signless(Lowering::onnxElement(node.output()));
  auto value = node.operation()->getAttrOfType<DenseElementsAttr>("value");
  Attribute scalar = l.b.getZeroAttr(element);
  if (value && isa<FloatType>(element))
    scalar = *value.getValues<Attribute>().begin();
  else if (value)
    scalar = l.b.getIntegerAttr(element, *value.getValues<APInt>().begin());
  checkExtents(l, node, l.shapes.dims(node.output()));
  Value fill = arith::ConstantOp::create(l.b, cast<TypedAttr>(scalar));
  l.set(node.output(), l.splat(l.shapes.dims(node.output()), fill));
  return success();
}

/// start + i * delta; the length of a float range is known only here.
static LogicalResult lowerRange(Lowering &l, Node node) {
  ImplicitLocOpBuilder &b = l.b;
  Value start = l.scalar(l.get(node.input(0)));
  Value delta = l.scalar(l.get(node.input(2)));
  Type element = start.getType();
  bool real = isa<FloatType>(element);
  Sym length = l.shapes.dim(node.output(), 0);
  Value extent;
  if (isOwnExtent(l, node.output(), 0)) {
    // max(ceil((limit - start) / delta), 0), in f64 for every type.
    Value limit = l.scalar(l.get(node.input(1)));
    auto wide = [&](Value v) -> Value {
      if (!real)
        return arith::SIToFPOp::create(b, b.getF64Type(), v);
      return v.getType().isF64() ? v
                                 : arith::ExtFOp::create(b, b.getF64Type(), v)
                                       .getResult();
    };
    Value span = arith::SubFOp::create(b, wide(limit), wide(start));
    Value steps = arith::DivFOp::create(b, span, wide(delta));
    Value count = l.number(b.getF64Type(), 0);
    steps = arith::MaximumFOp::create(b, steps, count);
    Value whole = arith::FPToSIOp::create(b, b.getI64Type(), steps);
    Value back = arith::SIToFPOp::create(b, b.getF64Type(), whole);
    Value isLess = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, back, steps);
    Value extra = arith::ExtUIOp::create(b, b.getI64Type(), isLess);
    extent = arith::IndexCastOp::create(b, b.getIndexType(),
                                        arith::AddIOp::create(b, whole, extra));
  } else {
    extent = l.index(length);
  }
  auto type = tensorTypeOf({length}, element);
  auto generate = tensor::GenerateOp::create(
      b, type, type.hasStaticShape() ? ValueRange() : ValueRange(extent),
      [&](OpBuilder &nested, Location loc, ValueRange at) {
        ImplicitLocOpBuilder inner(loc, nested);
        Value i = arith::IndexCastOp::create(inner, inner.getI64Type(), at[0]);
        Value value;
        if (real) {
          Value x = arith::SIToFPOp::create(inner, element, i);
          value = arith::AddFOp::create(inner, start,
                                        arith::MulFOp::create(inner, x, delta));
        } else {
          Value x = element.isInteger(64)
                        ? i
                        : arith::TruncIOp::create(inner, element, i).getResult();
          value = arith::AddIOp::create(inner, start,
                                        arith::MulIOp::create(inner, x, delta));
        }
        tensor::YieldOp::create(inner, value);
      });
  l.set(node.output(), generate);
  return success();
}

void moec::addDataLowerings(llvm::StringMap<NodeLowering> &table) {
  table["Shape"] = table["Size"] = rejectContents;
  table["Reshape"] = lowerReshape;
  for (StringRef kind : {"Flatten", "Squeeze", "Unsqueeze"})
    table[kind] = lowerSameOrder;
  table["Concat"] = lowerConcat;
  table["ConstantOfShape"] = lowerConstantOfShape;
  table["Expand"] = lowerExpand;
  table["Range"] = lowerRange;
  table["Split"] = lowerSplit;
  table["Tile"] = lowerTile;
  table["Transpose"] = lowerTranspose;
}
