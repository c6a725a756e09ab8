//===- Elementwise.cpp - Operators that work element by element -----------===//
//
// Each is one scalar body. 16-bit floats are computed in f32 and rounded once
// per operator, as ONNX's references do.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Lowering.h"
#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
/// What a scalar body sees: a builder, the node, the operands (in compute type)
/// and whether the ONNX type was unsigned.
struct Scalar {
  ImplicitLocOpBuilder &b;
  Node node;
  bool isUnsigned;

  bool isFloat(Value v) const { return isa<FloatType>(v.getType()); }
  Value constant(Value like, double value) const {
    Type type = like.getType();
    if (isa<FloatType>(type))
      return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
    return arith::ConstantOp::create(
        b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
  }
  template <typename FloatOp, typename IntOp>
  Value either(Value x, Value y) const {
    if (isFloat(x))
      return FloatOp::create(b, x, y);
    return IntOp::create(b, x, y);
  }
  Value compare(arith::CmpFPredicate real, arith::CmpIPredicate integer,
                arith::CmpIPredicate natural, Value x, Value y) const {
    if (isFloat(x))
      return arith::CmpFOp::create(b, real, x, y);
    return arith::CmpIOp::create(b, isUnsigned ? natural : integer, x, y);
  }
};
} // namespace

using Body = Value (*)(const Scalar &, ValueRange);

//===----------------------------------------------------------------------===//
// Bodies that are more than one op
//===----------------------------------------------------------------------===//

static Value divide(const Scalar &s, ValueRange v) {
  if (s.isFloat(v[0]))
    return arith::DivFOp::create(s.b, v[0], v[1]);
  // A zero divisor has no meaning in ONNX; it must not trap the process.
  Value zero = s.constant(v[1], 0), one = s.constant(v[1], 1);
  Value isZero = arith::CmpIOp::create(s.b, arith::CmpIPredicate::eq, v[1], zero);
  Value divisor = arith::SelectOp::create(s.b, isZero, one, v[1]);
  if (s.isUnsigned)
    return arith::DivUIOp::create(s.b, v[0], divisor);
  return arith::DivSIOp::create(s.b, v[0], divisor);
}

/// Python's modulo (sign of the divisor), or C's with fmod = 1.
static Value modulo(const Scalar &s, ValueRange v) {
  bool asC = s.node.integer("fmod", 0);
  if (s.isFloat(v[0]))
    return arith::RemFOp::create(s.b, v[0], v[1]);
  Value zero = s.constant(v[1], 0), one = s.constant(v[1], 1);
  Value isZero = arith::CmpIOp::create(s.b, arith::CmpIPredicate::eq, v[1], zero);
  Value divisor = arith::SelectOp::create(s.b, isZero, one, v[1]);
  if (s.isUnsigned)
    return arith::RemUIOp::create(s.b, v[0], divisor);
  Value rest = arith::RemSIOp::create(s.b, v[0], divisor);
  if (asC)
    return rest;
  Value isExact = arith::CmpIOp::create(s.b, arith::CmpIPredicate::eq, rest, zero);
  Value signs = arith::XOrIOp::create(s.b, rest, divisor);
  Value differ = arith::CmpIOp::create(s.b, arith::CmpIPredicate::slt, signs, zero);
  Value fixed = arith::AddIOp::create(s.b, rest, divisor);
  Value moved = arith::SelectOp::create(s.b, differ, fixed, rest);
  return arith::SelectOp::create(s.b, isExact, zero, moved);
}

static Value power(const Scalar &s, ValueRange v) {
  // x^2, x^0.5: what exporters write for norms; everything else is libm's.
  if (auto exponent = onnx::constantScalar(s.node.input(1))) {
    if (*exponent == 2)
      return s.either<arith::MulFOp, arith::MulIOp>(v[0], v[0]);
    if (*exponent == 0.5 && s.isFloat(v[0]))
      return math::SqrtOp::create(s.b, v[0]);
  }
  if (s.isFloat(v[0]))
    return math::PowFOp::create(s.b, v[0], v[1]);
  return math::IPowIOp::create(s.b, v[0], v[1]);
}

