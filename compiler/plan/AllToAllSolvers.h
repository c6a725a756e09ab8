//===- AllToAllSolvers.h - Find rounds for an all-to-all ------------------===//
//
// Part of moec. All solvers fail on `AllToAllProblem::check` only; all verify
// what they return; all are deterministic. README.md has the mathematics.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ALLTOALLSOLVERS_H
#define MOEC_PLAN_ALLTOALLSOLVERS_H

#include "plan/AllToAll.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Each port as a number of unit ports of one speed.
struct UnitPorts {
  double unit = 0;            ///< bytes/s of a unit port
  std::vector<int32_t> count; ///< c_i >= 1 with c_i * unit <= B_i, [n]
  /// Seconds the rounds over unit ports will take:
  /// max_i ceil(max(sent_i, received_i) / c_i) / unit.
  double makespan = 0;
};

/// Chooses the unit that gives the smallest makespan with at most
/// max(512, 4n) unit ports in all; ties go to the fewest ports. Only units
/// B_i / k can be best, so it is optimal under that limit. When the bandwidths
/// have a common divisor that fits the limit, the makespan is within
/// 1 / unit seconds (one byte) of `lowerBound()`; otherwise it is larger by at
/// most the part of a port that c_i * unit leaves idle, and `makespan` tells.
/// Ports so uneven that even the slowest as the unit breaks the limit get at
/// most limit / n units each.
/// `problem` must pass `check()`. O(limit * n).
UnitPorts chooseUnitPorts(const AllToAllProblem &problem);

/// Birkhoff decomposition; alpha is ignored.
///
/// Objective: makespan. Guarantee: equal ports: one-to-one rounds whose
/// `makespanBytes` is the largest port sum exactly, the least possible. Unequal
/// ports: at most `chooseUnitPorts().makespan`; a port has up to c_i peers in a
/// round, which is needed: one-to-one rounds cannot reach the bound. The bytes
/// of a port are laid in a line and cut into c_i pieces that differ by at most
/// one byte, first at the senders and then at the receivers.
/// Complexity: `decompose` on n (or sum of c_i) ports.
/// Source: Aurora (arXiv 2410.17043) Thm 4.2 and 5.2 state the bounds; its
/// Algorithm 1 misses the first, and its rounds the second.
Result<AllToAllSolution> solveBirkhoff(const AllToAllProblem &problem);

/// One peer at a time, also between unequal ports; alpha is ignored.
///
/// Objective: makespan among one-to-one rounds. Guarantee: at most
/// max line sum of d_ij / min(B_i, B_j) plus (n + rounds) bytes over the
/// slowest bandwidth, which whole bytes cost; exact with equal ports.
/// Complexity: `decompose` on n ports.
Result<AllToAllSolution> solveOneToOne(const AllToAllProblem &problem);

/// Rank i sends all it has for rank i + r (mod n) in round r. The reference
/// solver: n - 1 rounds, no other guarantee. O(n^2).
Result<AllToAllSolution> solveRotation(const AllToAllProblem &problem);

/// Dissolves rounds whose sends fit into others for less than the alpha that
/// this saves, shortest rounds first. Never raises `cost`. Rounds longer than
/// alpha and solutions with n * rounds^2 > 2e8 are left as they are.
/// O(n * rounds^2). `solution` must be verified.
AllToAllSolution dissolveRounds(const AllToAllProblem &problem,
                                AllToAllSolution solution);

/// The cheapest of: Birkhoff, one-to-one, rotation, and one-to-one rounds of
/// coarser and coarser units (fewer rounds, longer makespan), each with
/// dissolved rounds. With alpha == 0 this is `solveBirkhoff`.
///
/// Objective: `cost`, makespan plus alpha per round. Guarantee: never above
/// `solveBirkhoff` or `solveRotation`; no ratio to `lowerBound()` (the number
/// of rounds alone is NP-hard). Complexity: about ten decompositions.
Result<AllToAllSolution> solveAllToAll(const AllToAllProblem &problem);

} // namespace moec::plan

#endif // MOEC_PLAN_ALLTOALLSOLVERS_H
