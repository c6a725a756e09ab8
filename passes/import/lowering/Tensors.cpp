//===- Tensors.cpp - The tensor vocabulary of the lowering ----------------===//

#include "passes/import/lowering/Lowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace moec;

//===----------------------------------------------------------------------===//
// Element by element
//===----------------------------------------------------------------------===//

namespace {
/// How one operand is read at a point of the iteration space.
struct OperandAccess {
  bool isDynamic = false; ///< some extent may or may not be 1 at run time
  SmallVector<AffineExpr> exprs;
  SmallVector<Value> isOne; ///< per axis: extent == 1, for dynamic axes only
};
} // namespace

static OperandAccess accessOf(Lowering &l, const SymTensor &operand,
                              ArrayRef<Sym> dims) {
  OperandAccess access;
  int64_t shift = dims.size() - operand.dims.size();
  for (int64_t axis = 0; axis < operand.rank(); ++axis) {
    Sym mine = operand.dims[axis], full = dims[shift + axis];
    Value isOne;
    AffineExpr expr = l.b.getAffineDimExpr(shift + axis);
    if (mine.is(1) && !full.is(1)) {
      expr = l.b.getAffineConstantExpr(0);
    } else if (mine != full && !mine.constant()) {
      // Equal or 1; only the run tells.
      Value one = arith::ConstantIndexOp::create(l.b, 1);
      isOne = arith::CmpIOp::create(l.b, arith::CmpIPredicate::eq,
                                    l.index(mine), one);
      Value same = arith::CmpIOp::create(l.b, arith::CmpIPredicate::eq,
                                         l.index(mine), l.index(full));
      l.check(arith::OrIOp::create(l.b, isOne, same),
              "extents cannot be broadcast");
      access.isDynamic = true;
    }
    access.exprs.push_back(expr);
    access.isOne.push_back(isOne);
  }
  return access;
}

/// Reads an operand whose broadcasting is known only at run time.
static Value extractDynamic(ImplicitLocOpBuilder &b, const SymTensor &operand,
                            const OperandAccess &access, int64_t shift) {
  SmallVector<Value> at;
  Value zero = arith::ConstantIndexOp::create(b, 0);
  for (int64_t axis = 0; axis < operand.rank(); ++axis) {
    if (isa<AffineConstantExpr>(access.exprs[axis])) {
      at.push_back(zero);
      continue;
    }
    Value position = linalg::IndexOp::create(b, shift + axis);
    if (access.isOne[axis])
      position = arith::SelectOp::create(b, access.isOne[axis], zero, position);
    at.push_back(position);
  }
  return tensor::ExtractOp::create(b, operand.value, at);
}

SymTensor Lowering::elementwise(ArrayRef<SymTensor> operands, ArrayRef<Sym> dims,
                                Type element, const ScalarBody &body) {
  SmallVector<OperandAccess> accesses;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  MLIRContext *context = b.getContext();
  for (const SymTensor &operand : operands) {
    accesses.push_back(accessOf(*this, operand, dims));
    if (accesses.back().isDynamic)
      continue;
    inputs.push_back(operand.value);
    maps.push_back(
        AffineMap::get(dims.size(), 0, accesses.back().exprs, context));
  }
  SymTensor init = empty(dims, element);
  maps.push_back(b.getMultiDimIdentityMap(dims.size()));
  SmallVector<utils::IteratorType> iterators(dims.size(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, init.type(), inputs, init.value, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder inner(loc, nested);
        SmallVector<Value> elements;
        unsigned next = 0;
        for (auto [operand, access] : llvm::zip(operands, accesses))
          elements.push_back(
              access.isDynamic
                  ? extractDynamic(inner, operand, access,
                                   dims.size() - operand.dims.size())
                  : arguments[next++]);
        linalg::YieldOp::create(inner, body(inner, elements));
      });
  return {generic.getResult(0), SymDims(dims)};
}

SymTensor Lowering::elementwise(ArrayRef<SymTensor> operands, Type element,
                                const ScalarBody &body) {
  SymDims dims = operands.front().dims;
  for (const SymTensor &operand : operands.drop_front())
    dims = shapes.broadcast(dims, operand.dims);
  return elementwise(operands, dims, element, body);
}

SymTensor Lowering::generate(ArrayRef<Sym> dims, Type element,
                             const ScalarBody &body) {
  return elementwise({}, dims, element,
                     [&](ImplicitLocOpBuilder &inner, ValueRange) {
                       SmallVector<Value> at;
                       for (size_t axis = 0; axis < dims.size(); ++axis)
                         at.push_back(linalg::IndexOp::create(inner, axis));
                       return body(inner, at);
                     });
}

SymTensor Lowering::reduce(const SymTensor &operand, ArrayRef<int64_t> axes,
                           Value init, const ScalarBody &body) {
  SymDims dims;
  SmallVector<AffineExpr> kept;
  SmallVector<utils::IteratorType> iterators;
  for (int64_t axis = 0; axis < operand.rank(); ++axis) {
    bool reduced = llvm::is_contained(axes, axis);
    iterators.push_back(reduced ? utils::IteratorType::reduction
                                : utils::IteratorType::parallel);
    if (reduced)
      continue;
    dims.push_back(operand.dims[axis]);
    kept.push_back(b.getAffineDimExpr(axis));
  }
  SymTensor start = splat(dims, init);
  SmallVector<AffineMap> maps = {
      b.getMultiDimIdentityMap(operand.rank()),
      AffineMap::get(operand.rank(), 0, kept, b.getContext())};
  auto generic = linalg::GenericOp::create(
      b, start.type(), operand.value, start.value, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder inner(loc, nested);
        linalg::YieldOp::create(inner, body(inner, arguments));
      });
  return {generic.getResult(0), dims};
}

static Value castScalar(ImplicitLocOpBuilder &b, Value value, Type to) {
  Type from = value.getType();
  auto toFloat = dyn_cast<FloatType>(to), fromFloat = dyn_cast<FloatType>(from);
  if (from == to)
    return value;
  if (fromFloat && toFloat) {
    if (fromFloat.getWidth() < toFloat.getWidth())
      return arith::ExtFOp::create(b, to, value);
    if (fromFloat.getWidth() > toFloat.getWidth())
      return arith::TruncFOp::create(b, to, value);
    Value wide = arith::ExtFOp::create(b, b.getF32Type(), value);
    return arith::TruncFOp::create(b, to, wide);
  }
  if (toFloat)
    return from.isInteger(1) ? arith::UIToFPOp::create(b, to, value).getResult()
                             : arith::SIToFPOp::create(b, to, value).getResult();
  if (fromFloat)
    return arith::FPToSIOp::create(b, to, value);
  unsigned fromBits = from.getIntOrFloatBitWidth();
  unsigned toBits = to.getIntOrFloatBitWidth();
  if (fromBits > toBits)
    return arith::TruncIOp::create(b, to, value);
  return from.isInteger(1) ? arith::ExtUIOp::create(b, to, value).getResult()
                           : arith::ExtSIOp::create(b, to, value).getResult();
}

SymTensor Lowering::cast(const SymTensor &operand, Type element) {
  if (operand.element() == element)
    return operand;
  return elementwise(operand, element,
                     [&](ImplicitLocOpBuilder &inner, ValueRange values) {
                       return castScalar(inner, values[0], element);
                     });
}

SymTensor Lowering::add(const SymTensor &x, const SymTensor &y) {
  return elementwise({x, y}, x.element(),
                     [](ImplicitLocOpBuilder &inner, ValueRange v) -> Value {
                       if (isa<FloatType>(v[0].getType()))
                         return arith::AddFOp::create(inner, v[0], v[1]);
                       return arith::AddIOp::create(inner, v[0], v[1]);
                     });
}

SymTensor Lowering::mul(const SymTensor &x, const SymTensor &y) {
  return elementwise({x, y}, x.element(),
                     [](ImplicitLocOpBuilder &inner, ValueRange v) -> Value {
                       if (isa<FloatType>(v[0].getType()))
                         return arith::MulFOp::create(inner, v[0], v[1]);
                       return arith::MulIOp::create(inner, v[0], v[1]);
                     });
}

SymTensor Lowering::scale(const SymTensor &x, double factor) {
  if (factor == 1)
    return x;
  return elementwise(x, x.element(),
                     [&](ImplicitLocOpBuilder &inner, ValueRange v) {
                       Value c = arith::ConstantOp::create(
                           inner, inner.getFloatAttr(x.element(), factor));
                       return arith::MulFOp::create(inner, v[0], c).getResult();
                     });
}

//===----------------------------------------------------------------------===//
// Moving data
//===----------------------------------------------------------------------===//

