//===- Sort.cpp - TopK, CumSum, NonZero -----------------------------------===//
//
// Operators whose elements depend on those before: kernels over rows, with the
// axis moved to the end.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Indices.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// Swaps an axis with the last one; its own inverse.
static SymTensor swapWithLast(Lowering &l, const SymTensor &x, int64_t axis) {
  auto perm = llvm::to_vector(llvm::seq<int64_t>(0, x.rank()));
  std::swap(perm[axis], perm.back());
  return l.transpose(x, perm);
}

/// The matrix [everything else, last axis].
static SymTensor asRows(Lowering &l, const SymTensor &x) {
  Sym rows = l.syms().constant(1);
  for (Sym dim : ArrayRef(x.dims).drop_back())
    rows = l.syms().mul(rows, dim);
  return l.reshape(x, {rows, x.dims.back()});
}

//===----------------------------------------------------------------------===//
// TopK
//===----------------------------------------------------------------------===//

/// Flips the highest bit: the order of unsigned numbers as that of signed ones.
static SymTensor flipSign(Lowering &l, const SymTensor &x) {
  unsigned bits = x.element().getIntOrFloatBitWidth();
  Value sign = arith::ConstantOp::create(
      l.b, l.b.getIntegerAttr(x.element(), APInt::getSignMask(bits)));
  return l.elementwise(x, x.element(), [&](ImplicitLocOpBuilder &b, ValueRange v) {
    return arith::XOrIOp::create(b, v[0], sign).getResult();
  });
}