static Value gelu(const Scalar &s, Value x) {
  Value half = s.constant(x, 0.5), one = s.constant(x, 1);
  Value inner;
  if (s.node.string("approximate", "none") == "tanh") {
    // 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
    Value cube = arith::MulFOp::create(s.b, x, arith::MulFOp::create(s.b, x, x));
    Value sum = arith::AddFOp::create(
        s.b, x, arith::MulFOp::create(s.b, s.constant(x, 0.044715), cube));
    inner = math::TanhOp::create(
        s.b,
        arith::MulFOp::create(s.b, s.constant(x, 0.79788456080286535588), sum));
  } else {
    inner = math::ErfOp::create(
        s.b,
        arith::MulFOp::create(s.b, x, s.constant(x, 0.70710678118654752440)));
  }
  Value scaled = arith::MulFOp::create(s.b, half, x);
  return arith::MulFOp::create(s.b, scaled,
                               arith::AddFOp::create(s.b, one, inner));
}

static Value swish(const Scalar &s, Value x) {
  double alpha = s.node.real("alpha", s.node.is("Swish") ? 1.0 : 1.702);
  Value scaled = alpha == 1 ? x
                            : arith::MulFOp::create(s.b, x, s.constant(x, alpha))
                                  .getResult();
  return arith::MulFOp::create(s.b, x, sigmoid(s.b, scaled));
}

static Value sign(const Scalar &s, Value x) {
  Value zero = s.constant(x, 0), one = s.constant(x, 1);
  Value above = s.compare(arith::CmpFPredicate::OGT, arith::CmpIPredicate::sgt,
                          arith::CmpIPredicate::ugt, x, zero);
  Value positive = arith::SelectOp::create(s.b, above, one, zero);
  if (s.isUnsigned)
    return positive;
  Value below = s.compare(arith::CmpFPredicate::OLT, arith::CmpIPredicate::slt,
                          arith::CmpIPredicate::ult, x, zero);
  return arith::SelectOp::create(s.b, below, s.constant(x, -1), positive);
}

