#include "dialect/Region.h"
#include "dialect/moe/Moe.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moec::moe;

#include "dialect/moe/MoeEnums.cpp.inc"

namespace moec::moe {

/// A number of a plan attribute; the printer always writes a decimal point.
static FailureOr<Number> parseNumber(AsmParser &parser) {
  double value = 0;
  if (parser.parseFloat(value))
    return failure();
  return Number(value);
}

} // namespace moec::moe

#define GET_ATTRDEF_CLASSES
#include "dialect/moe/MoeAttrs.cpp.inc"

void MoeDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/moe/MoeAttrs.cpp.inc"
      >();
}

LogicalResult RegionAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef file, int64_t offset,
                                 int64_t length) {
  return verifyRegion(emitError, file, offset, length);
}
