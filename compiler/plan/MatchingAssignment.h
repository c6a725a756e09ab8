//===- MatchingAssignment.h - Assign rows to columns by weight ------------===//
//
// Part of moec. The assignment problem with three objectives: smallest sum,
// smallest largest weight, largest smallest weight.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_MATCHINGASSIGNMENT_H
#define MOEC_PLAN_MATCHINGASSIGNMENT_H

#include "plan/Result.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

enum class AssignmentObjective { MinSum, MinMax, MaxMin };

/// Give every row its own column. `Weight` is int64_t or double.
template <typename Weight> struct AssignmentProblem {
  int32_t n = 0;
  std::vector<Weight> weights; ///< row-major [n, n]
  AssignmentObjective objective = AssignmentObjective::MinSum;

  Weight at(int32_t row, int32_t column) const {
    return weights[int64_t{row} * n + column];
  }
  /// n*n weights; doubles are finite, integers stay below 2^62 / n in
  /// magnitude so that sums fit.
  Status check() const;
};

struct AssignmentSolution {
  std::vector<int32_t> columnOf; ///< [n], a permutation

  /// A permutation of the problem's size.
  template <typename Weight>
  Status verify(const AssignmentProblem<Weight> &problem) const;
  /// The problem's objective; 0 when n == 0.
  template <typename Weight>
  Weight cost(const AssignmentProblem<Weight> &problem) const;
  bool operator==(const AssignmentSolution &) const = default;
};

/// Hungarian algorithm.
///
/// Objective: MinSum. Guarantee: optimal. Complexity: O(n^3).
/// Fails: `check()`, or an objective other than MinSum.
/// Source: Kuhn 1955; shortest augmenting paths with potentials as in Jonker
/// and Volgenant, Computing 38, 1987.
template <typename Weight>
Result<AssignmentSolution>
solveHungarian(const AssignmentProblem<Weight> &problem);

/// Bottleneck assignment: edges enter from the best weight down until the
/// graph has a perfect matching.
///
/// Objective: MinMax or MaxMin. Guarantee: optimal.
/// Complexity: O(n^2 log n) to sort and at most n repairs of O(n^2 / 64) each
/// (Hopcroft-Karp phases).
/// Fails: `check()`, or objective MinSum.
/// Source: threshold method, Garfinkel 1971; see Burkard, Dell'Amico and
/// Martello, Assignment Problems, ch. 6.
template <typename Weight>
Result<AssignmentSolution>
solveBottleneck(const AssignmentProblem<Weight> &problem);

} // namespace moec::plan

#endif // MOEC_PLAN_MATCHINGASSIGNMENT_H