static Value minimum(const Scalar &s, Value x, Value y) {
  if (s.isUnsigned)
    return arith::MinUIOp::create(s.b, x, y);
  return s.either<arith::MinimumFOp, arith::MinSIOp>(x, y);
}
static Value maximum(const Scalar &s, Value x, Value y) {
  if (s.isUnsigned)
    return arith::MaxUIOp::create(s.b, x, y);
  return s.either<arith::MaximumFOp, arith::MaxSIOp>(x, y);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

static Body unaryBody(StringRef kind) {
  static const llvm::StringMap<Body> bodies = {
      {"Abs",
       [](const Scalar &s, ValueRange v) -> Value {
         if (s.isFloat(v[0]))
           return math::AbsFOp::create(s.b, v[0]);
         return s.isUnsigned ? v[0] : math::AbsIOp::create(s.b, v[0]).getResult();
       }},
      {"Ceil",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::CeilOp::create(s.b, v[0]);
       }},
      {"Cos",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::CosOp::create(s.b, v[0]);
       }},
      {"Erf",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::ErfOp::create(s.b, v[0]);
       }},
      {"Exp",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::ExpOp::create(s.b, v[0]);
       }},
      {"Floor",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::FloorOp::create(s.b, v[0]);
       }},
      {"Gelu", [](const Scalar &s, ValueRange v) { return gelu(s, v[0]); }},
      {"com.microsoft.Gelu",
       [](const Scalar &s, ValueRange v) { return gelu(s, v[0]); }},
      {"IsNaN",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::CmpFOp::create(s.b, arith::CmpFPredicate::UNO, v[0], v[0]);
       }},
      {"Log",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::LogOp::create(s.b, v[0]);
       }},
      {"Neg",
       [](const Scalar &s, ValueRange v) -> Value {
         if (s.isFloat(v[0]))
           return arith::NegFOp::create(s.b, v[0]);
         return arith::SubIOp::create(s.b, s.constant(v[0], 0), v[0]);
       }},
      {"Not",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::XOrIOp::create(s.b, v[0], s.constant(v[0], 1));
       }},
      {"Reciprocal",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::DivFOp::create(s.b, s.constant(v[0], 1), v[0]);
       }},
      {"Relu",
       [](const Scalar &s, ValueRange v) {
         return maximum(s, v[0], s.constant(v[0], 0));
       }},
      {"Round",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::RoundEvenOp::create(s.b, v[0]);
       }},
      {"Sigmoid", [](const Scalar &s, ValueRange v) { return sigmoid(s.b, v[0]); }},
      {"Sign", [](const Scalar &s, ValueRange v) { return sign(s, v[0]); }},
      {"Sin",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::SinOp::create(s.b, v[0]);
       }},
      {"Softplus",
       [](const Scalar &s, ValueRange v) { return softplus(s.b, v[0]); }},
      {"Sqrt",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::SqrtOp::create(s.b, v[0]);
       }},
      {"Swish", [](const Scalar &s, ValueRange v) { return swish(s, v[0]); }},
      {"com.microsoft.QuickGelu",
       [](const Scalar &s, ValueRange v) { return swish(s, v[0]); }},
      {"Tanh",
       [](const Scalar &s, ValueRange v) -> Value {
         return math::TanhOp::create(s.b, v[0]);
       }},
  };
  auto it = bodies.find(kind);
  return it == bodies.end() ? nullptr : it->second;
}

static Body binaryBody(StringRef kind) {
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  static const llvm::StringMap<Body> bodies = {
      {"Add",
       [](const Scalar &s, ValueRange v) {
         return s.either<arith::AddFOp, arith::AddIOp>(v[0], v[1]);
       }},
      {"And",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::AndIOp::create(s.b, v[0], v[1]);
       }},
      {"Div", divide},
      {"Equal",
       [](const Scalar &s, ValueRange v) {
         return s.compare(F::OEQ, I::eq, I::eq, v[0], v[1]);
       }},
      {"Greater",
       [](const Scalar &s, ValueRange v) {
         return s.compare(F::OGT, I::sgt, I::ugt, v[0], v[1]);
       }},
      {"GreaterOrEqual",
       [](const Scalar &s, ValueRange v) {
         return s.compare(F::OGE, I::sge, I::uge, v[0], v[1]);
       }},
      {"Less",
       [](const Scalar &s, ValueRange v) {
         return s.compare(F::OLT, I::slt, I::ult, v[0], v[1]);
       }},
      {"LessOrEqual",
       [](const Scalar &s, ValueRange v) {
         return s.compare(F::OLE, I::sle, I::ule, v[0], v[1]);
       }},
      {"Max",
       [](const Scalar &s, ValueRange v) { return maximum(s, v[0], v[1]); }},
      {"Min",
       [](const Scalar &s, ValueRange v) { return minimum(s, v[0], v[1]); }},
      {"Mod", modulo},
      {"Mul",
       [](const Scalar &s, ValueRange v) {
         return s.either<arith::MulFOp, arith::MulIOp>(v[0], v[1]);
       }},
      {"Or",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::OrIOp::create(s.b, v[0], v[1]);
       }},
      {"Pow", power},
      {"Sub",
       [](const Scalar &s, ValueRange v) {
         return s.either<arith::SubFOp, arith::SubIOp>(v[0], v[1]);
       }},
      {"Sum",
       [](const Scalar &s, ValueRange v) {
         return s.either<arith::AddFOp, arith::AddIOp>(v[0], v[1]);
       }},
      {"Xor",
       [](const Scalar &s, ValueRange v) -> Value {
         return arith::XOrIOp::create(s.b, v[0], v[1]);
       }},
  };
  auto it = bodies.find(kind);
  return it == bodies.end() ? nullptr : it->second;
}

