//===- Pipelines.h - In which order passes run ----------------------------===//
//
// Part of moec. The only place that states order.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_PIPELINES_H
#define MOEC_PASSES_PIPELINES_H

#include "plan/PlacementSolvers.h"

#include <string>
#include <vector>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace moec {

/// The onnx level to the moe level: shapes inferred, MoE layers raised, the
/// rest lowered to linalg on tensors.
void buildMoePipeline(mlir::OpPassManager &manager);

/// What to plan for, and how.
struct PlanOptions {
  std::string hardware; ///< a hardware file; empty: the module's own topology
  std::vector<std::string> routing; ///< files of routing statistics
  plan::PlacementStrategy strategy = plan::PlacementStrategy::Best;
  int64_t slots = 0; ///< of a layer over all devices; 0: one for each expert
};

/// Decisions about placement and order, as attributes.
void buildPlanPipeline(mlir::OpPassManager &manager,
                       const PlanOptions &options);

/// Planned functions (moe ops, linalg, tensor, moe_rt) to the lowered level:
/// buffers, loop bodies and calls of the runtime. `weights`: the type that f32
/// weights of products are stored in, bf16 or f16; empty: f32.
void buildLowerPipeline(mlir::OpPassManager &manager,
                        const std::string &weights);

/// The lowered level to the LLVM dialect, with the program's entry.
void buildLLVMPipeline(mlir::OpPassManager &manager);

/// `moe-lower` and `moe-llvm` for moe-opt.
void registerPipelines();

} // namespace moec

#endif // MOEC_PASSES_PIPELINES_H
