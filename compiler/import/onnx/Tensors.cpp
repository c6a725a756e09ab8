#include "import/onnx/Tensors.h"

#include "dialect/onnx/Onnx.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace moec::import;
using llvm::Twine;
using ::onnx::TensorProto;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

llvm::Expected<Type> moec::import::elementType(int dataType,
                                               MLIRContext *context) {
  Builder builder(context);
  switch (dataType) {
  case TensorProto::FLOAT:
    return builder.getF32Type();
  case TensorProto::UINT8:
    return builder.getIntegerType(8, /*isSigned=*/false);
  case TensorProto::INT8:
    return builder.getI8Type();
  case TensorProto::UINT16:
    return builder.getIntegerType(16, /*isSigned=*/false);
  case TensorProto::INT16:
    return builder.getI16Type();
  case TensorProto::INT32:
    return builder.getI32Type();
  case TensorProto::INT64:
    return builder.getI64Type();
  case TensorProto::BOOL:
    return builder.getI1Type();
  case TensorProto::FLOAT16:
    return builder.getF16Type();
  case TensorProto::DOUBLE:
    return builder.getF64Type();
  case TensorProto::UINT32:
    return builder.getIntegerType(32, /*isSigned=*/false);
  case TensorProto::UINT64:
    return builder.getIntegerType(64, /*isSigned=*/false);
  case TensorProto::BFLOAT16:
    return builder.getBF16Type();
  default:
    std::string name = ::onnx::TensorProto_DataType_IsValid(dataType)
                           ? ::onnx::TensorProto_DataType_Name(
                                 static_cast<TensorProto::DataType>(dataType))
                           : std::to_string(dataType);
    return fail("element type " + name + " is not supported");
  }
}

llvm::Expected<RankedTensorType>
moec::import::tensorType(const TensorProto &tensor, MLIRContext *context) {
  llvm::Expected<Type> element = elementType(tensor.data_type(), context);
  if (!element)
    return element.takeError();
  for (int64_t size : tensor.dims())
    if (size < 0)
      return fail("a size of " + Twine(size) + " is negative");
  ArrayRef<int64_t> shape(tensor.dims().data(), tensor.dims_size());
  auto type = RankedTensorType::get(shape, *element);
  if (!onnx::byteSize(type))
    return fail("its size in bytes does not fit 63 bits");
  return type;
}

llvm::Expected<DenseElementsAttr>
moec::import::constantFromBytes(RankedTensorType type, StringRef bytes) {
  std::optional<int64_t> needed = onnx::byteSize(type);
  if (!needed || *needed != static_cast<int64_t>(bytes.size()))
    return fail("its data has " + Twine(bytes.size()) +
                " bytes; its type needs " + Twine(needed.value_or(-1)));
  if (bytes.empty())
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (type.getElementType().isInteger(1)) {
    SmallVector<bool> values;
    for (char byte : bytes)
      values.push_back(byte != 0);
    return DenseElementsAttr::get(type, ArrayRef<bool>(values));
  }
  // Equal elements are stored once: exporters fill large masks and zeros.
  size_t unit = type.getElementTypeBitWidth() / 8;
  bool isSplat = bytes.drop_front(unit) == bytes.drop_back(unit);
  StringRef stored = isSplat ? bytes.take_front(unit) : bytes;
  return DenseElementsAttr::getFromRawBuffer(
      type, ArrayRef<char>(stored.data(), stored.size()));
}

/// Packs the elements of a typed field, each narrowed to `To`.
template <typename To, typename Field>
static std::string pack(const Field &field) {
  std::string bytes;
  bytes.reserve(field.size() * sizeof(To));
  for (auto element : field) {
    To value = static_cast<To>(element);
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(To));
  }
  return bytes;
}

/// The bytes of a tensor without raw_data. onnx.proto says which field holds
/// which type; 16-bit floats lie in int32_data as bit patterns.
static std::string packTypedData(const TensorProto &tensor) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return pack<float>(tensor.float_data());
  case TensorProto::DOUBLE:
    return pack<double>(tensor.double_data());
  case TensorProto::INT64:
    return pack<int64_t>(tensor.int64_data());
  case TensorProto::UINT32:
    return pack<uint32_t>(tensor.uint64_data());
  case TensorProto::UINT64:
    return pack<uint64_t>(tensor.uint64_data());
  case TensorProto::INT32:
    return pack<int32_t>(tensor.int32_data());
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return pack<uint16_t>(tensor.int32_data());
  default: // INT8, UINT8, BOOL: elementType() let nothing else through
    return pack<uint8_t>(tensor.int32_data());
  }
}

llvm::Expected<DenseElementsAttr>
moec::import::constantValue(RankedTensorType type, const TensorProto &tensor) {
  if (tensor.has_raw_data())
    return constantFromBytes(type, tensor.raw_data());
  return constantFromBytes(type, packTypedData(tensor));
}
