//===- Attributes.h - Attributes of the plan <-> plan types ---------------===//
//
// Part of moec. The folder bridge/ is the only place where IR meets the types
// of compiler/plan: nothing in plan/ knows MLIR, nothing in dialect/ knows a
// planner.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_ATTRIBUTES_H
#define MOEC_PASSES_BRIDGE_ATTRIBUTES_H

#include "dialect/moe/Moe.h"
#include "plan/Placement.h"

namespace moec::bridge {

/// What a plan needs of a machine: of the memory tiers the first, of the peak
/// rates that of f32. `topology` satisfies `check()`.
moe::TopologyAttr toAttr(mlir::MLIRContext *context,
                         const plan::Topology &topology);
plan::Topology toPlan(moe::TopologyAttr topology);

/// `placement` satisfies `verify` of its problem.
moe::PlacementAttr toAttr(mlir::MLIRContext *context,
                          const plan::LayerPlacement &placement);
plan::LayerPlacement toPlan(moe::PlacementAttr placement);

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_ATTRIBUTES_H
