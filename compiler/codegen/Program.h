//===- Program.h - The lowered module to program.so -----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_PROGRAM_H
#define MOEC_CODEGEN_PROGRAM_H

#include "codegen/WeightTable.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace moec::codegen {

/// What a context needs so that buildProgram can translate its modules.
void registerTranslations(mlir::DialectRegistry &registry);

/// Compiles `module` (lowered or LLVM level) for every level of
/// isaLevels(weights), each on a thread, and links them into the shared library
/// `output`. Objects are written beside it and removed. The module itself is not
/// changed.
llvm::Error buildProgram(mlir::ModuleOp module, llvm::ArrayRef<Weight> weights,
                         llvm::StringRef output);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_PROGRAM_H
