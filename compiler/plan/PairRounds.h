//===- PairRounds.h - All-to-all in which no part is cut ------------------===//
//
// Part of moec. The runtime's exchange takes a whole part (all that one rank
// has for another) in one round, because how many rows it holds is only known
// at run time. So the order is a partition of all pairs of ranks into
// permutations: rounds may not cut parts as AllToAllSolvers.h does. Traffic is
// what is expected.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PAIRROUNDS_H
#define MOEC_PLAN_PAIRROUNDS_H

#include "plan/AllToAll.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

struct PairRounds {
  /// [rounds][n] the rank that each rank sends to; -1: none.
  std::vector<std::vector<int32_t>> to;

  /// Every rank sends to every rank, itself included, in exactly one round; in
  /// a round no rank receives twice.
  Status verify(const AllToAllProblem &problem) const;
  /// Seconds: a round takes as long as its slowest send, plus alpha if it sends
  /// anything to another rank.
  double cost(const AllToAllProblem &problem) const;
  bool operator==(const PairRounds &) const = default;
};

/// Round r brings rank i to rank i + r (mod n): the reference, and what a
/// runtime does without a plan. n rounds. O(n^2).
PairRounds rotation(int32_t n);

/// Objective: `cost`. Takes off perfect matchings of the pairs that are left
/// (they form a regular bipartite graph, so there always is one): once those
/// whose lightest send is heaviest, once those whose heaviest send is lightest,
/// so that heavy sends share rounds. The best of the two and `rotation`.
/// Guarantee: never above `rotation`; `AllToAllProblem::oneToOneBound` cannot
/// be beaten, but no ratio to it is known (the problem contains the weighted
/// edge colouring of bipartite graphs, which is NP-hard). Fails on
/// `AllToAllProblem::check` only. Deterministic. O(n^3) edges are looked at.
/// Source: matchings in order of weight as in Cohen, Jeannot, Padoy and Wagner,
/// IEEE TPDS 17, 2006, without preemption.
Result<PairRounds> solvePairRounds(const AllToAllProblem &problem);

} // namespace moec::plan

#endif // MOEC_PLAN_PAIRROUNDS_H
