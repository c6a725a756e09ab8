//===- Diagnostics.h - One error message per run --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_DIAGNOSTICS_H
#define MOEC_DRIVER_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

#include <atomic>

namespace moec::driver {

/// Prints the first error of a run with its notes, and warnings, to stderr:
///   moe-compile: error: FILE:LINE:COLUMN: MESSAGE     (IR)
///   moe-compile: error: node 'NAME': MESSAGE          (ONNX)
/// What follows the first error is its consequence and is dropped.
class FirstErrorHandler : public mlir::ScopedDiagnosticHandler {
public:
  explicit FirstErrorHandler(mlir::MLIRContext *context);

  /// An error to print if nothing better was said.
  void emitFallback(const std::string &message);

private:
  mlir::LogicalResult handle(mlir::Diagnostic &diagnostic);

  std::atomic<bool> hasError = false;
};

} // namespace moec::driver

#endif // MOEC_DRIVER_DIAGNOSTICS_H
