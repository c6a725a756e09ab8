//===- Passes.h - What must hold at the borders of the levels -------------===//
//
// Part of moec. See Passes.td for what each pass checks.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_VERIFY_PASSES_H
#define MOEC_PASSES_VERIFY_PASSES_H

#include "mlir/Pass/Pass.h"

namespace moec::verify {

#define GEN_PASS_DECL
#include "passes/verify/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/verify/Passes.h.inc"

} // namespace moec::verify

#endif // MOEC_PASSES_VERIFY_PASSES_H
