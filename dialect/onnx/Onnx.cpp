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
}

LogicalResult moec::onnx::verifyArity(Operation *op, int64_t minInputs,
                                      int64_t maxInputs, int64_t maxOutputs) {
  auto outside = [](int64_t n, int64_t min, int64_t max) {
    return n < min || (max >= 0 && n > max);
  };
  auto range = [](int64_t min, int64_t max) {
    std::string text = std::to_string(min);
    if (max < 0)
      return text + " or more";
    return min == max ? text : text + " to " + std::to_string(max);
  };
  int64_t inputs = op->getNumOperands(), outputs = op->getNumResults();
  if (outside(inputs, minInputs, maxInputs))
    return op->emitOpError() << "has " << inputs << " inputs; expected "
                             << range(minInputs, maxInputs);
  if (outside(outputs, 1, maxOutputs))
    return op->emitOpError() << "has " << outputs << " outputs; expected "
                             << range(1, maxOutputs);
  return success();
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
  if (file.empty()) // region_c1
    return emitError() << "a region needs a file name";
  int64_t end;
  if (offset < 0 || length < 0 || llvm::AddOverflow(offset, length, end)) // region_c2
    return emitError() << "region of '" << file << "' has offset " << offset
                       << " and length " << length
                       << "; both must be non-negative and their sum fit 63 bits";
  return success();
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