SymTensor Lowering::reshape(const SymTensor &operand, ArrayRef<Sym> dims) {
  if (ArrayRef<Sym>(operand.dims) == dims)
    return operand;
  Sym total = syms().constant(1), wanted = total;
  for (Sym dim : operand.dims)
    total = syms().mul(total, dim);
  for (Sym dim : dims)
    wanted = syms().mul(wanted, dim);
  checkEqual(total, wanted, "a reshape changes the number of elements");
  auto all = [](int64_t rank) {
    SmallVector<ReassociationIndices> groups;
    if (rank) {
      groups.emplace_back();
      for (int64_t axis = 0; axis < rank; ++axis)
        groups.back().push_back(axis);
    }
    return groups;
  };
  Value flat = operand.value;
  if (operand.rank() != 1) {
    RankedTensorType type = tensorTypeOf({total}, operand.element());
    if (operand.rank() == 0) {
      flat = tensor::ExpandShapeOp::create(b, tensorTypeOf({syms().constant(1)}, operand.element()),
                                           flat, all(0), fold({syms().constant(1)}));
    } else {
      flat = tensor::CollapseShapeOp::create(b, type, flat, all(operand.rank()));
    }
  }
  if (dims.size() == 1) {
    RankedTensorType type = tensorTypeOf(dims, operand.element());
    if (flat.getType() != type)
      flat = tensor::CastOp::create(b, type, flat);
    return {flat, SymDims(dims)};
  }
  if (dims.empty()) {
    RankedTensorType one = RankedTensorType::get({1}, operand.element());
    if (flat.getType() != one)
      flat = tensor::CastOp::create(b, one, flat);
    return {tensor::CollapseShapeOp::create(
                b, RankedTensorType::get({}, operand.element()), flat,
                SmallVector<ReassociationIndices>{}),
            {}};
  }
  // The product of the new extents must be visible in the flat type.
  RankedTensorType flatType = tensorTypeOf({wanted}, operand.element());
  RankedTensorType type = tensorTypeOf(dims, operand.element());
  if (!type.hasStaticShape())
    flatType = RankedTensorType::get({ShapedType::kDynamic}, operand.element());
  if (flat.getType() != flatType)
    flat = tensor::CastOp::create(b, flatType, flat);
  return {tensor::ExpandShapeOp::create(b, type, flat, all(dims.size()), fold(dims)),
          SymDims(dims)};
}

SymTensor Lowering::transpose(const SymTensor &operand, ArrayRef<int64_t> perm) {
  SymDims dims;
  bool isIdentity = true;
  for (auto [to, from] : llvm::enumerate(perm)) {
    dims.push_back(operand.dims[from]);
    isIdentity &= static_cast<int64_t>(to) == from;
  }
  if (isIdentity)
    return operand;
  // Read through the permuted map: fusable, and no op of its own afterwards.
  SmallVector<AffineExpr> exprs(perm.size());
  for (auto [to, from] : llvm::enumerate(perm))
    exprs[from] = b.getAffineDimExpr(to);
  SymTensor init = empty(dims, operand.element());
  SmallVector<AffineMap> maps = {
      AffineMap::get(perm.size(), 0, exprs, b.getContext()),
      b.getMultiDimIdentityMap(perm.size())};
  SmallVector<utils::IteratorType> iterators(perm.size(),
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      b, init.type(), operand.value, init.value, maps, iterators,
      [](OpBuilder &nested, Location loc, ValueRange arguments) {
        linalg::YieldOp::create(nested, loc, arguments[0]);
      });
  return {generic.getResult(0), dims};
}

SymTensor Lowering::broadcastTo(const SymTensor &operand, ArrayRef<Sym> dims) {
  if (ArrayRef<Sym>(operand.dims) == dims)
    return operand;
  return elementwise(operand, dims, operand.element(),
                     [](ImplicitLocOpBuilder &, ValueRange v) { return v[0]; });
}

SymTensor Lowering::slice(const SymTensor &operand, int64_t axis, Sym offset,
                          Sym extent, int64_t stride) {
  if (offset.is(0) && stride == 1 && extent == operand.dims[axis])
    return operand;
  SymDims dims = operand.dims;
  dims[axis] = extent;
  if (extent.is(0) || operand.dims[axis].is(0)) // A view must not start at the end.
    return empty(dims, operand.element());
  SmallVector<OpFoldResult> offsets(dims.size(), b.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(dims.size(), b.getIndexAttr(1));
  offsets[axis] = fold(offset);
  strides[axis] = b.getIndexAttr(stride);
  return {tensor::ExtractSliceOp::create(b, tensorTypeOf(dims, operand.element()),
                                         operand.value, offsets, fold(dims),
                                         strides),
          dims};
}

SymTensor Lowering::concat(ArrayRef<SymTensor> operands, int64_t axis) {
  if (operands.size() == 1)
    return operands.front();
  SymDims dims = operands.front().dims;
  for (const SymTensor &operand : operands.drop_front())
    dims[axis] = syms().add(dims[axis], operand.dims[axis]);
  SymTensor result = empty(dims, operands.front().element());
  Sym offset = syms().constant(0);
  for (const SymTensor &operand : operands) {
    if (operand.dims[axis].is(0))
      continue;
    SmallVector<OpFoldResult> offsets(dims.size(), b.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(dims.size(), b.getIndexAttr(1));
    offsets[axis] = fold(offset);
    for (int64_t other = 0; other < result.rank(); ++other)
      if (other != axis)
        checkEqual(operand.dims[other], dims[other],
                   "inputs of a concatenation disagree on an axis");
    result.value = tensor::InsertSliceOp::create(
        b, operand.value, result.value, offsets, fold(operand.dims), strides);
    offset = syms().add(offset, operand.dims[axis]);
  }
  return result;
}
