//===- MatMul.cpp - Matrix products ---------------------------------------===//
//
// A product with a 2-D weight of the model reads the weight packed ahead of
// time; any other f32 product goes to the batched kernel; f64 and integers are
// plain linalg.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Lowering.h"

#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static bool isKernelType(Type type) {
  return type.isF32() || type.isF16() || type.isBF16();
}

/// The weight in panels of 16 columns, as the gemm kernel reads it.
static Value packedWeight(Lowering &l, onnx::WeightOp weight, bool transposed) {
  RankedTensorType source = weight.getType();
  onnx::RegionAttr from = weight.getRegion();
  Attribute region = rt::RegionAttr::get(l.b.getContext(), from.getFile(),
                                         from.getOffset(), from.getLength());
  auto pack = rt::PackAttr::get(l.b.getContext(), rt::PackKind::Panels,
                                transposed, std::nullopt);
  Type element = source.getElementType();
  auto type = RankedTensorType::get(rt::packedShape(pack, source, element), element);
  return rt::WeightOp::create(l.b, type, weight.getName(),
                              l.b.getArrayAttr(region), ArrayAttr(), source,
                              pack, ArrayAttr(), Value());
}

FailureOr<SymTensor> Lowering::weightMatMul(const SymTensor &x, Value weightValue,
                                            bool transposed) {
  auto weight = weightValue.getDefiningOp<onnx::WeightOp>();
  if (!weight || weight.getType().getRank() != 2 ||
      !isKernelType(weight.getType().getElementType()))
    return failure();
  Sym columns = syms().constant(weight.getType().getDimSize(transposed ? 0 : 1));
  Sym inner = x.dims.back(), rows = syms().constant(1);
  for (Sym dim : ArrayRef(x.dims).drop_back())
    rows = syms().mul(rows, dim);
  checkEqual(inner, syms().constant(weight.getType().getDimSize(transposed ? 1 : 0)),
             "a matrix product's inner extents differ");
  SymTensor flat = cast(reshape(x, {rows, inner}), b.getF32Type());
  SymTensor product =
      kernel("gemm", {flat.value, packedWeight(*this, weight, transposed)},
             empty({rows, columns}, b.getF32Type()));
  SymDims dims(ArrayRef(x.dims).drop_back());
  dims.push_back(columns);
  return cast(reshape(product, dims), x.element());
}

/// Any element type, as written: one multiply-add per step in type `element`.
static SymTensor plainMatMul(Lowering &l, const SymTensor &x, const SymTensor &y,
                             ArrayRef<Sym> batch) {
  SymDims dims(batch);
  dims.push_back(x.dims[x.rank() - 2]);
  dims.push_back(y.dims.back());
  int64_t rank = dims.size();
  SymTensor init = l.splat(dims, l.zero(x.element()));
  MLIRContext *context = l.b.getContext();
  auto map = [&](const SymTensor &operand, AffineExpr first, AffineExpr second) {
    SmallVector<AffineExpr> exprs;
    int64_t shift = rank - operand.rank();
    for (int64_t axis = 0; axis < operand.rank() - 2; ++axis)
      exprs.push_back(operand.dims[axis].is(1)
                          ? getAffineConstantExpr(0, context)
                          : getAffineDimExpr(shift + axis, context));
    exprs.append({first, second});
    return AffineMap::get(rank + 1, 0, exprs, context);
  };
  AffineExpr row = getAffineDimExpr(rank - 2, context);
  AffineExpr column = getAffineDimExpr(rank - 1, context);
  AffineExpr inner = getAffineDimExpr(rank, context);
  SmallVector<AffineMap> maps = {
      map(x, row, inner), map(y, inner, column),
      AffineMap::getMultiDimIdentityMap(rank + 1, context).getMajorSubMap(rank)};
  SmallVector<utils::IteratorType> iterators(rank, utils::IteratorType::parallel);
  iterators.push_back(utils::IteratorType::reduction);
  auto generic = linalg::GenericOp::create(
      l.b, init.type(), ValueRange{x.value, y.value}, init.value, maps, iterators,
      [](OpBuilder &nested, Location loc, ValueRange v) {
        Value sum;
        if (isa<FloatType>(v[0].getType())) {
          Value product = arith::MulFOp::create(nested, loc, v[0], v[1]);
          sum = arith::AddFOp::create(nested, loc, v[2], product);
        } else {
          Value product = arith::MulIOp::create(nested, loc, v[0], v[1]);
          sum = arith::AddIOp::create(nested, loc, v[2], product);
        }
        linalg::YieldOp::create(nested, loc, sum);
      });
  return {generic.getResult(0), dims};
}

