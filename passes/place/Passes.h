//===- Passes.h - Where experts live --------------------------------------===//
//
// Part of moec. See Passes.td for what each pass does.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_PLACE_PASSES_H
#define MOEC_PASSES_PLACE_PASSES_H

#include "plan/PlacementSolvers.h"

#include "mlir/Pass/Pass.h"

namespace moec::place {

#define GEN_PASS_DECL
#include "passes/place/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/place/Passes.h.inc"

} // namespace moec::place

#endif // MOEC_PASSES_PLACE_PASSES_H
