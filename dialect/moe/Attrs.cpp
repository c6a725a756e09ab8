#include "dialect/moe/Moe.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

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
  if (file.empty()) // region_c1
    return emitError() << "a region needs a file name";
  int64_t end;
  if (offset < 0 || length < 0 ||
      llvm::AddOverflow(offset, length, end)) // region_c2
    return emitError() << "region of '" << file << "' has offset " << offset
                       << " and length " << length
                       << "; both must be non-negative and their sum fit 63 "
                          "bits";
  return success();
}
