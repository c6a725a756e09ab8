//===- PlacementBounds.h - What no placement can beat ---------------------===//
//
// Part of moec. Derivations in placement.md.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENTBOUNDS_H
#define MOEC_PLAN_PLACEMENTBOUNDS_H

#include "plan/Placement.h"

#include <vector>

namespace moec::plan {

/// Seconds no placement of the layer can go below, per step the largest of
///   * the perfectly divided load: the least T with sum_g L_g^-1(T) >= total;
///   * the heaviest shares: expert e has at most r replicas, so some device
///     takes x_e / r rows; with r the most the slot budget allows, on the
///     fastest devices;
/// plus the traffic that one copy per token needs at least.
double placementBound(const PlacementProblem &problem, int64_t layer);

/// The computing part of the bound, step by step, without traffic.
std::vector<double> stepBounds(const PlacementProblem &problem, int64_t layer);

/// Sum over the layers.
double placementBound(const PlacementProblem &problem);

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENTBOUNDS_H
