#include "passes/import/lowering/Lowering.h"

#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Type Lowering::signless(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && !integer.isSignless()
             ? IntegerType::get(type.getContext(), integer.getWidth())
             : type;
}

Type Lowering::onnxElement(Value onnxValue) {
  return cast<ShapedType>(onnxValue.getType()).getElementType();
}

static Value plainWeight(ImplicitLocOpBuilder &b, onnx::WeightOp weight,
                         RankedTensorType type) {
  onnx::RegionAttr from = weight.getRegion();
  Attribute region = rt::RegionAttr::get(b.getContext(), from.getFile(),
                                         from.getOffset(), from.getLength());
  auto pack = rt::PackAttr::get(b.getContext(), rt::PackKind::None,
                                /*transposed=*/false, std::nullopt);
  return rt::WeightOp::create(b, type, weight.getName(),
                              b.getArrayAttr(region), ArrayAttr(), type, pack,
                              ArrayAttr(), Value());
}

/// The elements of a constant with a signless type.
static DenseElementsAttr signlessElements(DenseElementsAttr elements, Type type) {
  return elements.getElementType() == type ? elements
                                           : elements.bitcast(type);
}

SymTensor Lowering::get(Value onnxValue) {
  SymDims dims(shapes.dims(onnxValue));
  Value &lowered = values[onnxValue];
  if (!lowered) {
    // Weights and constants are lowered where they are first used.
    Type element = signless(onnxElement(onnxValue));
    if (auto weight = onnxValue.getDefiningOp<onnx::WeightOp>()) {
      lowered = plainWeight(b, weight, tensorTypeOf(dims, element));
    } else if (auto constant = onnxValue.getDefiningOp<onnx::ConstantOp>()) {
      auto elements = signlessElements(
          mlir::cast<DenseElementsAttr>(constant.getValue()), element);
      lowered = arith::ConstantOp::create(b, elements);
    }
  }
  return {lowered, dims};
}

SymTensor Lowering::wrap(Value lowered) {
  auto type = mlir::cast<RankedTensorType>(lowered.getType());
  SymDims dims;
  for (auto [axis, extent] : llvm::enumerate(type.getShape()))
    dims.push_back(ShapedType::isDynamic(extent)
                       ? syms().extent(lowered, axis)
                       : syms().constant(extent));
  values[lowered] = lowered;
  return {lowered, dims};
}

Sym Lowering::own(Value index) {
  if (std::optional<int64_t> constant = getConstantIntValue(index))
    return syms().constant(*constant);
  Sym sym = syms().extent(index, 0);
  indices[sym] = index;
  return sym;
}

void Lowering::set(Value onnxValue, Value lowered) {
  if (!onnxValue)
    return;
  RankedTensorType proven =
      tensorTypeOf(shapes.dims(onnxValue), signless(onnxElement(onnxValue)));
  if (lowered.getType() != proven)
    lowered = tensor::CastOp::create(b, proven, lowered);
  values[onnxValue] = lowered;
}

/// x / y rounded down; `natural`: neither is negative.
static Value floorDivide(ImplicitLocOpBuilder &b, Value x, Value y, bool natural) {
  if (natural)
    return arith::DivUIOp::create(b, x, y);
  Value zero = arith::ConstantIndexOp::create(b, 0);
  Value one = arith::ConstantIndexOp::create(b, 1);
  Value quotient = arith::DivSIOp::create(b, x, y);
  Value rest = arith::RemSIOp::create(b, x, y);
  auto test = [&](arith::CmpIPredicate predicate, Value v) -> Value {
    return arith::CmpIOp::create(b, predicate, v, zero);
  };
  Value isInexact = test(arith::CmpIPredicate::ne, rest);
  Value differ = test(arith::CmpIPredicate::slt, arith::XOrIOp::create(b, rest, y));
  Value lower = arith::SubIOp::create(b, quotient, one);
  return arith::SelectOp::create(
      b, arith::AndIOp::create(b, isInexact, differ), lower, quotient);
}

