//===- Eplb.h - DeepSeek's expert-parallel load balancer ------------------===//
//
// Part of moec. The two policies of deepseek-ai/EPLB, as a baseline and a seed.
// Both see average loads and equal devices only, and may put two replicas of
// an expert on one device.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_EPLB_H
#define MOEC_PLAN_EPLB_H

#include "plan/Placement.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Shape of one rebalance: E = weights per layer, R slots on G devices.
struct EplbShape {
  int64_t slots = 0;   ///< R, a multiple of G
  int64_t groups = 1;  ///< expert groups; E is a multiple of it (hierarchical)
  int64_t nodes = 1;   ///< G is a multiple of it
  int64_t devices = 1; ///< G
};

/// [layers][slots]: the expert of every physical slot; slot j is on device
/// j / (R / G).
using EplbMap = std::vector<std::vector<int32_t>>;

/// EPLB's choice of policy: hierarchical (groups packed to nodes, replicas made
/// and packed inside a node) when groups is a multiple of nodes, else global.
/// Equal to the reference slot by slot (ties to the lowest id). O(L R (E + log
/// R)). Fails as `Infeasible`, naming the numbers, where the shape does not
/// divide.
Result<EplbMap> eplb(const std::vector<std::vector<double>> &weights,
                     const EplbShape &shape);

/// EPLB on a placement problem's loads summed over steps: R = slotBudget, the
/// problem's nodes. Infeasible where capacities or layers are unequal. May
/// hold duplicates: verify with `Duplicates::Allow`.
Result<Placement> placeByEplb(const PlacementProblem &problem, int64_t groups,
                              bool hierarchical);

/// Replaces every second replica on a device by the expert with the highest
/// load per replica that fits there; a slot that no expert can use is left
/// empty.
void removeDuplicates(const PlacementProblem &problem, Placement &placement);

} // namespace moec::plan

#endif // MOEC_PLAN_EPLB_H
