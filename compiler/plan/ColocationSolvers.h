//===- ColocationSolvers.h - Pair experts and place the pairs -------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_COLOCATIONSOLVERS_H
#define MOEC_PLAN_COLOCATIONSOLVERS_H

#include "plan/Colocation.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Partner in b of each expert of a: heaviest with lightest, by bytes sent plus
/// received, ties by id.
///
/// Objective: max over pairs of (sent + received). Guarantee: optimal for it,
/// and for `pairByBottleneck`'s objective where sent == received for every
/// expert. O(n log n). Source: Aurora Case I, Thm 6.2.
std::vector<int32_t> pairBySorting(const ExpertCosts &a, const ExpertCosts &b);

/// Partner in b of each expert of a by bottleneck matching.
///
/// Objective: max over pairs of max(sent_a + sent_b, received_a + received_b),
/// the time of both dispatches between equal ports. Guarantee: optimal.
/// O(n^2 log n). The models must pass `check()`. Source: Aurora Case II.
std::vector<int32_t> pairByBottleneck(const ExpertCosts &a,
                                      const ExpertCosts &b);

/// Aurora's heuristic: pairs by `pairByBottleneck`, blind to devices, then
/// pairs to devices by bottleneck matching on the Table-2 time of the pair
/// alone.
///
/// Objective: Table-2 time. Guarantee: none; with equal devices and where
/// communication decides, optimal (Thm 6.1). Measured 1.05-1.08 of the optimum
/// on average where communication matters and up to twice where compute does.
/// O(n^2 log n). Fails: `check()` only.
Result<ColocationSolution> solveDecoupled(const ColocationProblem &problem);

struct ColocationOptions {
  int64_t evaluations = 200000; ///< Table-2 times to compute, each O(n)
  uint64_t seed = 0;
};

/// Iterated local search from `solveDecoupled`: swap the devices of two experts
/// of a, of two of b, or of two pairs, as long as the Table-2 time falls (ties:
/// `dependentTimeline`, then the devices' own times squared, which leads
/// off plateaus); then shuffle a few experts of the best solution and repeat.
///
/// Objective: Table-2 time. Guarantee: never above `solveDecoupled`; anytime
/// (more evaluations never give a worse result); deterministic for a seed.
/// The problem is NP-hard (3-dimensional matching). Fails: `check()` only.
Result<ColocationSolution>
solveColocation(const ColocationProblem &problem,
                const ColocationOptions &options = {});

} // namespace moec::plan

#endif // MOEC_PLAN_COLOCATIONSOLVERS_H
