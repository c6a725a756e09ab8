//===- Passes.h - From tensors to the LLVM dialect ------------------------===//
//
// Part of moec. See Passes.td for what each pass does.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_PASSES_H
#define MOEC_PASSES_LOWER_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace moec::lower {

#define GEN_PASS_DECL
#include "passes/lower/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/lower/Passes.h.inc"

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_PASSES_H
