//===- PlacementProblem.h - Build placement problems from IR --------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_PLACEMENTPROBLEM_H
#define MOEC_PASSES_BRIDGE_PLACEMENTPROBLEM_H

#include "passes/bridge/Routing.h"
#include "plan/Placement.h"

namespace moec::bridge {

/// One layer's problem.
struct LayerProblem {
  Layer layer;
  plan::PlacementProblem problem;
  /// There are statistics; otherwise experts are taken to be used equally.
  bool known = false;
};

/// Builds the problem of each layer of a module in turn and hands it to
/// `decide`, which solves it, writes the solution and may fail. `slots` is the
/// budget of a layer: at least one for each expert is taken, at most what the
/// devices can use. Nothing happens without a topology.
///
/// Room: a device holds as many experts of each layer, the same number in all,
/// as its memory has bytes for beside the weights that every device holds; no
/// known memory is no limit.
///
/// Seconds: a device's measured curve, else rows * flops / (rate * speed) where
/// `rate` is the fastest of the known peak rates per unit of speed, else rows /
/// speed. Tokens that leave their node cost their bytes there and back over the
/// slowest node's network.
///
/// Emits an error if the statistics cannot be used or the weights do not fit.
mlir::LogicalResult forEachPlacementProblem(
    mlir::ModuleOp module, const Routing &routing, int64_t slots,
    llvm::function_ref<mlir::LogicalResult(LayerProblem &)> decide);

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_PLACEMENTPROBLEM_H
