//===- Reduction.cpp - Reductions, softmax, arg max -----------------------===//

#include "passes/import/lowering/Indices.h"
#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <limits>

using namespace mlir;
using namespace moec;
using onnx::Node;

static Value multiply(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::MulFOp::create(b, x, y);
  return arith::MulIOp::create(b, x, y);
}

/// The least (or greatest) value of a type: the start of a max (or min).
static Value extreme(Lowering &l, Type type, bool least, bool isUnsigned) {
  if (isa<FloatType>(type))
    return l.number(type, (least ? -1 : 1) * std::numeric_limits<double>::infinity());
  unsigned bits = type.getIntOrFloatBitWidth();
  APInt value = isUnsigned || bits == 1
                    ? (least ? APInt::getZero(bits) : APInt::getMaxValue(bits))
                    : (least ? APInt::getSignedMinValue(bits)
                             : APInt::getSignedMaxValue(bits));
  return arith::ConstantOp::create(l.b, l.b.getIntegerAttr(type, value));
}

static Value pickExtreme(ImplicitLocOpBuilder &b, Value x, Value y, bool greatest,
                         bool isUnsigned) {
  if (isa<FloatType>(x.getType()))
    return greatest ? arith::MaximumFOp::create(b, x, y).getResult()
                    : arith::MinimumFOp::create(b, x, y).getResult();
  if (isUnsigned || x.getType().isInteger(1))
    return greatest ? arith::MaxUIOp::create(b, x, y).getResult()
                    : arith::MinUIOp::create(b, x, y).getResult();
  return greatest ? arith::MaxSIOp::create(b, x, y).getResult()
                  : arith::MinSIOp::create(b, x, y).getResult();
}

static Value absolute(ImplicitLocOpBuilder &b, Value x) {
  if (isa<FloatType>(x.getType()))
    return math::AbsFOp::create(b, x);
  return math::AbsIOp::create(b, x);
}

/// log(exp(x) + exp(y)), where no power overflows.
static Value addPowers(ImplicitLocOpBuilder &b, Value x, Value y) {
  Value larger = arith::MaximumFOp::create(b, x, y);
  Value gap = absolute(b, arith::SubFOp::create(b, x, y));
  Value rest = math::Log1pOp::create(
      b, math::ExpOp::create(b, arith::NegFOp::create(b, gap)));
  // Of two equal infinities the gap is not a number.
  Value infinity = arith::ConstantOp::create(
      b, b.getFloatAttr(x.getType(), std::numeric_limits<double>::infinity()));
  Value isInfinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ,
                                           absolute(b, larger), infinity);
  return arith::SelectOp::create(b, isInfinite, larger,
                                 arith::AddFOp::create(b, larger, rest));
}

namespace {
/// Where an accumulation starts and how it takes in an element.
struct Reducer {
  Value start;
  ScalarBody body; ///< (element, accumulator)
};
} // namespace

static Reducer reducerOf(Lowering &l, StringRef kind, Type type, bool isUnsigned) {
  if (kind == "ReduceMax" || kind == "ReduceMin") {
    bool greatest = kind == "ReduceMax";
    return {extreme(l, type, greatest, isUnsigned),
            [=](ImplicitLocOpBuilder &b, ValueRange v) {
              return pickExtreme(b, v[0], v[1], greatest, isUnsigned);
            }};
  }
  if (kind == "ReduceProd")
    return {l.number(type, 1), [](ImplicitLocOpBuilder &b, ValueRange v) {
              return multiply(b, v[0], v[1]);
            }};
  if (kind == "ReduceLogSumExp")
    return {extreme(l, type, /*least=*/true, isUnsigned),
            [](ImplicitLocOpBuilder &b, ValueRange v) {
              return addPowers(b, v[0], v[1]);
            }};
  bool squares = kind == "ReduceSumSquare" || kind == "ReduceL2";
  bool magnitudes = kind == "ReduceL1" && !isUnsigned;
  return {l.zero(type), [=](ImplicitLocOpBuilder &b, ValueRange v) {
            Value term = squares      ? multiply(b, v[0], v[0])
                         : magnitudes ? absolute(b, v[0])
                                      : v[0];
            return addReassociated(b, term, v[1]);
          }};
}

