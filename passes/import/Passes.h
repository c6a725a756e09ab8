//===- Passes.h - Passes from the onnx level to the moe level -------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_PASSES_H
#define MOEC_PASSES_IMPORT_PASSES_H

#include "mlir/Pass/Pass.h"

namespace moec {

#define GEN_PASS_DECL
#include "passes/import/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/import/Passes.h.inc"

} // namespace moec

#endif // MOEC_PASSES_IMPORT_PASSES_H
