//===- ProgramEntry.h - The function that the runtime calls ---------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_PROGRAMENTRY_H
#define MOEC_PASSES_LOWER_PROGRAMENTRY_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

namespace mlir {
class LLVMTypeConverter;
} // namespace mlir

namespace moec::lower {

/// The entry's symbol; code generation appends the ISA level.
constexpr llvm::StringLiteral kProgramEntry = "moe_program_run";

/// By function: where the pointers of `moe_rt.noalias` memrefs come to lie when
/// the arguments are expanded. The conversion to LLVM drops the attribute.
using NoAliasPointers = llvm::StringMap<llvm::SmallVector<unsigned>>;
NoAliasPointers collectNoAlias(mlir::ModuleOp module);

/// Makes every function with a body internal and gives LLVM's attribute to
/// these pointers.
void privatizeFunctions(mlir::ModuleOp module, const NoAliasPointers &noAlias);

/// Adds `void moe_program_run(void **inputs, void **outputs)` around the
/// lowered
/// `@main`, whose type was `signature` in memref form. Fails with an error if
/// @main takes or returns anything but memrefs.
mlir::LogicalResult
createProgramEntry(mlir::ModuleOp module, mlir::FunctionType signature,
                   const mlir::LLVMTypeConverter &converter);

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_PROGRAMENTRY_H