static Sym product(Lowering &l, ArrayRef<Sym> dims) {
  Sym result = l.syms().constant(1);
  for (Sym dim : dims)
    result = l.syms().mul(result, dim);
  return result;
}

SymTensor Lowering::matMul(const SymTensor &x, const SymTensor &y) {
  checkEqual(x.dims.back(), y.dims[y.rank() - 2],
             "a matrix product's inner extents differ");
  ArrayRef<Sym> xBatch = ArrayRef(x.dims).drop_back(2);
  ArrayRef<Sym> yBatch = ArrayRef(y.dims).drop_back(2);
  SymDims batch = shapes.broadcast(xBatch, yBatch);
  if (!isKernelType(x.element()))
    return plainMatMul(*this, x, y, batch);
  Type element = x.element();
  SymTensor left = cast(x, b.getF32Type()), right = cast(y, b.getF32Type());
  // The kernel's batches: all of them, or one matrix on the right for all.
  auto widen = [&](SymTensor operand) {
    SymDims full = batch;
    full.append(operand.dims.end() - 2, operand.dims.end());
    return broadcastTo(operand, full);
  };
  bool sharedRight = llvm::all_of(yBatch, [](Sym dim) { return dim.is(1); });
  if (ArrayRef<Sym>(batch) != xBatch)
    left = widen(left);
  if (!sharedRight && ArrayRef<Sym>(batch) != yBatch)
    right = widen(right);
  Sym count = product(*this, batch);
  Sym rows = x.dims[x.rank() - 2], inner = x.dims.back(), columns = y.dims.back();
  Sym rightCount = sharedRight ? syms().constant(1) : count;
  if (sharedRight) { // One tall product instead of many.
    rows = syms().mul(count, rows);
    count = syms().constant(1);
  }
  SymTensor a = reshape(left, {count, rows, inner});
  SymTensor c = reshape(right, {rightCount, inner, columns});
  SymTensor result = kernel("batch_matmul", {a.value, c.value},
                            empty({count, rows, columns}, b.getF32Type()));
  SymDims dims = batch;
  dims.append({x.dims[x.rank() - 2], columns});
  return cast(reshape(result, dims), element);
}

static SymTensor swapLast(Lowering &l, const SymTensor &x) {
  auto perm = llvm::to_vector(llvm::seq<int64_t>(0, x.rank()));
  std::swap(perm[x.rank() - 1], perm[x.rank() - 2]);
  return l.transpose(x, perm);
}

/// MatMul and FusedMatMul (transposes, alpha).
static LogicalResult lowerMatMul(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  bool transX = node.integer("transA", 0), transY = node.integer("transB", 0);
  double alpha = node.real("alpha", 1);
  if (transX && x.rank() > 1)
    x = swapLast(l, x);
  auto finish = [&](SymTensor result) {
    result = l.reshape(result, l.shapes.dims(node.output()));
    l.set(node.output(), l.scale(result, alpha));
    return success();
  };
  if (auto fast = l.weightMatMul(x, node.input(1), transY); succeeded(fast))
    return finish(*fast);
  SymTensor y = l.get(node.input(1));
  if (transY && y.rank() > 1)
    y = swapLast(l, y);
  Sym one = l.syms().constant(1);
  if (x.rank() == 1)
    x = l.reshape(x, {one, x.dims[0]});
  if (y.rank() == 1)
    y = l.reshape(y, {y.dims[0], one});
  return finish(l.matMul(x, y));
}

static LogicalResult lowerGemm(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  bool transY = node.integer("transB", 0);
  if (node.integer("transA", 0))
    x = swapLast(l, x);
  FailureOr<SymTensor> fast = l.weightMatMul(x, node.input(1), transY);
  SymTensor result;
  if (succeeded(fast)) {
    result = *fast;
  } else {
    SymTensor y = l.get(node.input(1));
    result = l.matMul(x, transY ? swapLast(l, y) : y);
  }
  if (isa<FloatType>(result.element()))
    result = l.scale(result, node.real("alpha", 1));
  if (node.input(2)) {
    SymTensor bias = l.get(node.input(2));
    if (isa<FloatType>(bias.element()))
      bias = l.scale(bias, node.real("beta", 1));
    result = l.add(result, bias);
  }
  l.set(node.output(), result);
  return success();
}

void moec::addMatMulLowerings(llvm::StringMap<NodeLowering> &table) {
  table["MatMul"] = table["com.microsoft.FusedMatMul"] = lowerMatMul;
  table["Gemm"] = lowerGemm;
}
