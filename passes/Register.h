//===- Register.h - Dialects and passes of moec ---------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_REGISTER_H
#define MOEC_PASSES_REGISTER_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moec {

/// Every dialect and external model that our levels of IR use.
void registerDialects(mlir::DialectRegistry &registry);
/// Every pass and pipeline, for moe-opt.
void registerPasses();

} // namespace moec

#endif // MOEC_PASSES_REGISTER_H
