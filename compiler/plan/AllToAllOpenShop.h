//===- AllToAllOpenShop.h - Cut a traffic matrix into permutations --------===//
//
// Part of moec. The combinatorial core of every all-to-all solver: ports of
// equal speed, integer units, no seconds.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ALLTOALLOPENSHOP_H
#define MOEC_PLAN_ALLTOALLOPENSHOP_H

#include "plan/AllToAll.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// A dense square matrix of non-negative integers, row-major.
struct SquareMatrix {
  int32_t n = 0;
  std::vector<int64_t> values;

  explicit SquareMatrix(int32_t n) : n(n), values(int64_t{n} * n, 0) {}
  int64_t &operator()(int32_t row, int32_t column) {
    return values[int64_t{row} * n + column];
  }
  int64_t operator()(int32_t row, int32_t column) const {
    return values[int64_t{row} * n + column];
  }
  /// The largest row or column sum.
  int64_t largestSum() const;
};

/// Birkhoff-von Neumann decomposition of the slack-filled matrix.
///
/// Every line (row or column) has slack: the largest sum minus its own. A
/// round is a perfect matching and a length t; a matched pair sends
/// min(t, what is left) and its two lines pay the rest out of their slack, so a
/// pair allows t <= entry + min(slack of its lines). The round takes the
/// matching whose smallest such weight is largest, and that weight as t. Where
/// the slack goes is thus decided as late as possible, which gives fewer rounds
/// than filling it in beforehand (README.md has figures).
///
/// Objective: few rounds (the least number is NP-hard, Dufosse and Ucar 2016).
/// Guarantee: the lengths, which are the largest sends of the rounds, add up to
/// `largestSum()` exactly; every round ends an entry or a line's slack, so
/// there are at most n^2 + n; none is empty. Deterministic.
/// Complexity: a round costs a few Hopcroft-Karp phases of O(n^2 / 64) and O(n)
/// for each line whose slack falls below the threshold. Weights never grow, so
/// the threshold only falls; it falls in steps of a sixteenth, so that the
/// matching is the bottleneck one up to 1/16 and weights need no sorting.
/// Sources: Birkhoff 1946; preemptive open shop, Gonzalez and Sahni, J. ACM 23,
/// 1976; bottleneck matchings as in Cohen, Jeannot, Padoy and Wagner, IEEE TPDS
/// 17, 2006.
///
/// Rounds come without seconds. Entries must be >= 0 with sums below 2^62.
std::vector<Round> decompose(SquareMatrix matrix);

} // namespace moec::plan

#endif // MOEC_PLAN_ALLTOALLOPENSHOP_H
