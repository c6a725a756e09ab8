//===- Region.h - What every dialect's region must be ---------------------===//
//
// Part of moec. The verifier behind `RegionAttr` of Region.td.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DIALECT_REGION_H
#define MOEC_DIALECT_REGION_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MathExtras.h"

namespace moec {

inline mlir::LogicalResult
verifyRegion(llvm::function_ref<mlir::InFlightDiagnostic()> emitError,
             llvm::StringRef file, int64_t offset, int64_t length) {
  if (file.empty()) // region_c1
    return emitError() << "a region needs a file name";
  int64_t end;
  if (offset < 0 || length < 0 ||
      llvm::AddOverflow(offset, length, end)) // region_c2
    return emitError() << "region of '" << file << "' has offset " << offset
                       << " and length " << length
                       << "; both must be non-negative and their sum fit 63 "
                          "bits";
  return mlir::success();
}

} // namespace moec

#endif // MOEC_DIALECT_REGION_H
