#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

Type moec::computeType(ImplicitLocOpBuilder &b, Type type) {
  return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32
             ? b.getF32Type()
             : type;
}

Value moec::widen(ImplicitLocOpBuilder &b, Value value) {
  Type type = computeType(b, value.getType());
  return type == value.getType()
             ? value
             : arith::ExtFOp::create(b, type, value).getResult();
}

Value moec::narrow(ImplicitLocOpBuilder &b, Value value, Type element) {
  return isa<FloatType>(element) && value.getType() != element
             ? arith::TruncFOp::create(b, element, value).getResult()
             : value;
}

Value moec::addReassociated(ImplicitLocOpBuilder &b, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return arith::AddFOp::create(b, x, y, arith::FastMathFlags::reassoc);
  return arith::AddIOp::create(b, x, y);
}

static Value constant(ImplicitLocOpBuilder &b, Value like, double value) {
  return arith::ConstantOp::create(b, b.getFloatAttr(like.getType(), value));
}

Value moec::sigmoid(ImplicitLocOpBuilder &b, Value x) {
  Value one = constant(b, x, 1);
  Value e = math::ExpOp::create(b, arith::NegFOp::create(b, x));
  return arith::DivFOp::create(b, one, arith::AddFOp::create(b, one, e));
}

Value moec::softplus(ImplicitLocOpBuilder &b, Value x) {
  Value size = math::AbsFOp::create(b, x);
  Value e = math::ExpOp::create(b, arith::NegFOp::create(b, size));
  return arith::AddFOp::create(
      b, arith::MaximumFOp::create(b, x, constant(b, x, 0)),
      math::Log1pOp::create(b, e));
}
