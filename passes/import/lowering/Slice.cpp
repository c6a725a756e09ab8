//===- Slice.cpp - Slices of a tensor -------------------------------------===//
//
// Forward slices of known axes are views; backward ones and those whose axes or
// steps only the run knows pick their elements one by one.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Indices.h"
#include "passes/import/shapes/Slices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
/// What one axis keeps: `extent` elements start, start + step, ...
struct Picked {
  Value start, step, extent;
};
} // namespace

static Value least(ImplicitLocOpBuilder &b, Value x, Value y) {
  return arith::MinSIOp::create(b, x, y);
}
static Value greatest(ImplicitLocOpBuilder &b, Value x, Value y) {
  return arith::MaxSIOp::create(b, x, y);
}
static Value isNegative(ImplicitLocOpBuilder &b, Value x) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, zero);
}

/// ONNX's rules for run-time starts, ends and steps: forward both positions are
/// clamped to 0..dim, backward to 0..dim-1 and -1..dim-1.
static Picked pick(ImplicitLocOpBuilder &b, const AxisSlice &slice, Lowering &l,
                   Value dim) {
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value step = l.index(slice.stepSym);
  Value isBack = isNegative(b, step);
  Value last = arith::SubIOp::create(b, dim, one);
  auto fromFront = [&](Sym position) -> Value {
    Value value = l.index(position);
    Value wrapped = arith::AddIOp::create(b, value, dim);
    return arith::SelectOp::create(b, isNegative(b, value), wrapped, value);
  };
  Value limit = arith::SelectOp::create(b, isBack, last, dim);
  Value first = least(b, greatest(b, fromFront(slice.start), zero), limit);
  Value lowest = arith::SelectOp::create(
      b, isBack, arith::ConstantIndexOp::create(b, -1), zero);
  Value end = least(b, greatest(b, fromFront(slice.end), lowest), limit);
  Value span = arith::SubIOp::create(b, end, first);
  Value extent = greatest(b, arith::CeilDivSIOp::create(b, span, step), zero);
  return {first, step, extent};
}

/// The entries that may concern `axis`, one after another.
static Picked pickAxis(Lowering &l, ArrayRef<AxisSlice> slices, int64_t rank,
                       int64_t axis, Value dim) {
  ImplicitLocOpBuilder &b = l.b;
  Picked result = {arith::ConstantIndexOp::create(b, 0),
                   arith::ConstantIndexOp::create(b, 1), dim};
  for (const AxisSlice &slice : slices) {
    if (slice.axis && *slice.axis != axis)
      continue;
    Picked mine = pick(b, slice, l, dim);
    if (slice.axis) {
      result = mine;
      continue;
    }
    Value rankValue = arith::ConstantIndexOp::create(b, rank);
    Value named = wrapIndex(b, l.index(slice.axisSym), rankValue);
    Value isMine = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, named,
                                         arith::ConstantIndexOp::create(b, axis));
    auto either = [&](Value x, Value y) -> Value {
      return arith::SelectOp::create(b, isMine, x, y);
    };
    result = {either(mine.start, result.start), either(mine.step, result.step),
              either(mine.extent, result.extent)};
  }
  return result;
}

/// Run-time axes must exist and run-time steps must not be 0.
static void checkSlices(Lowering &l, ArrayRef<AxisSlice> slices, int64_t rank) {
  ImplicitLocOpBuilder &b = l.b;
  for (const AxisSlice &slice : slices) {
    if (!slice.axis) {
      Value at = wrapIndex(b, l.index(slice.axisSym),
                           arith::ConstantIndexOp::create(b, rank));
      Value in = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, at,
                                       arith::ConstantIndexOp::create(b, rank));
      l.check(in, "Slice: an axis is out of range");
    }
    if (!slice.step) {
      Value zero = arith::ConstantIndexOp::create(b, 0);
      l.check(arith::CmpIOp::create(b, arith::CmpIPredicate::ne,
                                    l.index(slice.stepSym), zero),
              "Slice: a step is 0");
    }
  }
}

static SymTensor pickElements(Lowering &l, Node node, const SymTensor &x,
                              ArrayRef<AxisSlice> slices) {
  checkSlices(l, slices, x.rank());
  SmallVector<Picked> picked;
  SymDims dims;
  for (auto [axis, dim] : llvm::enumerate(x.dims)) {
    picked.push_back(pickAxis(l, slices, x.rank(), axis, l.index(dim)));
    dims.push_back(
        settleExtent(l, node, node.output(), axis, picked.back().extent));
  }
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange at) -> Value {
    SmallVector<Value> from;
    for (auto [position, axis] : llvm::zip(at, picked)) {
      Value moved = arith::MulIOp::create(b, position, axis.step);
      from.push_back(arith::AddIOp::create(b, axis.start, moved));
    }
    return tensor::ExtractOp::create(b, x.value, from);
  };
  return l.generate(dims, x.element(), body);
}

static LogicalResult lowerSlice(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  auto slices = readSlices(l.shapes, node, x.rank());
  if (failed(slices))
    return failure();
  if (!llvm::all_of(*slices, [](const AxisSlice &s) { return s.isForward(); }))
    return l.set(node.output(), pickElements(l, node, x, *slices)), success();
  for (const AxisSlice &slice : *slices) {
    int64_t axis = *slice.axis;
    Sym start = clampPosition(l.syms(), slice.start, x.dims[axis]);
    Sym extent = l.shapes.dim(node.output(), axis);
    if (!start || !clampPosition(l.syms(), slice.end, x.dims[axis])) {
      Picked picked = pick(l.b, slice, l, l.index(x.dims[axis]));
      start = l.own(picked.start);
      extent = settleExtent(l, node, node.output(), axis, picked.extent);
    }
    x = l.slice(x, axis, start, extent, *slice.step);
  }
  l.set(node.output(), x);
  return success();
}

void moec::addSliceLowerings(llvm::StringMap<NodeLowering> &table) {
  table["Slice"] = lowerSlice;
}