static SymTensor reduceBy(Lowering &l, StringRef kind, const SymTensor &x,
                          ArrayRef<int64_t> axes, bool isUnsigned) {
  Reducer reducer = reducerOf(l, kind, x.element(), isUnsigned);
  return l.reduce(x, axes, reducer.start, reducer.body);
}

/// Per axis of x whether the node's axes input, which only the run knows, names
/// it (i1).
static SmallVector<Value> reducedAxes(Lowering &l, Node node, int64_t rank) {
  ImplicitLocOpBuilder &b = l.b;
  SmallVector<Value> reduced(rank, l.zero(b.getI1Type()));
  SymTensor axes = l.get(node.input(1));
  Value limit = arith::ConstantIndexOp::create(b, rank);
  checkIndices(l, node, node.input(1), axes, l.syms().constant(rank));
  for (int64_t i = 0; i < *axes.dims[0].constant(); ++i) {
    Value position = arith::ConstantIndexOp::create(b, i);
    Value named = wrapIndex(
        b, tensor::ExtractOp::create(b, axes.value, position), limit);
    for (auto [axis, isReduced] : llvm::enumerate(reduced)) {
      Value isMine = arith::CmpIOp::create(
          b, arith::CmpIPredicate::eq, named,
          arith::ConstantIndexOp::create(b, axis));
      isReduced = arith::OrIOp::create(b, isReduced, isMine);
    }
  }
  return reduced;
}

/// The extents of the axes that are not reduced, in order: the axes are an input,
/// and keepdims is 0.
static void settleRemaining(Lowering &l, Node node, const SymTensor &x,
                            ArrayRef<Value> reduced, SymDims &dims) {
  ImplicitLocOpBuilder &b = l.b;
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1), place = zero;
  SmallVector<Value> extents(dims.size(), zero);
  for (auto [dim, isReduced] : llvm::zip(x.dims, reduced)) {
    Value next = arith::AddIOp::create(
        b, place, arith::SelectOp::create(b, isReduced, zero, one));
    for (auto [i, extent] : llvm::enumerate(extents)) {
      Value at = arith::ConstantIndexOp::create(b, i);
      Value isPlace = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, at);
      Value mine = arith::SelectOp::create(b, isReduced, extent, l.index(dim));
      extent = arith::SelectOp::create(b, isPlace, mine, extent);
    }
    place = next;
  }
  Value rank = arith::ConstantIndexOp::create(b, dims.size());
  l.check(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, place, rank),
          Twine(node.kind()) + ": an axis is repeated");
  for (auto [axis, extent] : llvm::enumerate(extents))
    dims[axis] = settleExtent(l, node, node.output(), axis, extent);
}

/// Every element goes to the position with 0 on the reduced axes, which keep
/// extent 1. `count` becomes the number of elements in each sum.
static SymTensor reduceAlongInput(Lowering &l, const SymTensor &x,
                                  ArrayRef<Value> reduced,
                                  const Reducer &reducer, Sym &count) {
  ImplicitLocOpBuilder &b = l.b;
  Value one = arith::ConstantIndexOp::create(b, 1), product = one;
  SymDims kept;
  for (auto [dim, isReduced] : llvm::zip(x.dims, reduced)) {
    Value extent = l.index(dim);
    kept.push_back(
        l.own(arith::SelectOp::create(b, isReduced, one, extent)));
    Value factor = arith::SelectOp::create(b, isReduced, extent, one);
    product = arith::MulIOp::create(b, product, factor);
  }
  count = l.own(product);
  return walk(l, x.dims, l.splat(kept, reducer.start),
              [&](ImplicitLocOpBuilder &n, ValueRange at, Value state) -> Value {
                Value zero = arith::ConstantIndexOp::create(n, 0);
                SmallVector<Value> to;
                for (auto [position, isReduced] : llvm::zip(at, reduced))
                  to.push_back(
                      arith::SelectOp::create(n, isReduced, zero, position));
                Value element = tensor::ExtractOp::create(n, x.value, at);
                Value sum = tensor::ExtractOp::create(n, state, to);
                Value next = reducer.body(n, {element, sum});
                return tensor::InsertOp::create(n, next, state, to);
              });
}

