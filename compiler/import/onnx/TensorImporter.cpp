#include "import/onnx/TensorImporter.h"

#include "import/onnx/Tensors.h"

#include "dialect/onnx/Onnx.h"

using namespace mlir;
using namespace moec::import;
using llvm::Twine;
using ::onnx::TensorProto;
namespace dialect = moec::onnx;

/// Integers and bools are shapes, axes, indices and masks; few floats are
/// scalars and small tables.
static constexpr int64_t maxConstantIntegers = 4096;
static constexpr int64_t maxConstantFloats = 256;

static bool isSmall(RankedTensorType type) {
  return type.getNumElements() <= (isa<FloatType>(type.getElementType())
                                       ? maxConstantFloats
                                       : maxConstantIntegers);
}

static bool isExternal(const TensorProto &tensor) {
  return tensor.data_location() == TensorProto::EXTERNAL;
}

llvm::Expected<DenseElementsAttr>
TensorImporter::load(RankedTensorType type, const TensorProto &tensor,
                     const std::optional<FileRegion> &region) const {
  if (!region)
    return constantValue(type, tensor);
  if (!isExternal(tensor))
    return constantFromBytes(type, file.bytes(*region));
  auto bytes = external.read(*region);
  if (!bytes)
    return bytes.takeError();
  return constantFromBytes(type, (*bytes)->getBuffer());
}

llvm::Expected<Value> TensorImporter::create(OpBuilder &builder, Location loc,
                                             StringRef name,
                                             const TensorProto &tensor,
                                             std::optional<FileRegion> region) {
  llvm::Expected<RankedTensorType> type =
      tensorType(tensor, builder.getContext());
  if (!type)
    return type.takeError();
  int64_t bytes = *dialect::byteSize(*type);
  if (isExternal(tensor)) {
    llvm::Expected<FileRegion> located = external.locate(tensor, bytes);
    if (!located)
      return located.takeError();
    region = *located;
  }
  if (region && !isSmall(*type)) {
    if (region->length != bytes)
      return llvm::createStringError("its data has " + Twine(region->length) +
                                     " bytes; its type needs " + Twine(bytes));
    auto attribute = dialect::RegionAttr::get(
        builder.getContext(), region->file, region->offset, region->length);
    return dialect::WeightOp::create(builder, loc, *type, name, attribute)
        .getResult();
  }
  llvm::Expected<DenseElementsAttr> value = load(*type, tensor, region);
  if (!value)
    return value.takeError();
  return dialect::ConstantOp::create(builder, loc, *type, *value).getResult();
}