//===----------------------------------------------------------------------===//
// Lowerings
//===----------------------------------------------------------------------===//

/// The type to compute in: f32 for 16-bit floats.
static Type computeType(ImplicitLocOpBuilder &b, Type type) {
  return isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32
             ? b.getF32Type()
             : type;
}

static Value widen(ImplicitLocOpBuilder &b, Value value) {
  Type type = computeType(b, value.getType());
  return type == value.getType() ? value
                                 : arith::ExtFOp::create(b, type, value).getResult();
}

static Value narrow(ImplicitLocOpBuilder &b, Value value, Type element) {
  return isa<FloatType>(element) && value.getType() != element
             ? arith::TruncFOp::create(b, element, value).getResult()
             : value;
}

static SymTensor apply(Lowering &l, Node node, ArrayRef<SymTensor> operands,
                       ArrayRef<Sym> dims, Type element, Body body) {
  bool isUnsigned =
      Lowering::onnxElement(node.input(0)).isUnsignedInteger();
  return l.elementwise(operands, dims, element,
                       [&](ImplicitLocOpBuilder &b, ValueRange values) {
                         SmallVector<Value> wide;
                         for (Value value : values)
                           wide.push_back(widen(b, value));
                         return narrow(b, body({b, node, isUnsigned}, wide),
                                       element);
                       });
}

static Type resultElement(Node node) {
  return Lowering::signless(Lowering::onnxElement(node.output()));
}

static LogicalResult lowerUnary(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  l.set(node.output(),
        apply(l, node, x, x.dims, resultElement(node), unaryBody(node.kind())));
  return success();
}

static LogicalResult lowerBinary(Lowering &l, Node node) {
  SymTensor result = l.get(node.input(0));
  Body body = binaryBody(node.is("Mean") ? "Sum" : node.kind());
  if (node.inputs() == 1)
    return l.set(node.output(), result), success();
  for (unsigned i = 1; i < node.inputs(); ++i) {
    SymTensor next = l.get(node.input(i));
    // Pow's exponent may have another type than its base.
    if (isa<IntegerType>(result.element()) && isa<FloatType>(next.element()) &&
        node.is("Pow"))
      result = l.cast(result, next.element()); // Fractions count.
    else if (next.element() != result.element() && node.is("Pow"))
      next = l.cast(next, result.element());
    SymDims dims = i + 1 == node.inputs()
                       ? SymDims(l.shapes.dims(node.output()))
                       : l.shapes.broadcast(result.dims, next.dims);
    Type element = node.is("Pow") ? result.element() : resultElement(node);
    result = apply(l, node, {result, next}, dims, element, body);
    result = l.cast(result, resultElement(node));
  }
  if (node.is("Mean"))
    result = l.scale(result, 1.0 / node.inputs());
  l.set(node.output(), result);
  return success();
}

static LogicalResult lowerWhere(Lowering &l, Node node) {
  SmallVector<SymTensor> operands = {l.get(node.input(0)), l.get(node.input(1)),
                                     l.get(node.input(2))};
  l.set(node.output(),
        l.elementwise(operands, l.shapes.dims(node.output()),
                      resultElement(node),
                      [](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
                        return arith::SelectOp::create(b, v[0], v[1], v[2]);
                      }));
  return success();
}

