//===- Cast.cpp - Cast and CastLike ---------------------------------------===//
//
// ONNX casts: float to integer truncates, anything to bool tests for zero,
// unsigned sources are not sign-extended.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Lowering.h"
#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// Bool counts as unsigned: its one bit is no sign.
static bool isNatural(Type type) {
  return type.isUnsignedInteger() || type.isInteger(1);
}

static Value toBool(ImplicitLocOpBuilder &b, Value value) {
  Value zero = arith::ConstantOp::create(b, b.getZeroAttr(value.getType()));
  if (isa<FloatType>(value.getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, value, zero);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, value, zero);
}

/// Through 64 bits, so that narrow targets wrap instead of being poison.
static Value floatToInteger(ImplicitLocOpBuilder &b, Value value, Type to) {
  Type wide = b.getI64Type(), element = Lowering::signless(to);
  value = widen(b, value);
  Value integer = to.isUnsignedInteger(64)
                      ? arith::FPToUIOp::create(b, wide, value).getResult()
                      : arith::FPToSIOp::create(b, wide, value).getResult();
  return element == wide ? integer
                         : arith::TruncIOp::create(b, element, integer);
}

static Value integerToFloat(ImplicitLocOpBuilder &b, Value value, Type from,
                            Type element) {
  Type wide = computeType(b, element);
  Value real = isNatural(from)
                   ? arith::UIToFPOp::create(b, wide, value).getResult()
                   : arith::SIToFPOp::create(b, wide, value).getResult();
  return narrow(b, real, element);
}

static LogicalResult lowerCast(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  Type from = Lowering::onnxElement(node.input(0));
  Type to = Lowering::onnxElement(node.output());
  Type element = Lowering::signless(to);
  auto apply = [&](const ScalarBody &body) {
    l.set(node.output(), l.elementwise(x, element, body));
    return success();
  };
  bool fromFloat = isa<FloatType>(from), toFloat = isa<FloatType>(to);
  if (element.isInteger(1) && !from.isInteger(1))
    return apply(
        [](ImplicitLocOpBuilder &b, ValueRange v) { return toBool(b, v[0]); });
  if (fromFloat && !toFloat)
    return apply([&](ImplicitLocOpBuilder &b, ValueRange v) {
      return floatToInteger(b, v[0], to);
    });
  if (!fromFloat && toFloat)
    return apply([&](ImplicitLocOpBuilder &b, ValueRange v) {
      return integerToFloat(b, v[0], from, element);
    });
  if (!fromFloat && isNatural(from) &&
      from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
    return apply([&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
      return arith::ExtUIOp::create(b, element, v[0]);
    });
  l.set(node.output(), l.cast(x, element));
  return success();
}

void moec::addCastLowerings(llvm::StringMap<NodeLowering> &table) {
  table["Cast"] = table["CastLike"] = lowerCast;
}
