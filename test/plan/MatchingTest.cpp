#include "plan/Matching.h"
#include "plan/MatchingAssignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <numeric>
#include <random>

using namespace moec::plan;

namespace {

/// Largest matching by trying all ways, rows in order.
int32_t bruteForceMatching(const std::vector<std::vector<bool>> &edges,
                           size_t row, uint32_t usedColumns) {
  if (row == edges.size())
    return 0;
  int32_t best = bruteForceMatching(edges, row + 1, usedColumns);
  for (size_t column = 0; column < edges.size(); ++column)
    if (edges[row][column] && !(usedColumns >> column & 1))
      best = std::max(best, 1 + bruteForceMatching(edges, row + 1,
                                                   usedColumns | 1u << column));
  return best;
}

template <typename Weight>
Weight bruteForceCost(const AssignmentProblem<Weight> &problem) {
  AssignmentSolution candidate;
  candidate.columnOf.resize(problem.n);
  std::iota(candidate.columnOf.begin(), candidate.columnOf.end(), 0);
  Weight best = candidate.cost(problem);
  while (std::next_permutation(candidate.columnOf.begin(),
                               candidate.columnOf.end())) {
    Weight cost = candidate.cost(problem);
    bool better = problem.objective == AssignmentObjective::MaxMin
                      ? cost > best
                      : cost < best;
    best = better ? cost : best;
  }
  return best;
}

template <typename Weight> class Assignments : public testing::Test {};
using Weights = testing::Types<int64_t, double>;
TYPED_TEST_SUITE(Assignments, Weights);

/// A matcher and the same graph as plain tables.
struct MatcherAndTables {
  explicit MatcherAndTables(int32_t n)
      : matcher(n), single(n, std::vector<bool>(n)), rows(n), columns(n) {}

  /// What the change returned; false for a removal.
  bool change(std::mt19937_64 &random) {
    const size_t n = rows.size();
    const int32_t row = static_cast<int32_t>(random() % n);
    const int32_t column = static_cast<int32_t>(random() % n);
    removed = random() % 4 == 0;
    switch (random() % 4) {
    case 0:
      rows[row] = !removed;
      return removed ? (matcher.removeCommonRow(row), false)
                     : matcher.addCommonRow(row);
    case 1:
      columns[column] = !removed;
      return removed ? (matcher.removeCommonColumn(column), false)
                     : matcher.addCommonColumn(column);
    }
    single[row][column] = !removed;
    return removed ? (matcher.removeEdge(row, column), false)
                   : matcher.addEdge(row, column);
  }

  std::vector<std::vector<bool>> edges() const {
    std::vector<std::vector<bool>> all = single;
    for (size_t row = 0; row < rows.size(); ++row)
      for (size_t column = 0; column < rows.size(); ++column)
        all[row][column] =
            single[row][column] || (rows[row] && columns[column]);
    return all;
  }

  BipartiteMatcher matcher;
  std::vector<std::vector<bool>> single;
  std::vector<bool> rows, columns;
  bool removed = false;
};

TEST(Matching, EqualsBruteForceAfterEveryChange) {
  const uint64_t seed = 11;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t trial = 0; trial < 2000; ++trial) {
    const int32_t n = 1 + static_cast<int32_t>(random() % 7);
    MatcherAndTables both(n);
    BipartiteMatcher &matcher = both.matcher;
    int32_t before = 0;
    bool failed = false;
    for (int32_t change = 0; change < 20; ++change) {
      const bool opened = both.change(random);
      const bool onlyAdded = failed && !both.removed;
      const bool perfect = matcher.maximize();
      const std::vector<std::vector<bool>> edges = both.edges();
      const int32_t expected = bruteForceMatching(edges, 0, 0);
      ASSERT_EQ(matcher.matched(), expected) << "trial " << trial;
      ASSERT_EQ(perfect, expected == n);
      if (onlyAdded) // since the last maximum
        ASSERT_EQ(opened, expected > before) << "trial " << trial;
      for (int32_t i = 0; i < n; ++i) {
        for (int32_t j = 0; j < n; ++j) {
          ASSERT_EQ(matcher.hasEdge(i, j), edges[i][j]);
          ASSERT_EQ(matcher.hasSingleEdge(i, j), both.single[i][j]);
        }
        if (int32_t j = matcher.columnOf(i); j >= 0) {
          ASSERT_TRUE(edges[i][j]);
          ASSERT_EQ(matcher.rowOf(j), i);
        }
      }
      before = expected;
      failed = !perfect;
    }
  }
}

