#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

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