static LogicalResult lowerTopK(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  int64_t axis = *normalizeAxis(node.integer("axis", -1), x.rank());
  bool isUnsigned = Lowering::onnxElement(node.input(0)).isUnsignedInteger();
  Sym extent = x.dims[axis], k = l.shapes.dim(node.output(0), axis);
  if (!node.has("k") && isOwnExtent(l, node.output(0), axis))
    k = l.own(toIndex(l.b, l.scalar(l.get(node.input(1)))));
  checkExtents(l, node, k);
  checkAtMost(l, k, extent, "TopK: k is larger than the axis");
  SymTensor rows = asRows(l, swapWithLast(l, isUnsigned ? flipSign(l, x) : x, axis));
  SmallVector<SymTensor> inits = {l.empty({rows.dims[0], k}, x.element()),
                                  l.empty({rows.dims[0], k}, l.b.getI64Type())};
  bool largest = node.integer("largest", 1);
  SmallVector<SymTensor> found =
      l.kernel("topk", rows.value, inits,
               l.b.getNamedAttr("largest", l.b.getBoolAttr(largest)));
  SymDims dims(x.dims);
  dims[axis] = dims.back();
  dims.back() = k;
  for (auto [i, part] : llvm::enumerate(found)) {
    SymTensor result = swapWithLast(l, l.reshape(part, dims), axis);
    l.set(node.output(i), i == 0 && isUnsigned ? flipSign(l, result) : result);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// CumSum
//===----------------------------------------------------------------------===//

/// The type to sum in: what the kernel has.
static Type sumType(Lowering &l, Type type) {
  if (isa<FloatType>(type))
    return type.isF64() ? type : l.b.getF32Type();
  return type.getIntOrFloatBitWidth() < 32 ? l.b.getI32Type() : type;
}

static SymTensor sumAlong(Lowering &l, Node node, const SymTensor &x,
                          int64_t axis) {
  SymTensor moved = swapWithLast(l, x, axis);
  SymTensor rows = asRows(l, moved);
  SmallVector<NamedAttribute> attributes;
  for (StringRef name : {"exclusive", "reverse"})
    attributes.push_back(
        l.b.getNamedAttr(name, l.b.getBoolAttr(node.integer(name, 0))));
  SymTensor sums = l.kernel("cumsum", rows.value,
                            l.empty(rows.dims, rows.element()), attributes);
  return swapWithLast(l, l.reshape(sums, moved.dims), axis);
}

/// The axis is an input that only the run knows: each element adds to its
/// predecessor on that axis.
static SymTensor sumAlongInput(Lowering &l, Node node, const SymTensor &x) {
  ImplicitLocOpBuilder &b = l.b;
  bool reverse = node.integer("reverse", 0), exclusive = node.integer("exclusive", 0);
  Value rank = arith::ConstantIndexOp::create(b, x.rank());
  Value axis = wrapIndex(b, l.scalar(l.get(node.input(1))), rank);
  l.check(arith::CmpIOp::create(b, arith::CmpIPredicate::ult, axis, rank),
          "CumSum: the axis is out of range");
  SmallVector<Value> last;
  Value one = arith::ConstantIndexOp::create(b, 1);
  for (Sym dim : x.dims)
    last.push_back(arith::SubIOp::create(b, l.index(dim), one));
  auto body = [&](ImplicitLocOpBuilder &n, ValueRange visit, Value sums) -> Value {
    Value zero = arith::ConstantIndexOp::create(n, 0);
    SmallVector<Value> at(visit), before;
    Value isFirst;
    for (auto [i, position] : llvm::enumerate(at)) {
      Value isAxis = arith::CmpIOp::create(n, arith::CmpIPredicate::eq, axis,
                                           arith::ConstantIndexOp::create(n, i));
      Value atStart =
          arith::CmpIOp::create(n, arith::CmpIPredicate::eq, position, zero);
      Value mine = arith::AndIOp::create(n, isAxis, atStart);
      isFirst = isFirst ? arith::OrIOp::create(n, isFirst, mine).getResult() : mine;
      Value step = arith::SelectOp::create(n, isAxis, one, zero);
      // The first of a row reads itself, and does not use it.
      Value back = arith::SelectOp::create(n, atStart, zero, step);
      before.push_back(arith::SubIOp::create(n, position, back));
    }
    if (reverse)
      for (auto *list : {&at, &before})
        for (auto [position, end] : llvm::zip(*list, last))
          position = arith::SubIOp::create(n, end, position);
    Value nothing = arith::ConstantOp::create(n, n.getZeroAttr(x.element()));
    Value sum = tensor::ExtractOp::create(n, sums, before);
    sum = arith::SelectOp::create(n, isFirst, nothing, sum);
    Value term = tensor::ExtractOp::create(n, x.value, exclusive ? before : at);
    if (exclusive)
      term = arith::SelectOp::create(n, isFirst, nothing, term);
    Value total = isa<FloatType>(x.element())
                      ? arith::AddFOp::create(n, sum, term).getResult()
                      : arith::AddIOp::create(n, sum, term).getResult();
    return tensor::InsertOp::create(n, total, sums, at);
  };
  return walk(l, x.dims, l.splat(x.dims, l.zero(x.element())), body);
}

static LogicalResult lowerCumSum(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  if (x.rank() == 0)
    return l.error(node, "needs an axis to sum along; the input is a scalar");
  SymTensor wide = l.cast(x, sumType(l, x.element()));
  auto contents = l.shapes.knownContents(node.input(1));
  auto constant = contents ? contents->front().constant() : std::nullopt;
  SymTensor result;
  if (constant) {
    auto axis = normalizeAxis(*constant, x.rank());
    if (!axis)
      return l.error(node, "axis " + Twine(*constant) +
                               " is out of range for rank " + Twine(x.rank()));
    result = sumAlong(l, node, wide, *axis);
  } else {
    result = sumAlongInput(l, node, wide);
  }
  l.set(node.output(), l.cast(result, x.element()));
  return success();
}

//===----------------------------------------------------------------------===//
// NonZero
//===----------------------------------------------------------------------===//

/// Counts first, which gives the extent; then the flat positions are taken apart
/// into one row per axis.
static LogicalResult lowerNonZero(Lowering &l, Node node) {
  ImplicitLocOpBuilder &b = l.b;
  SymTensor x = l.get(node.input(0));
  SymTensor flat = l.reshape(x, {l.shapes.elements(node.input(0))});
  if (flat.element().isInteger(1))
    flat = l.cast(flat, b.getI8Type());
  Type i64 = b.getI64Type();
  SymTensor total = l.kernel("nonzero_count", flat.value,
                             l.empty({l.syms().constant(1)}, i64));
  Value count = toIndex(b, l.scalar(total));
  Sym found = settleExtent(l, node, node.output(), 1, count);
  SymTensor positions =
      l.kernel("nonzero_fill", flat.value, l.empty({found}, i64));
  SmallVector<Value> extents;
  for (Sym dim : x.dims)
    extents.push_back(l.index(dim));
  auto body = [&](ImplicitLocOpBuilder &n, ValueRange at) -> Value {
    Value rest = toIndex(n, tensor::ExtractOp::create(n, positions.value, at[1]));
    Value result = rest;
    for (int64_t axis = x.rank() - 1; axis >= 0; --axis) {
      Value mine = arith::RemUIOp::create(n, rest, extents[axis]);
      rest = arith::DivUIOp::create(n, rest, extents[axis]);
      Value isMine =
          arith::CmpIOp::create(n, arith::CmpIPredicate::eq, at[0],
                                arith::ConstantIndexOp::create(n, axis));
      result = arith::SelectOp::create(n, isMine, mine, result);
    }
    return arith::IndexCastOp::create(n, i64, result);
  };
  l.set(node.output(), l.generate({l.syms().constant(x.rank()), found}, i64, body));
  return success();
}

void moec::addSortLowerings(llvm::StringMap<NodeLowering> &table) {
  table["CumSum"] = lowerCumSum;
  table["NonZero"] = lowerNonZero;
  table["TopK"] = lowerTopK;
}
