//===- Isa.h - Instruction set levels that a program is built for ---------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_ISA_H
#define MOEC_CODEGEN_ISA_H

#include "llvm/ADT/StringRef.h"

#include <array>

namespace moec::codegen {

/// A level of the x86-64 psABI. The runtime takes the first that the CPU has.
struct Isa {
  llvm::StringLiteral name;   ///< also LLVM's name of the CPU
  llvm::StringLiteral suffix; ///< of the entry's symbol
  llvm::StringLiteral vectorWidth;
};

inline constexpr std::array<Isa, 2> kIsaLevels = {
    {{"x86-64-v4", "_v4", "512"}, {"x86-64-v3", "_v3", "256"}}};

} // namespace moec::codegen

#endif // MOEC_CODEGEN_ISA_H