/// One function of each element.
template <typename Op>
static SymTensor elementwise(Lowering &l, const SymTensor &x) {
  return l.elementwise(x, x.element(),
                       [](ImplicitLocOpBuilder &b, ValueRange v) {
                         return Op::create(b, v[0]).getResult();
                       });
}

/// Divides sums by the number of elements that went into each.
static SymTensor divideByCount(Lowering &l, const SymTensor &sum, Sym count) {
  Value n = arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.index(count));
  bool real = isa<FloatType>(sum.element());
  Value divisor = real ? arith::SIToFPOp::create(l.b, sum.element(), n).getResult()
                       : n;
  return l.elementwise(sum, sum.element(),
                       [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                         if (real)
                           return arith::DivFOp::create(b, v[0], divisor);
                         Value d = divisor;
                         if (sum.element() != d.getType())
                           d = arith::TruncIOp::create(b, sum.element(), d);
                         return arith::DivSIOp::create(b, v[0], d);
                       });
}

/// Without axes the element-wise part of the operator remains.
static SymTensor reduceNothing(Lowering &l, Node node, const SymTensor &x,
                               bool isUnsigned) {
  if (node.is("ReduceSumSquare"))
    return l.mul(x, x);
  if (!isUnsigned && (node.is("ReduceL1") || node.is("ReduceL2")))
    return l.elementwise(x, x.element(),
                         [](ImplicitLocOpBuilder &b, ValueRange v) {
                           return absolute(b, v[0]);
                         });
  if (node.is("ReduceLogSum"))
    return elementwise<math::LogOp>(l, x);
  return x;
}

/// What follows the accumulation of `count` elements each.
static SymTensor finish(Lowering &l, Node node, const SymTensor &sum, Sym count) {
  if (node.is("ReduceMean"))
    return divideByCount(l, sum, count);
  if (node.is("ReduceL2"))
    return elementwise<math::SqrtOp>(l, sum);
  if (node.is("ReduceLogSum"))
    return elementwise<math::LogOp>(l, sum);
  return sum;
}

static LogicalResult lowerReduce(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  Type element = x.element();
  bool isUnsigned = Lowering::onnxElement(node.input(0)).isUnsignedInteger();
  auto axes = axesOf(node, 1, x.rank(), l.shapes);
  if (axes && axes->empty() && node.integer("noop_with_empty_axes", 0))
    return l.set(node.output(), reduceNothing(l, node, x, isUnsigned)),
           success();
  if (axes && axes->empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, x.rank()));
  bool narrow = isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 32;
  if (narrow)
    x = l.cast(x, l.b.getF32Type());
  Reducer reducer = reducerOf(l, node.kind(), x.element(), isUnsigned);
  Sym count = l.syms().constant(1);
  SymTensor result;
  SymDims dims(l.shapes.dims(node.output()));
  if (axes) {
    for (int64_t axis : *axes)
      count = l.syms().mul(count, x.dims[axis]);
    result = l.reduce(x, *axes, reducer.start, reducer.body);
  } else {
    SmallVector<Value> reduced = reducedAxes(l, node, x.rank());
    result = reduceAlongInput(l, x, reduced, reducer, count);
    if (!node.integer("keepdims", 1))
      settleRemaining(l, node, x, reduced, dims);
    else
      for (auto [axis, extent] : llvm::enumerate(result.dims))
        dims[axis] =
            settleExtent(l, node, node.output(), axis, l.index(extent));
  }
  result = l.cast(finish(l, node, result, count), element);
  l.set(node.output(), l.reshape(result, dims));
  return success();
}

SymTensor Lowering::softmax(const SymTensor &x, int64_t axis) {
  SymTensor wide = cast(x, x.element().isF64() ? x.element() : b.getF32Type());
  SymDims kept = x.dims;
  kept[axis] = syms().constant(1);
  SymTensor peak =
      reshape(reduceBy(*this, "ReduceMax", wide, axis, false), kept);
  SymTensor powers = elementwise(
      {wide, peak}, wide.element(), [](ImplicitLocOpBuilder &inner, ValueRange v) {
        Value shifted = arith::SubFOp::create(inner, v[0], v[1]);
        return math::ExpOp::create(inner, shifted).getResult();
      });
  SymTensor sum =
      reshape(reduceBy(*this, "ReduceSum", powers, axis, false), kept);
  SymTensor result = elementwise(
      {powers, sum}, wide.element(), [](ImplicitLocOpBuilder &inner, ValueRange v) {
        return arith::DivFOp::create(inner, v[0], v[1]).getResult();
      });
  return cast(result, x.element());
}

