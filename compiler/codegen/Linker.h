//===- Linker.h - Objects to a shared library -----------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_LINKER_H
#define MOEC_CODEGEN_LINKER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace moec::codegen {

/// Links object files into the shared library `output` with lld, which runs as
/// a subprocess. The library needs libm and libc only; symbols of the runtime
/// stay undefined. The error holds what the linker said.
llvm::Error linkSharedLibrary(llvm::ArrayRef<std::string> objects,
                              llvm::StringRef output);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_LINKER_H
