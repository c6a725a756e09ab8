#include "dialect/Region.h"
#include "dialect/onnx/Onnx.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moec::onnx;

#include "dialect/onnx/OnnxDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/onnx/OnnxAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/onnx/OnnxOps.cpp.inc"

void OnnxDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/onnx/OnnxAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/onnx/OnnxOps.cpp.inc"
      >();
  addOperators();
}

std::optional<int64_t> moec::onnx::byteSize(ShapedType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  unsigned bits = type.getElementTypeBitWidth();
  int64_t unit = type.getElementType().isInteger(1) ? 8 : bits;
  int64_t total = unit;
  for (int64_t dim : type.getShape())
    if (llvm::MulOverflow(total, dim, total))
      return std::nullopt;
  return total / 8 + (total % 8 != 0);
}

LogicalResult RegionAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef file, int64_t offset,
                                 int64_t length) {
  return verifyRegion(emitError, file, offset, length);
}

LogicalResult WeightOp::verify() {
  std::optional<int64_t> size = byteSize(getType()); // weight_c1 is the type's
  if (!size || *size != getRegion().getLength())     // weight_c2
    return emitOpError() << "'" << getName() << "' of type " << getType()
                         << " needs " << size.value_or(-1)
                         << " bytes; its region has "
                         << getRegion().getLength();
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }
