//===- PlacementProblem.h - Build placement problems from IR --------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_PLACEMENTPROBLEM_H
#define MOEC_PASSES_BRIDGE_PLACEMENTPROBLEM_H

#include "passes/bridge/Layers.h"
#include "plan/Placement.h"

namespace moec::bridge {

/// Experts of every layer that each rank's memory can hold beside the shared
/// weights, the same number in each layer. A device without a known memory is
/// not limited. Emits an error if the shared weights alone do not fit.
mlir::FailureOr<std::vector<int64_t>> expertRoom(mlir::ModuleOp module,
                                                 moe::TopologyAttr topology,
                                                 mlir::ArrayRef<Layer> layers);

/// The problem of one layer. `room` as `expertRoom` gives it; `slots` >= the
/// layer's experts is the budget, cut to what the devices can use. A layer
/// without statistics is taken to use its experts equally.
///
/// Seconds: a device's measured curve, else rows * flops / (rate * speed) where
/// `rate` is the fastest of the known peak rates per unit of speed, else rows /
/// speed. Tokens that leave their node cost their bytes there and back over the
/// slowest node's network.
///
/// Emits an error if the devices cannot hold the layer.
mlir::FailureOr<plan::PlacementProblem>
placementProblem(Layer layer, moe::TopologyAttr topology,
                 plan::LayerRouting routing, mlir::ArrayRef<int64_t> room,
                 int64_t slots);

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_PLACEMENTPROBLEM_H