/// Bounds are attributes (opset 6) or optional inputs.
static LogicalResult lowerClip(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  auto bound = [&](unsigned input, StringRef name) -> std::optional<SymTensor> {
    if (node.has(name))
      return l.fromScalar(l.number(x.element(), node.real(name, 0)));
    if (Value value = node.input(input))
      return l.reshape(l.get(value), {});
    return std::nullopt;
  };
  if (auto low = bound(1, "min"))
    x = apply(l, node, {x, *low}, x.dims, x.element(), binaryBody("Max"));
  if (auto high = bound(2, "max"))
    x = apply(l, node, {x, *high}, x.dims, x.element(), binaryBody("Min"));
  l.set(node.output(), x);
  return success();
}

/// ONNX casts: float to integer truncates, anything to bool tests for zero,
/// unsigned sources are not sign-extended.
static LogicalResult lowerCast(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0));
  Type from = Lowering::onnxElement(node.input(0));
  Type to = Lowering::onnxElement(node.output());
  Type element = Lowering::signless(to);
  auto body = [&](ImplicitLocOpBuilder &b, ValueRange v) -> Value {
    Value value = v[0];
    bool naturalSource = from.isUnsignedInteger() || from.isInteger(1);
    if (element.isInteger(1) && !from.isInteger(1)) {
      Value zero = arith::ConstantOp::create(b, b.getZeroAttr(value.getType()));
      if (isa<FloatType>(from))
        return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, value, zero);
      return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, value, zero);
    }
    if (isa<FloatType>(from) && isa<IntegerType>(element)) {
      // Through 64 bits, so that narrow targets wrap instead of being poison.
      Type wide = b.getI64Type();
      value = widen(b, value);
      Value integer = to.isUnsignedInteger(64)
                          ? arith::FPToUIOp::create(b, wide, value).getResult()
                          : arith::FPToSIOp::create(b, wide, value).getResult();
      return element == wide
                 ? integer
                 : arith::TruncIOp::create(b, element, integer).getResult();
    }
    if (naturalSource && isa<FloatType>(element)) {
      Type wide = computeType(b, element);
      return narrow(b, arith::UIToFPOp::create(b, wide, value), element);
    }
    if (isa<IntegerType>(from) && isa<FloatType>(element)) {
      Type wide = computeType(b, element);
      return narrow(b, arith::SIToFPOp::create(b, wide, value), element);
    }
    unsigned fromBits = value.getType().getIntOrFloatBitWidth();
    unsigned toBits = element.getIntOrFloatBitWidth();
    if (naturalSource && fromBits < toBits)
      return arith::ExtUIOp::create(b, element, value);
    return {};
  };
  bool isPlain = (isa<FloatType>(from) && isa<FloatType>(element)) ||
                 (isa<IntegerType>(from) && isa<IntegerType>(element) &&
                  (!element.isInteger(1) || from.isInteger(1)) &&
                  !((from.isUnsignedInteger() || from.isInteger(1)) &&
                    from.getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth()));
  l.set(node.output(), isPlain ? l.cast(x, element)
                               : l.elementwise(x, element, body));
  return success();
}

static LogicalResult lowerIdentity(Lowering &l, Node node) {
  l.set(node.output(), l.get(node.input(0)));
  return success();
}

void moec::addElementwiseLowerings(llvm::StringMap<NodeLowering> &table) {
  for (StringRef kind :
       {"Abs", "Ceil", "Cos", "Erf", "Exp", "Floor", "Gelu", "IsNaN", "Log",
        "Neg", "Not", "Reciprocal", "Relu", "Round", "Sigmoid", "Sign", "Sin",
        "Softplus", "Sqrt", "Swish", "Tanh", "com.microsoft.Gelu",
        "com.microsoft.QuickGelu"})
    table[kind] = lowerUnary;
  for (StringRef kind :
       {"Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less",
        "LessOrEqual", "Max", "Mean", "Min", "Mod", "Mul", "Or", "Pow", "Sub",
        "Sum", "Xor"})
    table[kind] = lowerBinary;
  table["Where"] = lowerWhere;
  table["Clip"] = lowerClip;
  table["Cast"] = table["CastLike"] = lowerCast;
  table["Identity"] = lowerIdentity;
}
