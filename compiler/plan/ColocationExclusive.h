//===- ColocationExclusive.h - One model on unequal devices ---------------===//
//
// Part of moec. Aurora's case (b): one expert a device, devices differ.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_COLOCATIONEXCLUSIVE_H
#define MOEC_PLAN_COLOCATIONEXCLUSIVE_H

#include "plan/Colocation.h"
#include "plan/MatchingAssignment.h"

namespace moec::plan {

/// Which expert goes to which device, so that the layer, whose phases do not
/// overlap, is short. Equation (1) of Aurora (arXiv 2410.17043):
///
///     max_i(|G_i| + |N_i|) + max_j(|F_j| + |C_j|) + max_k |A_k|
struct ExclusiveProblem {
  ExpertCosts experts;
  std::vector<double> bandwidth; ///< bytes/s of each device's port, [n]

  int32_t size() const { return static_cast<int32_t>(bandwidth.size()); }
  /// As `ColocationProblem::check`, for one model.
  Status check() const;
  /// Each of the three maxima made as small as it can be alone. O(n^2 log n).
  double lowerBound() const;
  /// Equation (1) for `columnOf` = device of each expert.
  double cost(const AssignmentSolution &deviceOf) const;
};

/// Aurora's Thm 5.1: experts by bytes received, to devices by bandwidth, then
/// by the time of all experts' FFNs.
///
/// Objective: equation (1). Guarantee: optimal when sends, receives and compute
/// rank experts alike and bandwidth and compute rank devices alike; none
/// otherwise. O(n^2). Fails: `check()`.
Result<AssignmentSolution> solveBySorting(const ExclusiveProblem &problem);

/// Exact: for each bound on the third maximum, walks the staircase of the other
/// two: the first bound falls, edges leave; the second rises, edges enter,
/// until the graph has a perfect matching again.
///
/// Objective: equation (1). Guarantee: optimal.
/// Complexity: a staircase has at most 2 n^2 edge changes with one repair of
/// O(n^2 / 64) each; one staircase when the third maximum does not depend on
/// the assignment (Aurora's case), at most n^2 of them, cut off by the lower
/// bound. Fails: `check()`.
Result<AssignmentSolution> solveExclusive(const ExclusiveProblem &problem);

} // namespace moec::plan

#endif // MOEC_PLAN_COLOCATIONEXCLUSIVE_H