Value Lowering::materialize(int id) {
  const SymAtom atom = syms().atom(id); // a copy: new atoms move the old ones
  auto operand = [&](int i) { return index(syms().atom(id).operands[i]); };
  // An extent may be 0 in some run; a division must not trap then.
  auto divisor = [&]() -> Value {
    Value value = operand(1);
    if (syms().atom(id).operands[1].constant())
      return value;
    Value one = arith::ConstantIndexOp::create(b, 1);
    return arith::MaxSIOp::create(b, value, one);
  };
  switch (atom.kind) {
  case SymAtom::Dim:
    return tensor::DimOp::create(b, get(atom.source).value, atom.axis);
  case SymAtom::Element: {
    SymTensor source = get(atom.source);
    SymTensor flat = reshape(source, {shapes.elements(atom.source)});
    Value at = arith::ConstantIndexOp::create(b, atom.axis);
    Value element = tensor::ExtractOp::create(b, flat.value, at);
    bool isUnsigned = onnxElement(atom.source).isUnsignedInteger() ||
                      onnxElement(atom.source).isInteger(1);
    if (isUnsigned)
      return arith::IndexCastUIOp::create(b, b.getIndexType(), element);
    return arith::IndexCastOp::create(b, b.getIndexType(), element);
  }
  case SymAtom::FloorDiv:
    return floorDivide(b, operand(0), divisor(), atom.nonNegative);
  case SymAtom::Mod:
    return arith::RemSIOp::create(b, operand(0), divisor());
  case SymAtom::Min:
    return arith::MinSIOp::create(b, operand(0), operand(1));
  case SymAtom::Max:
    return arith::MaxSIOp::create(b, operand(0), operand(1));
  case SymAtom::Broadcast: {
    Value x = operand(0), y = operand(1);
    Value one = arith::ConstantIndexOp::create(b, 1);
    Value isOne = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, one);
    return arith::SelectOp::create(b, isOne, y, x);
  }
  }
  llvm_unreachable("every kind of atom is handled");
}

Value Lowering::index(Sym sym) {
  if (Value known = indices[sym])
    return known;
  Value sum;
  for (const auto &[monomial, coefficient] : sym.terms()) {
    Value product;
    if (coefficient != 1 || monomial.empty())
      product = arith::ConstantIndexOp::create(b, coefficient);
    for (int id : monomial) {
      Sym single = syms().atomSym(id);
      Value factor = single == sym ? materialize(id) : index(single);
      product = product ? arith::MulIOp::create(b, product, factor).getResult()
                        : factor;
    }
    sum = sum ? arith::AddIOp::create(b, sum, product).getResult() : product;
  }
  if (!sum)
    sum = arith::ConstantIndexOp::create(b, 0);
  return indices[sym] = sum;
}

OpFoldResult Lowering::fold(Sym sym) {
  if (auto constant = sym.constant())
    return b.getIndexAttr(*constant);
  return index(sym);
}

SmallVector<OpFoldResult> Lowering::fold(ArrayRef<Sym> dims) {
  return llvm::map_to_vector(dims, [&](Sym dim) { return fold(dim); });
}

void Lowering::check(Value condition, const Twine &message) {
  rt::CheckOp::create(b, condition, message.str());
}

void Lowering::checkEqual(Sym x, Sym y, const Twine &message) {
  if (x == y)
    return;
  check(arith::CmpIOp::create(b, arith::CmpIPredicate::eq, index(x), index(y)),
        message);
}

//===----------------------------------------------------------------------===//
// Making tensors
//===----------------------------------------------------------------------===//

SymTensor Lowering::empty(ArrayRef<Sym> dims, Type element) {
  return {tensor::EmptyOp::create(b, fold(dims), element), SymDims(dims)};
}

SymTensor Lowering::splat(ArrayRef<Sym> dims, Value scalar) {
  SymTensor init = empty(dims, scalar.getType());
  return {linalg::FillOp::create(b, scalar, init.value).getResult(0),
          SymDims(dims)};
}

Value Lowering::zero(Type type) {
  return arith::ConstantOp::create(b, b.getZeroAttr(type));
}

Value Lowering::number(Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  return arith::ConstantOp::create(
      b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value Lowering::scalar(const SymTensor &tensor) {
  SymTensor point = reshape(tensor, {});
  return tensor::ExtractOp::create(b, point.value, ValueRange{});
}

SymTensor Lowering::fromScalar(Value scalar) {
  auto type = RankedTensorType::get({}, scalar.getType());
  return {tensor::FromElementsOp::create(b, type, scalar), {}};
}

SymTensor Lowering::kernel(StringRef name, ValueRange inputs,
                           const SymTensor &init,
                           ArrayRef<NamedAttribute> attributes) {
  return kernel(name, inputs, ArrayRef(init), attributes).front();
}

SmallVector<SymTensor> Lowering::kernel(StringRef name, ValueRange inputs,
                                        ArrayRef<SymTensor> inits,
                                        ArrayRef<NamedAttribute> attributes) {
  SmallVector<Value> buffers;
  SmallVector<Type> types;
  for (const SymTensor &init : inits) {
    buffers.push_back(init.value);
    types.push_back(init.value.getType());
  }
  auto call = rt::KernelOp::create(
      b, types, FlatSymbolRefAttr::get(b.getContext(), name), inputs, buffers);
  for (NamedAttribute attribute : attributes)
    call->setAttr(attribute.getName(), attribute.getValue());
  SmallVector<SymTensor> results;
  for (auto [init, result] : llvm::zip(inits, call.getResults()))
    results.push_back({result, init.dims});
  return results;
}
