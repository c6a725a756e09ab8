//===- Passes.h - In which order ranks exchange ---------------------------===//
//
// Part of moec. See Passes.td for what each pass does.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_SCHEDULE_PASSES_H
#define MOEC_PASSES_SCHEDULE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace moec::schedule {

#define GEN_PASS_DECL
#include "passes/schedule/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/schedule/Passes.h.inc"

} // namespace moec::schedule

#endif // MOEC_PASSES_SCHEDULE_PASSES_H
