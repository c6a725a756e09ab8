//===- ObjectEmitter.h - LLVM IR to an object file ------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_OBJECTEMITTER_H
#define MOEC_CODEGEN_OBJECTEMITTER_H

#include "codegen/Isa.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace llvm {
class Module;
} // namespace llvm

namespace moec::codegen {

/// Optimises `module` (-O3) for the level and emits a relocatable object. The
/// module is changed: its functions get the level's CPU and its entry the
/// level's suffix. Safe to call from several threads, each with its own
/// LLVMContext. Fails if the object would need symbols that neither the runtime
/// nor libc/libm has.
llvm::Expected<llvm::SmallVector<char, 0>> emitObject(llvm::Module &module,
                                                      const Isa &isa);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_OBJECTEMITTER_H
