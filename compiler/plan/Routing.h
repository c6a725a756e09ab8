//===- Routing.h - How tokens choose experts ------------------------------===//
//
// Part of moec. Statistics of routing, as read from a recorded trace. Either
// only totals are known (`steps() == 1` and no ids), or loads per step, or the
// ids of every token, from which everything else follows.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ROUTING_H
#define MOEC_PLAN_ROUTING_H

#include "plan/Result.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Routing of one MoE layer.
struct LayerRouting {
  int64_t layer = 0;   ///< index of the layer in the model
  int64_t experts = 0; ///< E
  int64_t topK = 0;    ///< k; 0 when only loads are known

  /// Token-expert pairs per step and expert, [steps][experts]. One step when
  /// only totals are known.
  std::vector<std::vector<int64_t>> stepLoads;

  /// Expert ids of every token, row-major [tokens, topK]; -1 marks a hole.
  /// Empty when the source holds counts only.
  std::vector<int32_t> ids;

  int64_t steps() const { return static_cast<int64_t>(stepLoads.size()); }
  int64_t tokens() const {
    return topK ? static_cast<int64_t>(ids.size()) / topK : 0;
  }
  /// Sum over steps, [experts].
  std::vector<int64_t> totals() const;
  Status check() const;
};

struct RoutingTrace {
  std::vector<LayerRouting> layers;
  Status check() const;
};

/// The first `fraction` of the steps of every layer, and the rest. A trace
/// with a single step cannot be split and is returned twice.
struct TraceSplit {
  RoutingTrace fit, heldOut;
  bool split = false; ///< false: both halves are the whole trace
};
TraceSplit splitTrace(const RoutingTrace &trace, double fraction);

/// The first token of every step, and the number of tokens, [steps + 1]; empty
/// where the layer has no ids or they are not what its steps count.
std::vector<int64_t> stepBegins(const LayerRouting &layer);

/// Adds, for every two neighbouring steps, four (fewer in traces of more than
/// 1024 steps) that hold a random half of their tokens, and as many of tokens
/// from anywhere. Where tokens of a step have little in common, as in a
/// decoder's batch, these are as likely as the recorded ones, and a plan fits
/// less of their noise. Layers without ids are unchanged. The same tokens meet
/// in all layers.
void addResampledSteps(RoutingTrace &trace, uint64_t seed);

/// Cuts per-token ids into steps of `stepTokens` tokens (the last one may be
/// shorter) and fills `stepLoads` from them. Layers without ids are unchanged.
void groupIntoSteps(RoutingTrace &trace, int64_t stepTokens);

} // namespace moec::plan

#endif // MOEC_PLAN_ROUTING_H
