//===- PlanFile.h - The decisions in a module as a plan file --------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_PLANFILE_H
#define MOEC_PASSES_BRIDGE_PLANFILE_H

#include "passes/bridge/Layers.h"
#include "target/PlanFile.h"

#include <optional>

namespace moec::bridge {

/// What was decided for the layers of a planned module: placements, rounds, and
/// the sums of their predicted times beside linear placement. Nothing if no
/// layer is placed.
std::optional<target::PlacementDecision> decisionOf(mlir::ModuleOp module);

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_PLANFILE_H
