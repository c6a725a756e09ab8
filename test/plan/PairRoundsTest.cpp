#include "RandomTraffic.h"

#include "plan/PairRounds.h"

#include <gtest/gtest.h>

#include <iostream>

using namespace moec::plan;
using namespace moec::plan::test;

namespace {

TEST(PairRounds, BetweenTheBoundAndTheRotation) {
  const uint64_t seed = 77;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  int32_t better = 0, cases = 0;
  for (int32_t n : {1, 2, 3, 4, 5, 8, 16, 33})
    for (int32_t trial = 0; trial < (n <= 8 ? 200 : 5); ++trial) {
      AllToAllProblem problem =
          equalPorts(randomTraffic(random, n), 1, trial % 2 ? 1000 : 0);
      if (trial % 3 == 0)
        for (double &bandwidth : problem.bandwidth)
          bandwidth = static_cast<double>(1 + below(random, 4));
      Result<PairRounds> solution = solvePairRounds(problem);
      ASSERT_TRUE(solution) << solution.error().message;
      ASSERT_TRUE(solution->verify(problem));
      double cost = solution->cost(problem);
      ASSERT_LE(cost, rotation(n).cost(problem));
      ASSERT_GE(cost, problem.oneToOneBound() * (1 - 1e-12));
      ASSERT_EQ(*solution, *solvePairRounds(problem));
      better += cost < rotation(n).cost(problem);
      ++cases;
    }
  std::cout << "better than the rotation in " << better << " of " << cases
            << '\n';
}

TEST(PairRounds, HeavySendsShareRounds) {
  // Rotation meets a heavy send in each of its three rounds; one is enough.
  TrafficMatrix traffic(4);
  for (int32_t i = 0; i < 4; ++i)
    for (int32_t j = 0; j < 4; ++j)
      traffic(i, j) = i == j ? 0 : 1;
  traffic(0, 1) = traffic(1, 3) = traffic(2, 0) = traffic(3, 2) = 10;
  AllToAllProblem problem = equalPorts(traffic);
  Result<PairRounds> solution = solvePairRounds(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->cost(problem), 12);
  EXPECT_EQ(problem.oneToOneBound(), 12);
  EXPECT_EQ(rotation(4).cost(problem), 30);
}

TEST(PairRounds, RefusesWhatIsNoOrder) {
  AllToAllProblem problem = equalPorts(TrafficMatrix(2));
  PairRounds good = rotation(2);
  EXPECT_TRUE(good.verify(problem));
  PairRounds missing{{{0, 1}}};
  EXPECT_EQ(missing.verify(problem).error().message,
            "rank 0 never sends to rank 1");
  PairRounds twice{{{0, 0}, {1, 1}}};
  EXPECT_EQ(twice.verify(problem).error().message,
            "round 0 sends from rank 1 to rank 0, which is no rank or already "
            "served");
  PairRounds narrow{{{0}}};
  EXPECT_EQ(narrow.verify(problem).error().message,
            "round 0 has 1 destinations for 2 ranks");
}

} // namespace
