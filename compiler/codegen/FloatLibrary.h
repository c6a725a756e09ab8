//===- FloatLibrary.h - Conversions that LLVM may call --------------------===//
//
// Part of moec. A program links no compiler runtime library, so the one routine
// of it that x86 code generation asks for (to round f32 to bf16, which it does
// when it selects between bf16 vectors) is part of the program.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_FLOATLIBRARY_H
#define MOEC_CODEGEN_FLOATLIBRARY_H

namespace llvm {
class Module;
} // namespace llvm

namespace moec::codegen {

/// Defines `__truncsfbf2` (round to nearest even; a NaN stays a NaN). Hidden,
/// and the same in every instruction set level.
void addFloatLibrary(llvm::Module &module);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_FLOATLIBRARY_H
