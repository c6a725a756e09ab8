#include "plan/MatchingAssignment.h"

#include "plan/Matching.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>

using namespace moec::plan;

template <typename Weight> Status AssignmentProblem<Weight>::check() const {
  if (n < 0)
    return invalid("an assignment of " + std::to_string(n) +
                   " rows; expected 0 or more");
  if (static_cast<int64_t>(weights.size()) != int64_t{n} * n)
    return invalid("an assignment of " + std::to_string(n) + " rows has " +
                   std::to_string(weights.size()) + " weights; expected " +
                   std::to_string(int64_t{n} * n));
  for (int64_t i = 0; i < int64_t{n} * n; ++i) {
    bool fits = true;
    if constexpr (std::is_floating_point_v<Weight>) {
      fits = std::isfinite(weights[i]);
    } else {
      const Weight limit = (Weight{1} << 62) / n;
      fits = weights[i] <= limit && weights[i] >= -limit;
    }
    if (!fits)
      return invalid("the weight of row " + std::to_string(i / n) +
                         " and column " + std::to_string(i % n) + " is " +
                         std::to_string(weights[i]) +
                         "; expected a finite number below 2^62 / n",
                     {i / n, i % n});
  }
  return success();
}

template <typename Weight>
Status
AssignmentSolution::verify(const AssignmentProblem<Weight> &problem) const {
  if (static_cast<int64_t>(columnOf.size()) != problem.n)
    return violated("the assignment has " + std::to_string(columnOf.size()) +
                    " rows; the problem has " + std::to_string(problem.n));
  std::vector<int32_t> rowOf(problem.n, -1);
  for (int32_t row = 0; row < problem.n; ++row) {
    int32_t column = columnOf[row];
    if (column < 0 || column >= problem.n)
      return violated("row " + std::to_string(row) + " is given column " +
                          std::to_string(column) + "; expected 0 to " +
                          std::to_string(problem.n - 1),
                      {row});
    if (rowOf[column] >= 0)
      return violated("column " + std::to_string(column) +
                          " is given to rows " + std::to_string(rowOf[column]) +
                          " and " + std::to_string(row),
                      {column, rowOf[column], row});
    rowOf[column] = row;
  }
  return success();
}

template <typename Weight>
Weight
AssignmentSolution::cost(const AssignmentProblem<Weight> &problem) const {
  if (problem.n == 0)
    return 0;
  Weight sum = 0, largest = problem.at(0, columnOf[0]), smallest = largest;
  for (int32_t row = 0; row < problem.n; ++row) {
    Weight weight = problem.at(row, columnOf[row]);
    sum += weight;
    largest = std::max(largest, weight);
    smallest = std::min(smallest, weight);
  }
  switch (problem.objective) {
  case AssignmentObjective::MinSum:
    return sum;
  case AssignmentObjective::MinMax:
    return largest;
  case AssignmentObjective::MaxMin:
    return smallest;
  }
  return 0;
}

/// Shortest augmenting path from `row`, in reduced costs; index 0 of every
/// array is the virtual start column, rows and columns count from 1.
template <typename Weight>
static void augmentShortest(const AssignmentProblem<Weight> &problem,
                            int32_t row, std::vector<Weight> &rowPotential,
                            std::vector<Weight> &columnPotential,
                            std::vector<int32_t> &rowOf) {
  const int32_t n = problem.n;
  std::vector<Weight> distance(n + 1, std::numeric_limits<Weight>::max());
  std::vector<int32_t> previous(n + 1, 0);
  std::vector<uint8_t> done(n + 1, 0);
  int32_t column = 0;
  rowOf[0] = row;
  do {
    done[column] = 1;
    int32_t from = rowOf[column], best = 0;
    Weight delta = std::numeric_limits<Weight>::max();
    for (int32_t j = 1; j <= n; ++j) {
      if (done[j])
        continue;
      Weight reduced =
          problem.at(from - 1, j - 1) - rowPotential[from] - columnPotential[j];
      if (reduced < distance[j]) {
        distance[j] = reduced;
        previous[j] = column;
      }
      if (distance[j] < delta) {
        delta = distance[j];
        best = j;
      }
    }
    for (int32_t j = 0; j <= n; ++j) {
      if (done[j]) {
        rowPotential[rowOf[j]] += delta;
        columnPotential[j] -= delta;
      } else if (j) {
        distance[j] -= delta;
      }
    }
    column = best;
  } while (rowOf[column] != 0);
  for (; column; column = previous[column])
    rowOf[column] = rowOf[previous[column]];
}

template <typename Weight>
Result<AssignmentSolution>
moec::plan::solveHungarian(const AssignmentProblem<Weight> &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  if (problem.objective != AssignmentObjective::MinSum)
    return invalid("the Hungarian algorithm minimises the sum of weights; use "
                   "solveBottleneck for the largest or smallest weight");
  std::vector<Weight> rowPotential(problem.n + 1, 0);
  std::vector<Weight> columnPotential(problem.n + 1, 0);
  std::vector<int32_t> rowOf(problem.n + 1, 0);
  for (int32_t row = 1; row <= problem.n; ++row)
    augmentShortest(problem, row, rowPotential, columnPotential, rowOf);
  AssignmentSolution solution;
  solution.columnOf.resize(problem.n);
  for (int32_t column = 1; column <= problem.n; ++column)
    solution.columnOf[rowOf[column] - 1] = column - 1;
  if (Status status = solution.verify(problem); !status)
    return status.error();
  return solution;
}

template <typename Weight>
Result<AssignmentSolution>
moec::plan::solveBottleneck(const AssignmentProblem<Weight> &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  if (problem.objective == AssignmentObjective::MinSum)
    return invalid("a bottleneck assignment optimises the largest or smallest "
                   "weight; use solveHungarian for the sum");
  const bool descending = problem.objective == AssignmentObjective::MaxMin;
  std::vector<int64_t> order(problem.weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    Weight left = problem.weights[a], right = problem.weights[b];
    return left == right ? a < b : descending ? left > right : left < right;
  });
  BipartiteMatcher matcher(problem.n);
  size_t used = 0;
  while (!matcher.maximize()) {
    bool opened = false;
    while (!opened) {
      int64_t edge = order[used++];
      opened = matcher.addEdge(static_cast<int32_t>(edge / problem.n),
                               static_cast<int32_t>(edge % problem.n));
    }
  }
  AssignmentSolution solution{matcher.columns()};
  if (Status status = solution.verify(problem); !status)
    return status.error();
  return solution;
}

namespace moec::plan {
template struct AssignmentProblem<int64_t>;
template struct AssignmentProblem<double>;
template Status
AssignmentSolution::verify(const AssignmentProblem<int64_t> &) const;
template Status
AssignmentSolution::verify(const AssignmentProblem<double> &) const;
template int64_t
AssignmentSolution::cost(const AssignmentProblem<int64_t> &) const;
template double
AssignmentSolution::cost(const AssignmentProblem<double> &) const;
template Result<AssignmentSolution>
solveHungarian(const AssignmentProblem<int64_t> &);
template Result<AssignmentSolution>
solveHungarian(const AssignmentProblem<double> &);
template Result<AssignmentSolution>
solveBottleneck(const AssignmentProblem<int64_t> &);
template Result<AssignmentSolution>
solveBottleneck(const AssignmentProblem<double> &);
} // namespace moec::plan
