#include "RandomTraffic.h"

#include "plan/HierarchicalAllToAll.h"
#include "plan/Simulator.h"

#include <gtest/gtest.h>

#include <iostream>

using namespace moec::plan;
using namespace moec::plan::test;

namespace {

HierarchicalProblem clusterOf(std::mt19937_64 &random, int32_t nodes,
                              int32_t devicesPerNode) {
  return {randomTraffic(random, nodes * devicesPerNode), devicesPerNode, 50,
          450, 0};
}

TEST(Hierarchical, NetworkMeetsThePhysicalBound) {
  const uint64_t seed = 31;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  double cost = 0, bound = 0, flat = 0;
  for (int32_t trial = 0; trial < 600; ++trial) {
    const int32_t nodes = 1 + static_cast<int32_t>(below(random, 5));
    const int32_t g = 1 + static_cast<int32_t>(below(random, 8));
    HierarchicalProblem problem = clusterOf(random, nodes, g);
    Result<HierarchicalSolution> solution = solveHierarchical(problem);
    ASSERT_TRUE(solution) << solution.error().message;
    HierarchicalTimes times = solution->times(problem);
    ASSERT_GE(solution->cost(problem), problem.lowerBound() * (1 - 1e-12));
    ASSERT_LE(times.network, problem.lowerBound() * (1 + 1e-12) +
                                 (nodes - 1) / problem.networkBandwidth);
    ASSERT_LE(problem.lowerBound(), problem.withoutRebalancing() + 1e-9);
    ASSERT_GE(times.overlapped,
              std::max(times.network, times.local) * (1 - 1e-12));
    cost += solution->cost(problem);
    bound += problem.lowerBound();
    flat += problem.withoutRebalancing();
  }
  std::cout << "cost / bound: hierarchical " << cost / bound << ", flat "
            << flat / bound << '\n';
  EXPECT_LT(cost, flat);
}

TEST(Hierarchical, OneBusySenderUsesAllPortsOfItsNode) {
  TrafficMatrix traffic(8);
  traffic(0, 4) = 400;
  HierarchicalProblem problem{traffic, 4, 1, 100, 0};
  Result<HierarchicalSolution> solution = solveHierarchical(problem);
  ASSERT_TRUE(solution);
  HierarchicalTimes times = solution->times(problem);
  EXPECT_DOUBLE_EQ(problem.withoutRebalancing(), 400);
  EXPECT_DOUBLE_EQ(problem.lowerBound(), 100);
  EXPECT_DOUBLE_EQ(times.network, 100);
  EXPECT_DOUBLE_EQ(times.rebalance, 3); // 300 bytes leave device 0
  EXPECT_DOUBLE_EQ(times.forward, 3);
  EXPECT_LT(solution->cost(problem), 101); // cut, so that hand-overs overlap
  problem.alpha = 10;                      // cutting costs more than it saves
  solution = solveHierarchical(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(solution->rounds.rounds.size(), 1u);
  EXPECT_DOUBLE_EQ(solution->cost(problem), 3 + 110 + 3);
}

TEST(Hierarchical, BalancedTrafficNeedsNoHandOver) {
  TrafficMatrix traffic(4);
  for (int32_t a = 0; a < 2; ++a)
    traffic(a, 2 + a) = traffic(2 + a, a) = 10;
  HierarchicalProblem problem{traffic, 2, 1, 10, 0};
  HierarchicalTimes times = solveHierarchical(problem)->times(problem);
  EXPECT_EQ(times.rebalance, 0);
  EXPECT_EQ(times.forward, 0);
  EXPECT_DOUBLE_EQ(times.network, 10);
}

/// Shared links cannot be faster than the bound, nor slower than one phase
/// after the other.
TEST(Hierarchical, SimulatesBetweenTheBoundAndPhasesOneByOne) {
  const uint64_t seed = 34;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  double simulated = 0, cost = 0;
  for (int32_t trial = 0; trial < 200; ++trial) {
    HierarchicalProblem problem =
        clusterOf(random, 1 + static_cast<int32_t>(below(random, 4)),
                  1 + static_cast<int32_t>(below(random, 4)));
    HierarchicalSolution solution = *solveHierarchical(problem);
    TaskGraph graph = hierarchicalGraph(problem, solution);
    Result<Timeline> timeline = simulate(graph);
    ASSERT_TRUE(timeline) << timeline.error().message;
    HierarchicalTimes times = solution.times(problem);
    ASSERT_GE(timeline->makespan, problem.lowerBound() * (1 - 1e-9));
    ASSERT_LE(timeline->makespan, 1.5 * (times.overlapped + times.local) + 1e-9)
        << trial;
    simulated += timeline->makespan;
    cost += times.overlapped;
  }
  std::cout << "simulated / cost: " << simulated / cost << '\n';
}

TEST(HierarchicalErrors, SayWhatIsWrong) {
  HierarchicalProblem problem{TrafficMatrix(4), 3, 1, 1, 0};
  EXPECT_EQ(solveHierarchical(problem).error().message,
            "the traffic is between 4 devices, which are no whole number of "
            "nodes of 3; use the flat solvers for unequal nodes");
  problem.devicesPerNode = 2;
  problem.networkBandwidth = 0;
  EXPECT_EQ(solveHierarchical(problem).error().message,
            "the bandwidths are 0 (network) and 1 (inside a "
            "node) bytes/s; expected positive finite numbers");
  problem.networkBandwidth = 1;
  problem.alpha = -2;
  EXPECT_EQ(solveHierarchical(problem).error().message,
            "the cost of a round is -2 s; expected a finite number, 0 "
            "or more");
  problem.traffic(0, 1) = -1;
  EXPECT_FALSE(problem.check());
}

TEST(HierarchicalErrors, VerifySaysWhatIsWrong) {
  TrafficMatrix traffic(4);
  traffic(0, 2) = 5;
  HierarchicalProblem problem{traffic, 2, 1, 1, 0};
  HierarchicalSolution solution = *solveHierarchical(problem);
  HierarchicalSolution missing = solution;
  missing.slices.clear();
  EXPECT_EQ(missing.verify(problem).error().message,
            "5 bytes from 0 to 2 are on no lane");
  HierarchicalSolution tooMany = solution;
  tooMany.slices.push_back({0, 2, 1, 1});
  EXPECT_EQ(tooMany.verify(problem).error().message,
            "slice of 1 bytes from 0 to 2 on lane 1: only 0 bytes are left to "
            "send");
  HierarchicalSolution local = solution;
  local.slices[0].dst = 1;
  EXPECT_EQ(local.verify(problem).error().message,
            "slice of 2 bytes from 0 to 1 on lane 0: expected a positive "
            "number between devices of two nodes, on one of 2 lanes");
  HierarchicalSolution noRounds = solution;
  noRounds.rounds.rounds.clear();
  EXPECT_EQ(noRounds.verify(problem).error().message,
            "3 bytes from 0 to 1 are never sent");
}

} // namespace
