//===- AllToAllBirkhoff.h - Birkhoff decomposition of a matrix ------------===//
//
// Part of moec. A matrix of non-negative integers whose rows and columns all
// have the sum b is a sum of permutation matrices with integer factors that add
// up to b. Every round of an all-to-all is one of them.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ALLTOALLBIRKHOFF_H
#define MOEC_PLAN_ALLTOALLBIRKHOFF_H

#include "plan/Result.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// A dense square matrix, row-major.
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

/// Raises entries until every row and column sums to `largestSum()`. Slack goes
/// to the diagonal first, which no message uses, then north-west to south-east.
/// At most 3n entries change. O(n^2).
void fillSlack(SquareMatrix &matrix);

/// One permutation: `amount` units from each row to `columnOf[row]`.
struct Permutation {
  int64_t amount = 0;
  std::vector<int32_t> columnOf;
};

/// Birkhoff-von Neumann decomposition by bottleneck matchings: each step takes
/// the perfect matching whose smallest entry is largest, and subtracts that
/// entry.
///
/// Objective: few permutations (the least number is NP-hard, Dufosse and Ucar
/// 2016). Guarantee: amounts add up to the common sum exactly; at most
/// n^2 - 2n + 2 permutations, since every step removes an entry.
/// Complexity: O(n^2 log n) to sort, then per step a few Hopcroft-Karp phases
/// of O(n^2 / 64). The bottleneck never rises, so the threshold only falls:
/// edges that drop below it leave, and come back from a heap.
/// Fails: sums that differ.
/// Source: Birkhoff 1946; bottleneck variant as in Cohen, Jeannot, Padoy and
/// Wagner, IEEE TPDS 2006.
Result<std::vector<Permutation>> decomposeBirkhoff(SquareMatrix matrix);

} // namespace moec::plan

#endif // MOEC_PLAN_ALLTOALLBIRKHOFF_H