TEST(Matching, FindsHiddenPermutationsOverManyWords) {
  std::mt19937_64 random(12);
  for (int32_t n : {0, 63, 64, 65, 200}) {
    std::vector<int32_t> hidden(n);
    std::iota(hidden.begin(), hidden.end(), 0);
    std::shuffle(hidden.begin(), hidden.end(), random);
    BipartiteMatcher matcher(n);
    for (int32_t row = 0; row < n; ++row) {
      matcher.addEdge(row, hidden[row]);
      matcher.addEdge(row, static_cast<int32_t>(random() % n));
    }
    EXPECT_TRUE(matcher.maximize());
    if (n) {
      matcher.removeEdge(0, matcher.columnOf(0));
      EXPECT_GE(matcher.matched(), n - 1);
    }
  }
}

TYPED_TEST(Assignments, EqualBruteForce) {
  const uint64_t seed = 13;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t trial = 0; trial < 1500; ++trial) {
    AssignmentProblem<TypeParam> problem;
    // Mostly small: 7! permutations take a while.
    problem.n = trial % 50 == 0 ? 7 : 1 + static_cast<int32_t>(random() % 5);
    const int64_t range = trial % 2 ? 6 : 1000000; // with and without ties
    for (int32_t i = 0; i < problem.n * problem.n; ++i)
      problem.weights.push_back(
          static_cast<TypeParam>(static_cast<int64_t>(random() % range) - 3));
    for (auto objective :
         {AssignmentObjective::MinSum, AssignmentObjective::MinMax,
          AssignmentObjective::MaxMin}) {
      problem.objective = objective;
      Result<AssignmentSolution> solution =
          objective == AssignmentObjective::MinSum ? solveHungarian(problem)
                                                   : solveBottleneck(problem);
      ASSERT_TRUE(solution) << solution.error().message;
      ASSERT_EQ(solution->cost(problem), bruteForceCost(problem))
          << "trial " << trial;
    }
  }
}

TEST(AssignmentErrors, SayWhatIsWrong) {
  AssignmentProblem<int64_t> problem{2, {1, 2, 3}, AssignmentObjective::MinSum};
  EXPECT_EQ(problem.check().error().message,
            "an assignment of 2 rows has 3 weights; expected 4");
  problem.n = -1;
  EXPECT_EQ(solveHungarian(problem).error().message,
            "an assignment of -1 rows; expected 0 or more");
  problem = {1, {int64_t{1} << 62 | 1}, AssignmentObjective::MinMax};
  EXPECT_EQ(solveBottleneck(problem).error().message,
            "the weight of row 0 and column 0 is 4611686018427387905; expected "
            "a finite number below 2^62 / n");
  AssignmentProblem<double> nan{
      1, {std::numeric_limits<double>::quiet_NaN()}, {}};
  EXPECT_FALSE(nan.check());
  problem = {1, {5}, AssignmentObjective::MinMax};
  EXPECT_EQ(solveHungarian(problem).error().message,
            "the Hungarian algorithm minimises the sum of weights; use "
            "solveBottleneck for the largest or smallest weight");
  problem.objective = AssignmentObjective::MinSum;
  EXPECT_EQ(solveBottleneck(problem).error().message,
            "a bottleneck assignment optimises the largest or smallest weight; "
            "use solveHungarian for the sum");
}

TEST(AssignmentErrors, VerifyNamesTheRow) {
  AssignmentProblem<int64_t> problem{2, {1, 2, 3, 4}, {}};
  EXPECT_EQ(AssignmentSolution{{0}}.verify(problem).error().message,
            "the assignment has 1 rows; the problem has 2");
  EXPECT_EQ((AssignmentSolution{{0, 2}}.verify(problem).error().message),
            "row 1 is given column 2; expected 0 to 1");
  EXPECT_EQ((AssignmentSolution{{1, 1}}.verify(problem).error().message),
            "column 1 is given to rows 0 and 1");
}

} // namespace
