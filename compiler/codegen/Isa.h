//===- Isa.h - Instruction set levels that a program is built for ---------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_ISA_H
#define MOEC_CODEGEN_ISA_H

#include "codegen/WeightTable.h"

namespace moec::codegen {

/// A level of the x86-64 psABI, perhaps with AMX.
struct Isa {
  llvm::StringLiteral name;
  llvm::StringLiteral cpu, features; ///< LLVM's names
  llvm::StringLiteral suffix;        ///< of the entry's symbol
  llvm::StringLiteral vectorWidth;
};

/// Best first; the runtime takes the first that the CPU has. AMX multiplies
/// panels of bf16, and nothing else.
llvm::SmallVector<Isa> isaLevels(llvm::ArrayRef<Weight> weights);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_ISA_H
