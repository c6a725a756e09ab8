#include "dialect/onnx/Node.h"

using namespace mlir;
using namespace moec::onnx;

bool Node::isNode(Operation *op) {
  return op && isa_and_nonnull<OnnxDialect>(op->getDialect()) &&
         !isa<NoneOp, WeightOp, ConstantOp>(op);
}

Node Node::defining(Value value) {
  Operation *op = value ? value.getDefiningOp() : nullptr;
  return isNode(op) ? Node(op) : Node();
}

StringRef Node::kind() const { return op->getName().stripDialect(); }

Value Node::input(unsigned i) const {
  if (i >= op->getNumOperands())
    return {};
  Value value = op->getOperand(i);
  return isa<NoneType>(value.getType()) ? Value() : value;
}

Value Node::output(unsigned i) const {
  if (i >= op->getNumResults() || isa<NoneType>(op->getResult(i).getType()))
    return {};
  return op->getResult(i);
}

RankedTensorType Node::inputType(unsigned i) const {
  Value value = input(i);
  return value ? dyn_cast<RankedTensorType>(value.getType())
               : RankedTensorType();
}

RankedTensorType Node::outputType(unsigned i) const {
  Value value = output(i);
  return value ? dyn_cast<RankedTensorType>(value.getType())
               : RankedTensorType();
}

int64_t Node::integer(StringRef attribute, int64_t otherwise) const {
  auto attr = op->getAttrOfType<IntegerAttr>(attribute);
  return attr ? attr.getInt() : otherwise;
}

double Node::real(StringRef attribute, double otherwise) const {
  auto attr = op->getAttrOfType<FloatAttr>(attribute);
  return attr ? attr.getValueAsDouble() : otherwise;
}

StringRef Node::string(StringRef attribute, StringRef otherwise) const {
  auto attr = op->getAttrOfType<StringAttr>(attribute);
  return attr ? attr.getValue() : otherwise;
}

SmallVector<int64_t> Node::integers(StringRef attribute) const {
  SmallVector<int64_t> result;
  if (auto dense = op->getAttrOfType<DenseI64ArrayAttr>(attribute))
    result.append(dense.asArrayRef().begin(), dense.asArrayRef().end());
  else if (auto array = op->getAttrOfType<ArrayAttr>(attribute))
    for (Attribute element : array)
      if (auto integer = dyn_cast<IntegerAttr>(element))
        result.push_back(integer.getInt());
  return result;
}

DenseElementsAttr moec::onnx::constantValue(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  return constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                  : DenseElementsAttr();
}

std::optional<SmallVector<int64_t>>
moec::onnx::constantIntegers(Value value) {
  DenseElementsAttr elements = constantValue(value);
  if (!elements || !isa<IntegerType>(elements.getElementType()))
    return std::nullopt;
  bool isUnsigned = elements.getElementType().isUnsignedInteger() ||
                    elements.getElementType().isInteger(1);
  SmallVector<int64_t> result;
  for (const APInt &element : elements.getValues<APInt>())
    result.push_back(isUnsigned ? static_cast<int64_t>(element.getZExtValue())
                                : element.getSExtValue());
  return result;
}

std::optional<double> moec::onnx::constantScalar(Value value) {
  DenseElementsAttr elements = constantValue(value);
  if (!elements || elements.getNumElements() != 1)
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType())) {
    APFloat scalar = *elements.getValues<APFloat>().begin();
    bool losesInfo;
    scalar.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                   &losesInfo);
    return scalar.convertToDouble();
  }
  if (auto integers = constantIntegers(value))
    return static_cast<double>(integers->front());
  return std::nullopt;
}
