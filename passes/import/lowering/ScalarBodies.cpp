#include "passes/import/lowering/ScalarBodies.h"

#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace moec;
using F = arith::CmpFPredicate;
using I = arith::CmpIPredicate;

static bool isFloat(Value v) { return isa<FloatType>(v.getType()); }

static Value constant(const Scalar &s, Value like, double value) {
  Type type = like.getType();
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(s.b, s.b.getFloatAttr(type, value));
  return arith::ConstantOp::create(
      s.b, s.b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

static Value compare(const Scalar &s, F real, I integer, I natural, Value x,
                     Value y) {
  if (isFloat(x))
    return arith::CmpFOp::create(s.b, real, x, y);
  return arith::CmpIOp::create(s.b, s.isUnsigned ? natural : integer, x, y);
}

template <typename FloatOp, typename IntOp>
static Value either(const Scalar &s, Value x, Value y) {
  if (isFloat(x))
    return FloatOp::create(s.b, x, y);
  return IntOp::create(s.b, x, y);
}

//===----------------------------------------------------------------------===//
// Bodies that are more than one op
//===----------------------------------------------------------------------===//

/// An integer divisor, with 1 for 0: that has no meaning in ONNX, but it must
/// not trap the process.
static Value nonZero(const Scalar &s, Value divisor) {
  Value isZero =
      arith::CmpIOp::create(s.b, I::eq, divisor, constant(s, divisor, 0));
  return arith::SelectOp::create(s.b, isZero, constant(s, divisor, 1), divisor);
}

static Value divide(const Scalar &s, ValueRange v) {
  if (isFloat(v[0]))
    return arith::DivFOp::create(s.b, v[0], v[1]);
  Value divisor = nonZero(s, v[1]);
  if (s.isUnsigned)
    return arith::DivUIOp::create(s.b, v[0], divisor);
  return arith::DivSIOp::create(s.b, v[0], divisor);
}

/// Python's modulo (sign of the divisor), or C's with fmod = 1.
static Value modulo(const Scalar &s, ValueRange v) {
  bool asC = s.node.integer("fmod", 0);
  if (isFloat(v[0]))
    return arith::RemFOp::create(s.b, v[0], v[1]);
  Value divisor = nonZero(s, v[1]);
  if (s.isUnsigned)
    return arith::RemUIOp::create(s.b, v[0], divisor);
  Value rest = arith::RemSIOp::create(s.b, v[0], divisor);
  if (asC)
    return rest;
  Value zero = constant(s, rest, 0);
  Value isExact = arith::CmpIOp::create(s.b, I::eq, rest, zero);
  Value signs = arith::XOrIOp::create(s.b, rest, divisor);
  Value differ = arith::CmpIOp::create(s.b, I::slt, signs, zero);
  Value fixed = arith::AddIOp::create(s.b, rest, divisor);
  Value moved = arith::SelectOp::create(s.b, differ, fixed, rest);
  return arith::SelectOp::create(s.b, isExact, zero, moved);
}

static Value power(const Scalar &s, ValueRange v) {
  // x^2, x^0.5: what exporters write for norms; everything else is libm's.
  if (auto exponent = onnx::constantScalar(s.node.input(1))) {
    if (*exponent == 2)
      return either<arith::MulFOp, arith::MulIOp>(s, v[0], v[0]);
    if (*exponent == 0.5 && isFloat(v[0]))
      return math::SqrtOp::create(s.b, v[0]);
  }
  if (isFloat(v[0]))
    return math::PowFOp::create(s.b, v[0], v[1]);
  return math::IPowIOp::create(s.b, v[0], v[1]);
}

static Value gelu(const Scalar &s, ValueRange v) {
  Value x = v[0];
  Value half = constant(s, x, 0.5), one = constant(s, x, 1);
  Value inner;
  if (s.node.string("approximate", "none") == "tanh") {
    // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
    Value cube =
        arith::MulFOp::create(s.b, x, arith::MulFOp::create(s.b, x, x));
    Value sum = arith::AddFOp::create(
        s.b, x, arith::MulFOp::create(s.b, constant(s, x, 0.044715), cube));
    inner = math::TanhOp::create(
        s.b, arith::MulFOp::create(s.b, constant(s, x, 0.79788456080286535588),
                                   sum));
  } else {
    inner = math::ErfOp::create(
        s.b,
        arith::MulFOp::create(s.b, x, constant(s, x, 0.70710678118654752440)));
  }
  Value scaled = arith::MulFOp::create(s.b, half, x);
  return arith::MulFOp::create(s.b, scaled,
                               arith::AddFOp::create(s.b, one, inner));
}

static Value swish(const Scalar &s, ValueRange v) {
  Value x = v[0];
  double alpha = s.node.real("alpha", s.node.is("Swish") ? 1.0 : 1.702);
  Value scaled =
      alpha == 1
          ? x
          : arith::MulFOp::create(s.b, x, constant(s, x, alpha)).getResult();
  return arith::MulFOp::create(s.b, x, sigmoid(s.b, scaled));
}

static Value sign(const Scalar &s, ValueRange v) {
  Value x = v[0];
  Value zero = constant(s, x, 0), one = constant(s, x, 1);
  Value above = compare(s, F::OGT, I::sgt, I::ugt, x, zero);
  Value positive = arith::SelectOp::create(s.b, above, one, zero);
  if (s.isUnsigned)
    return positive;
  Value below = compare(s, F::OLT, I::slt, I::ult, x, zero);
  return arith::SelectOp::create(s.b, below, constant(s, x, -1), positive);
}

static Value minimum(const Scalar &s, ValueRange v) {
  if (s.isUnsigned)
    return arith::MinUIOp::create(s.b, v);
  return either<arith::MinimumFOp, arith::MinSIOp>(s, v[0], v[1]);
}
static Value maximum(const Scalar &s, ValueRange v) {
  if (s.isUnsigned)
    return arith::MaxUIOp::create(s.b, v);
  return either<arith::MaximumFOp, arith::MaxSIOp>(s, v[0], v[1]);
}

static Value absolute(const Scalar &s, ValueRange v) {
  if (isFloat(v[0]))
    return math::AbsFOp::create(s.b, v);
  return s.isUnsigned ? v[0] : math::AbsIOp::create(s.b, v).getResult();
}

static Value negate(const Scalar &s, ValueRange v) {
  if (isFloat(v[0]))
    return arith::NegFOp::create(s.b, v);
  return arith::SubIOp::create(s.b, constant(s, v[0], 0), v[0]);
}

static Value isNaN(const Scalar &s, ValueRange v) {
  return arith::CmpFOp::create(s.b, F::UNO, v[0], v[0]);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// Bodies that are one op.
template <typename Op> static Value one(const Scalar &s, ValueRange v) {
  return Op::create(s.b, v);
}
template <typename FloatOp, typename IntOp>
static Value oneOf(const Scalar &s, ValueRange v) {
  return either<FloatOp, IntOp>(s, v[0], v[1]);
}
template <F real, I integer, I natural>
static Value compareBy(const Scalar &s, ValueRange v) {
  return compare(s, real, integer, natural, v[0], v[1]);
}

const llvm::StringMap<Body> &moec::unaryBodies() {
  static const llvm::StringMap<Body> bodies = {
      {"Abs", absolute},
      {"Ceil", one<math::CeilOp>},
      {"Cos", one<math::CosOp>},
      {"Erf", one<math::ErfOp>},
      {"Exp", one<math::ExpOp>},
      {"Floor", one<math::FloorOp>},
      {"Gelu", gelu},
      {"com.microsoft.Gelu", gelu},
      {"IsNaN", isNaN},
      {"Log", one<math::LogOp>},
      {"Neg", negate},
      {"Not",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::XOrIOp::create(s.b, v[0], constant(s, v[0], 1));
       }},
      {"Reciprocal",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::DivFOp::create(s.b, constant(s, v[0], 1), v[0]);
       }},
      {"Relu",
       [](const Scalar &s, ValueRange v) {
         return maximum(s, {v[0], constant(s, v[0], 0)});
       }},
      {"Round", one<math::RoundEvenOp>},
      {"Sigmoid",
       [](const Scalar &s, ValueRange v) { return sigmoid(s.b, v[0]); }},
      {"Sign", sign},
      {"Sin", one<math::SinOp>},
      {"Softplus",
       [](const Scalar &s, ValueRange v) { return softplus(s.b, v[0]); }},
      {"Sqrt", one<math::SqrtOp>},
      {"Swish", swish},
      {"com.microsoft.QuickGelu", swish},
      {"Tanh", one<math::TanhOp>},
  };
  return bodies;
}

const llvm::StringMap<Body> &moec::binaryBodies() {
  static const llvm::StringMap<Body> bodies = {
      {"Add", oneOf<arith::AddFOp, arith::AddIOp>},
      {"And", one<arith::AndIOp>},
      {"Div", divide},
      {"Equal", compareBy<F::OEQ, I::eq, I::eq>},
      {"Greater", compareBy<F::OGT, I::sgt, I::ugt>},
      {"GreaterOrEqual", compareBy<F::OGE, I::sge, I::uge>},
      {"Less", compareBy<F::OLT, I::slt, I::ult>},
      {"LessOrEqual", compareBy<F::OLE, I::sle, I::ule>},
      {"Max", maximum},
      {"Mean", oneOf<arith::AddFOp, arith::AddIOp>}, // then divided
      {"Min", minimum},
      {"Mod", modulo},
      {"Mul", oneOf<arith::MulFOp, arith::MulIOp>},
      {"Or", one<arith::OrIOp>},
      {"Pow", power},
      {"Sub", oneOf<arith::SubFOp, arith::SubIOp>},
      {"Sum", oneOf<arith::AddFOp, arith::AddIOp>},
      {"Xor", one<arith::XOrIOp>},
  };
  return bodies;
}
