#include "import/onnx/Attributes.h"

#include "import/onnx/Tensors.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace moec::import;
using ::onnx::AttributeProto;
using ::onnx::TensorProto;

static llvm::Error fail(const AttributeProto &attribute,
                        const llvm::Twine &message) {
  return llvm::createStringError("attribute '" + attribute.name() + "' " +
                                 message);
}

static llvm::Expected<Attribute> convertTensor(const AttributeProto &attribute,
                                               MLIRContext *context) {
  const TensorProto &tensor = attribute.t();
  if (tensor.data_location() == TensorProto::EXTERNAL)
    return fail(attribute, "is a tensor with external data, which only an "
                           "initializer or a Constant may have");
  llvm::Expected<RankedTensorType> type = tensorType(tensor, context);
  if (!type)
    return fail(attribute,
                "is a broken tensor: " + llvm::toString(type.takeError()));
  llvm::Expected<DenseElementsAttr> value = constantValue(*type, tensor);
  if (!value)
    return fail(attribute,
                "is a broken tensor: " + llvm::toString(value.takeError()));
  return *value;
}

llvm::Expected<Attribute>
moec::import::convertAttribute(const AttributeProto &attribute,
                               MLIRContext *context) {
  if (!attribute.ref_attr_name().empty())
    return fail(attribute, "refers to '" + attribute.ref_attr_name() +
                               "' of a function, but stands in none");
  Builder builder(context);
  switch (attribute.type()) {
  case AttributeProto::INT:
    return builder.getI64IntegerAttr(attribute.i());
  case AttributeProto::FLOAT:
    return builder.getF32FloatAttr(attribute.f());
  case AttributeProto::STRING:
    return builder.getStringAttr(attribute.s());
  case AttributeProto::INTS:
    return builder.getDenseI64ArrayAttr(
        ArrayRef<int64_t>(attribute.ints().data(), attribute.ints_size()));
  case AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(
        ArrayRef<float>(attribute.floats().data(), attribute.floats_size()));
  case AttributeProto::STRINGS: {
    SmallVector<Attribute> strings;
    for (const std::string &text : attribute.strings())
      strings.push_back(builder.getStringAttr(text));
    return builder.getArrayAttr(strings);
  }
  case AttributeProto::TENSOR:
    return convertTensor(attribute, context);
  case AttributeProto::GRAPH:
  case AttributeProto::GRAPHS:
    return fail(attribute, "is a subgraph; control flow (If, Loop, Scan) is "
                           "not supported");
  default:
    return fail(attribute, "is of a kind that is not supported "
                           "(AttributeProto.type " +
                               llvm::Twine(attribute.type()) + ")");
  }
}

llvm::Expected<DenseElementsAttr>
moec::import::constantOfAttribute(const AttributeProto &attribute,
                                  MLIRContext *context) {
  Builder builder(context);
  if (attribute.name() == "value_int")
    return DenseElementsAttr::get(
        RankedTensorType::get({}, builder.getI64Type()), attribute.i());
  if (attribute.name() == "value_float")
    return DenseElementsAttr::get(
        RankedTensorType::get({}, builder.getF32Type()), attribute.f());
  if (attribute.name() == "value_ints")
    return DenseElementsAttr::get(
        RankedTensorType::get({attribute.ints_size()}, builder.getI64Type()),
        ArrayRef<int64_t>(attribute.ints().data(), attribute.ints_size()));
  if (attribute.name() == "value_floats")
    return DenseElementsAttr::get(
        RankedTensorType::get({attribute.floats_size()}, builder.getF32Type()),
        ArrayRef<float>(attribute.floats().data(), attribute.floats_size()));
  return fail(attribute, "of a Constant is not supported; use value, "
                         "value_int, value_ints, value_float or value_floats");
}
