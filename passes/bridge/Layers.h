//===- Layers.h - The MoE layers of a module, as planners see them --------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_BRIDGE_LAYERS_H
#define MOEC_PASSES_BRIDGE_LAYERS_H

#include "dialect/moe/Moe.h"

#include "mlir/IR/BuiltinOps.h"

namespace moec::bridge {

/// One `moe.experts` op. Layers are counted in the order of these ops.
struct Layer {
  moe::ExpertsOp op;
  int64_t index = 0;
  int64_t experts = 0;
  int64_t expertBytes = 0; ///< weights and biases of one expert
  int64_t rowBytes = 0;    ///< one row of the exchange; kernels compute in f32
  double rowFlops = 0;     ///< operations of one row in one expert
};
llvm::SmallVector<Layer> layersOf(mlir::ModuleOp module);

/// Bytes of the weights that every rank holds: all but the experts'.
int64_t sharedWeightBytes(mlir::ModuleOp module);

/// The topology of the module; null if it has none.
moe::TopologyAttr topologyOf(mlir::ModuleOp module);

} // namespace moec::bridge

#endif // MOEC_PASSES_BRIDGE_LAYERS_H