/// Before opset 13 Softmax works on the matrix [..axis), [axis..).
static LogicalResult lowerSoftmax(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  bool asMatrix = node.opset() < 13;
  int64_t axis = node.integer("axis", asMatrix ? 1 : -1);
  if (asMatrix) {
    axis = axis < 0 ? axis + x.rank() : axis;
    Sym outer = l.syms().constant(1), inner = outer;
    for (int64_t i = 0; i < x.rank(); ++i)
      (i < axis ? outer : inner) =
          l.syms().mul(i < axis ? outer : inner, x.dims[i]);
    SymTensor result = l.softmax(l.reshape(x, {outer, inner}), 1);
    return l.set(node.output(), l.reshape(result, x.dims)), success();
  }
  auto normalized = normalizeAxis(axis, x.rank());
  if (!normalized)
    return l.error(node, "axis " + Twine(axis) + " is out of range for rank " +
                             Twine(x.rank()));
  l.set(node.output(), l.softmax(x, *normalized));
  return success();
}

/// One pass that carries (best value, its index).
static LogicalResult lowerArg(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  bool greatest = node.is("ArgMax"), last = node.integer("select_last_index", 0);
  int64_t axis = *normalizeAxis(node.integer("axis", 0), x.rank());
  bool isUnsigned = Lowering::onnxElement(node.input(0)).isUnsignedInteger();
  SymDims dims;
  SmallVector<AffineExpr> kept;
  SmallVector<utils::IteratorType> iterators(x.rank(),
                                             utils::IteratorType::parallel);
  iterators[axis] = utils::IteratorType::reduction;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (i != axis) {
      dims.push_back(x.dims[i]);
      kept.push_back(l.b.getAffineDimExpr(i));
    }
  Value start = extreme(l, x.element(), greatest, isUnsigned);
  SymTensor best = l.splat(dims, start);
  SymTensor where = l.splat(dims, l.number(l.b.getI64Type(), 0));
  AffineMap keptMap = AffineMap::get(x.rank(), 0, kept, l.b.getContext());
  SmallVector<AffineMap> maps = {l.b.getMultiDimIdentityMap(x.rank()), keptMap,
                                 keptMap};
  auto generic = linalg::GenericOp::create(
      l.b, TypeRange{best.type(), where.type()}, x.value,
      ValueRange{best.value, where.value}, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange v) {
        ImplicitLocOpBuilder b(loc, nested);
        Value at = arith::IndexCastOp::create(b, b.getI64Type(),
                                              linalg::IndexOp::create(b, axis));
        Value isBetter;
        if (isa<FloatType>(x.element())) {
          auto predicate = greatest ? (last ? arith::CmpFPredicate::OGE
                                            : arith::CmpFPredicate::OGT)
                                    : (last ? arith::CmpFPredicate::OLE
                                            : arith::CmpFPredicate::OLT);
          isBetter = arith::CmpFOp::create(b, predicate, v[0], v[1]);
        } else {
          using I = arith::CmpIPredicate;
          auto predicate =
              greatest ? (last ? (isUnsigned ? I::uge : I::sge)
                               : (isUnsigned ? I::ugt : I::sgt))
                       : (last ? (isUnsigned ? I::ule : I::sle)
                               : (isUnsigned ? I::ult : I::slt));
          isBetter = arith::CmpIOp::create(b, predicate, v[0], v[1]);
        }
        Value value = arith::SelectOp::create(b, isBetter, v[0], v[1]);
        Value index = arith::SelectOp::create(b, isBetter, at, v[2]);
        linalg::YieldOp::create(b, ValueRange{value, index});
      });
  SymTensor result{generic.getResult(1), dims};
  l.set(node.output(), l.reshape(result, l.shapes.dims(node.output())));
  return success();
}

void moec::addReductionLowerings(llvm::StringMap<NodeLowering> &table) {
  for (StringRef kind :
       {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
        "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
        "ReduceSumSquare"})
    table[kind] = lowerReduce;
  table["ArgMax"] = table["ArgMin"] = lowerArg;
  table["Softmax"] = lowerSoftmax;
}
