//===- ExchangeProblem.h - Build all-to-all problems from IR --------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_EXCHANGEPROBLEM_H
#define MOEC_PASSES_BRIDGE_EXCHANGEPROBLEM_H

#include "passes/bridge/Layers.h"
#include "plan/AllToAll.h"
#include "plan/PairRounds.h"
#include "plan/Placement.h"

namespace moec::bridge {

/// What ranks are expected to send each other in one dispatch of a placed
/// layer: bytes of the mean step.
///
/// With token ids the same as the program does: the tokens of a step are shared
/// out in order and replicas take turns by token index (steps are taken as
/// equally long). With loads only, each rank sends its share of each expert's
/// load; without statistics, one row to each expert.
plan::AllToAllProblem exchangeProblem(const Layer &layer,
                                      moe::TopologyAttr topology,
                                      const plan::LayerRouting &routing,
                                      const plan::LayerPlacement &placement);

moe::RoundsAttr toAttr(mlir::MLIRContext *context,
                       const plan::PairRounds &rounds);

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_EXCHANGEPROBLEM_H
