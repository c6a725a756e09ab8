#include "RandomTraffic.h"

#include "plan/AllToAllBaselines.h"
#include "plan/AllToAllSolvers.h"
#include "plan/Simulator.h"

#include <gtest/gtest.h>

#include <iostream>
#include <numeric>
#include <string>

using namespace moec::plan;
using namespace moec::plan::test;

namespace {

/// Thousands of small cases and some of every larger size up to 64.
int32_t trialsFor(int32_t n) { return n <= 8 ? 600 : n <= 16 ? 80 : 8; }

TEST(AllToAll, ToyExampleOfThePaperTakesTwo) {
  TrafficMatrix traffic(3);
  traffic(0, 1) = traffic(0, 2) = traffic(1, 0) = traffic(1, 2) = 1;
  AllToAllProblem problem = equalPorts(traffic);
  Result<AllToAllSolution> solution = solveBirkhoff(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(problem.lowerBound(), 2);
  EXPECT_EQ(solution->makespan(), 2);
  // A bad order: 0 and 1 both send to 2 first.
  AllToAllSolution bad{
      {{2, {{0, 2, 1}, {1, 2, 1}}}, {1, {{0, 1, 1}, {1, 0, 1}}}}, {1, 1, 2}};
  EXPECT_TRUE(bad.verify(problem));
  EXPECT_EQ(bad.cost(problem), 3);
}

TEST(AllToAll, BirkhoffMeetsTheBoundExactly) {
  const uint64_t seed = 21;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t n = 2; n <= 64; ++n) {
    int64_t mostRounds = 0;
    for (int32_t trial = 0; trial < trialsFor(n); ++trial) {
      AllToAllProblem problem = equalPorts(randomTraffic(random, n));
      Result<AllToAllSolution> solution = solveBirkhoff(problem);
      ASSERT_TRUE(solution) << solution.error().message; // verified inside
      ASSERT_EQ(makespanBytes(*solution), largestPortSum(problem.traffic));
      ASSERT_EQ(solution->makespan(), problem.lowerBound());
      ASSERT_LE(static_cast<int64_t>(solution->rounds.size()),
                int64_t{n} * n - 2 * n + 2);
      ASSERT_EQ(solution->portUnits, std::vector<int32_t>(n, 1));
      mostRounds = std::max<int64_t>(mostRounds, solution->rounds.size());
    }
    if (n % 8 == 0)
      std::cout << "n = " << n << ": at most " << mostRounds << " rounds\n";
  }
}

TEST(AllToAll, CombineIsTheReverseInTheSameTime) {
  std::mt19937_64 random(22);
  for (int32_t trial = 0; trial < 200; ++trial) {
    AllToAllProblem problem = equalPorts(randomTraffic(random, 7));
    Result<AllToAllSolution> dispatch = solveBirkhoff(problem);
    ASSERT_TRUE(dispatch);
    AllToAllProblem combine = equalPorts(problem.traffic.transposed());
    AllToAllSolution reverse = reversed(*dispatch);
    ASSERT_TRUE(reverse.verify(combine));
    ASSERT_EQ(reverse.makespan(), combine.lowerBound());
    ASSERT_EQ(reversed(reverse), *dispatch);
  }
}

AllToAllProblem unequalPorts(std::mt19937_64 &random, int32_t n,
                             bool fourTypes) {
  AllToAllProblem problem = equalPorts(randomTraffic(random, n));
  const double paper[] = {100, 80, 50, 40};
  for (int32_t i = 0; i < n; ++i)
    problem.bandwidth[i] =
        fourTypes ? paper[i % 4] : 1 + static_cast<double>(below(random, 12));
  return problem;
}

TEST(AllToAll, UnitPortsMeetTheirBoundUpToOneByte) {
  const uint64_t seed = 23;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t trial = 0; trial < 1500; ++trial) {
    const int32_t n =
        2 + static_cast<int32_t>(below(random, trial % 50 ? 9 : 31));
    AllToAllProblem problem = unequalPorts(random, n, trial % 2);
    UnitPorts units = chooseUnitPorts(problem);
    Result<AllToAllSolution> solution = solveBirkhoff(problem);
    ASSERT_TRUE(solution) << solution.error().message;
    double bound = problem.lowerBound();
    ASSERT_GE(solution->makespan(), bound * (1 - 1e-12));
    ASSERT_LE(solution->makespan(),
              bound + (problem.equalPorts() ? 0 : 1) / units.unit +
                  1e-9 * bound)
        << "trial " << trial;
  }
}

TEST(AllToAll, OneToOneMeetsItsOwnLargerBound) {
  const uint64_t seed = 24;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t trial = 0; trial < 1000; ++trial) {
    const int32_t n = 2 + static_cast<int32_t>(below(random, 9));
    AllToAllProblem problem = unequalPorts(random, n, trial % 2);
    Result<AllToAllSolution> solution = solveOneToOne(problem);
    ASSERT_TRUE(solution) << solution.error().message;
    double bound = problem.oneToOneBound();
    double slowest =
        *std::min_element(problem.bandwidth.begin(), problem.bandwidth.end());
    ASSERT_EQ(solution->portUnits, std::vector<int32_t>(n, 1));
    ASSERT_GE(bound, problem.lowerBound() * (1 - 1e-12));
    ASSERT_GE(solution->makespan(), bound * (1 - 1e-12));
    ASSERT_LE(solution->makespan(),
              bound + (n + solution->rounds.size()) / slowest)
        << "trial " << trial;
  }
}

TEST(AllToAll, PapersBoundNeedsSeveralPeersAtOnce) {
  // systems.md: ports of 100, 50, 50; 1 unit (100 bytes) to each of the others.
  TrafficMatrix traffic(3);
  traffic(0, 1) = traffic(0, 2) = 100;
  AllToAllProblem problem{traffic, {100, 50, 50}, 0};
  EXPECT_DOUBLE_EQ(problem.lowerBound(), 2);
  EXPECT_DOUBLE_EQ(problem.oneToOneBound(), 4);
  EXPECT_DOUBLE_EQ(solveOneToOne(problem)->makespan(), 4);
  Result<AllToAllSolution> solution = solveBirkhoff(problem);
  ASSERT_TRUE(solution);
  EXPECT_DOUBLE_EQ(solution->makespan(), 2);
  EXPECT_EQ(solution->portUnits, (std::vector<int32_t>{2, 1, 1}));
}

TEST(AllToAll, UnitPortsWithoutACommonDivisorSayWhatTheyCost) {
  std::mt19937_64 random(25);
  double worst = 1;
  for (int32_t trial = 0; trial < 50; ++trial) {
    AllToAllProblem problem = equalPorts(randomTraffic(random, 8));
    for (double &bandwidth : problem.bandwidth)
      bandwidth = 1e9 * (1 + 0.001 * static_cast<double>(below(random, 3000)));
    UnitPorts units = chooseUnitPorts(problem);
    ASSERT_LE(std::accumulate(units.count.begin(), units.count.end(), 0), 512);
    Result<AllToAllSolution> solution = solveBirkhoff(problem);
    ASSERT_TRUE(solution) << solution.error().message;
    ASSERT_LE(solution->makespan(), units.makespan * (1 + 1e-9));
    if (problem.lowerBound() > 0)
      worst = std::max(worst, solution->makespan() / problem.lowerBound());
  }
  std::cout << "worst makespan / bound: " << worst << '\n';
  EXPECT_LT(worst, 1.02);
}

TEST(AllToAll, VeryUnevenPortsAreCapped) {
  std::mt19937_64 random(31);
  AllToAllProblem problem = equalPorts(randomTraffic(random, 4));
  problem.bandwidth = {1e11, 1, 5e5, 3};
  UnitPorts units = chooseUnitPorts(problem);
  EXPECT_EQ(units.count, (std::vector<int32_t>{128, 1, 128, 3}));
  Result<AllToAllSolution> solution = solveBirkhoff(problem);
  ASSERT_TRUE(solution) << solution.error().message;
  EXPECT_LE(solution->makespan(), units.makespan * (1 + 1e-9));
}

TEST(AllToAll, NoPolicyBeatsTheBound) {
  const uint64_t seed = 26;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  int32_t greedyMisses = 0;
  for (int32_t trial = 0; trial < 300; ++trial) {
    const int32_t n = 2 + static_cast<int32_t>(below(random, 7));
    AllToAllProblem problem = trial % 2 ? unequalPorts(random, n, true)
                                        : equalPorts(randomTraffic(random, n));
    const double bound = problem.lowerBound();
    Result<std::vector<BaselineCost>> baselines = baselineCosts(problem, trial);
    ASSERT_TRUE(baselines);
    for (const BaselineCost &baseline : *baselines)
      ASSERT_GE(baseline.seconds, bound * (1 - 1e-9)) << baseline.name;
    ASSERT_GE(baselines->back().seconds, problem.oneToOneBound() * (1 - 1e-9));
    greedyMisses +=
        baselines->back().seconds > problem.oneToOneBound() * (1 + 1e-9);
    ASSERT_GE(solveRotation(problem)->makespan(), bound * (1 - 1e-9));
  }
  std::cout << "Algorithm 1 missed its bound in " << greedyMisses
            << " of 300 cases\n";
  EXPECT_GT(greedyMisses, 0); // the flaw that Birkhoff rounds do not have
}

TEST(AllToAll, AlphaBuysFewerRounds) {
  const uint64_t seed = 27;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (double alpha : {1e-3, 1e-2, 0.1, 1.0, 10.0}) { // dense rows take ~ n / 2
    double chosen = 0, birkhoff = 0, bound = 0;       // of equal ports
    for (int32_t trial = 0; trial < 60; ++trial) {
      const int32_t n = 2 + static_cast<int32_t>(below(random, 15));
      AllToAllProblem problem =
          trial % 3 ? equalPorts(randomTraffic(random, n), 1e6, alpha)
                    : unequalPorts(random, n, true);
      problem.alpha = alpha;
      if (trial % 3 == 0)
        for (double &bandwidth : problem.bandwidth)
          bandwidth *= 1e4;
      Result<AllToAllSolution> best = solveAllToAll(problem);
      ASSERT_TRUE(best) << best.error().message;
      ASSERT_TRUE(best->verify(problem));
      const double cost = best->cost(problem);
      ASSERT_LE(cost, solveBirkhoff(problem)->cost(problem));
      ASSERT_LE(cost, solveRotation(problem)->cost(problem));
      ASSERT_GE(cost, problem.lowerBound() * (1 - 1e-9));
      if (!problem.equalPorts())
        continue;
      ASSERT_GE(cost, problem.oneToOneBound() * (1 - 1e-9));
      chosen += cost;
      birkhoff += solveBirkhoff(problem)->cost(problem);
      bound += problem.oneToOneBound();
    }
    std::cout << "alpha " << alpha << " s: cost / bound " << chosen / bound
              << ", Birkhoff alone " << birkhoff / bound << '\n';
  }
}

TEST(AllToAll, DissolvingNeverCostsMore) {
  std::mt19937_64 random(28);
  for (int32_t trial = 0; trial < 200; ++trial) {
    AllToAllProblem problem = unequalPorts(random, 6, trial % 2);
    problem.alpha = static_cast<double>(below(random, 2000));
    AllToAllSolution before = *solveBirkhoff(problem);
    AllToAllSolution after = dissolveRounds(problem, before);
    ASSERT_TRUE(after.verify(problem)) << after.verify(problem).error().message;
    ASSERT_LE(after.cost(problem), before.cost(problem) * (1 + 1e-12));
  }
}

TEST(AllToAll, HugeBytesStayExact) {
  const int64_t huge = (int64_t{1} << 62) / 3;
  TrafficMatrix traffic(3);
  traffic(0, 1) = huge;
  traffic(1, 2) = huge - 1;
  traffic(2, 0) = huge - 12345;
  traffic(0, 2) = 7;
  AllToAllProblem problem = equalPorts(traffic, 1e9);
  Result<AllToAllSolution> solution = solveBirkhoff(problem);
  ASSERT_TRUE(solution);
  EXPECT_EQ(makespanBytes(*solution), huge + 7);
  problem.bandwidth = {1e9, 1, 3};
  EXPECT_TRUE(solveOneToOne(problem));
  EXPECT_TRUE(solveBirkhoff(problem));
}

TEST(AllToAll, NothingToSendIsNoRound) {
  for (int32_t n : {0, 1, 4}) {
    AllToAllProblem problem = equalPorts(TrafficMatrix(n), 1, 0.5);
    Result<AllToAllSolution> solution = solveAllToAll(problem);
    ASSERT_TRUE(solution);
    EXPECT_TRUE(solution->rounds.empty());
    EXPECT_EQ(problem.lowerBound(), 0);
    EXPECT_TRUE(baselineCosts(problem, 1));
  }
}

TEST(AllToAll, RoundsGraphTakesAsLongAsTheRounds) {
  std::mt19937_64 random(29);
  for (int32_t trial = 0; trial < 60; ++trial) {
    AllToAllProblem problem = equalPorts(randomTraffic(random, 6), 3);
    problem.alpha = trial % 2 ? 2.5 : 0;
    AllToAllSolution solution = *solveBirkhoff(problem);
    Result<Timeline> timeline = simulate(roundsGraph(problem, solution));
    ASSERT_TRUE(timeline);
    ASSERT_NEAR(timeline->makespan, solution.cost(problem),
                1e-9 * solution.cost(problem));
  }
}

/// Copies every send out of its sender's buffer, in round order, and appends it
/// at the receiver's place for that sender, as a program with run-time offsets
/// would.
TEST(AllToAll, ExecutedRoundsEqualAPlainAllToAll) {
  std::mt19937_64 random(30);
  for (int32_t trial = 0; trial < 100; ++trial) {
    const int32_t n = 2 + trial % 7;
    AllToAllProblem problem = trial % 2 ? unequalPorts(random, n, true)
                                        : equalPorts(randomTraffic(random, n));
    for (int32_t src = 0; src < n; ++src)
      for (int32_t dst = 0; dst < n; ++dst)
        problem.traffic(src, dst) %= 300;
    std::vector<std::string> message(n * n), received(n * n);
    for (int32_t pair = 0; pair < n * n; ++pair)
      if (pair / n != pair % n)
        for (int64_t i = problem.traffic(pair / n, pair % n); i > 0; --i)
          message[pair] += static_cast<char>(below(random, 256));
    for (const AllToAllSolution &solution :
         {*solveBirkhoff(problem), *solveOneToOne(problem)}) {
      std::fill(received.begin(), received.end(), "");
      for (const Round &round : solution.rounds)
        for (const Send &send : round.sends) {
          std::string &at = received[send.src * n + send.dst];
          at += message[send.src * n + send.dst].substr(at.size(), send.bytes);
        }
      ASSERT_EQ(received, message);
    }
  }
}

TEST(AllToAllErrors, CheckSaysWhatIsWrong) {
  AllToAllProblem problem = equalPorts(TrafficMatrix(2));
  problem.bandwidth = {1};
  EXPECT_EQ(solveBirkhoff(problem).error().message,
            "the traffic is between 2 devices, but 1 port bandwidths are "
            "given; give one for each device");
  problem.bandwidth = {1, 0};
  EXPECT_EQ(solveOneToOne(problem).error().message,
            "the port bandwidth of device 1 is 0 bytes/s; expected a "
            "positive finite number");
  problem.bandwidth = {1, 2e12};
  EXPECT_EQ(solveBirkhoff(problem).error().message,
            "port bandwidths range from 1 to 2e+12 "
            "bytes/s, more than a factor of 10^12; give all in the same unit");
  problem.bandwidth = {1, 1};
  problem.alpha = -1;
  EXPECT_EQ(solveRotation(problem).error().message,
            "the cost of a round is -1 s; expected a finite number, 0 "
            "or more");
  problem.alpha = 0;
  problem.traffic(0, 1) = -5;
  EXPECT_FALSE(solveAllToAll(problem));
  EXPECT_FALSE(greedyMakespan(problem));
  EXPECT_FALSE(simulateOrder(problem, SendOrder::Rotation, 0));
}

std::string verifyMessage(std::vector<Round> rounds) {
  TrafficMatrix traffic(3);
  traffic(0, 1) = 4;
  traffic(2, 1) = 4;
  AllToAllSolution solution{std::move(rounds), {1, 1, 1}};
  Status status = solution.verify(equalPorts(traffic));
  return status ? "" : status.error().message;
}

TEST(AllToAllErrors, VerifySaysWhatIsWrong) {
  EXPECT_EQ(verifyMessage({{4, {{0, 1, 4}}}, {4, {{2, 1, 4}}}}), "");
  EXPECT_EQ(verifyMessage({{4, {{0, 1, 4}}}}),
            "4 bytes from 2 to 1 are never sent");
  EXPECT_EQ(verifyMessage({{8, {{0, 1, 4}, {2, 1, 4}}}}),
            "round 0: device 1 receives from 2 peers; its port takes 1");
  EXPECT_EQ(verifyMessage({{4, {{0, 1, 5}}}}),
            "round 0: 5 bytes from 0 to 1, but only 4 are left to send");
  EXPECT_EQ(verifyMessage({{4, {{0, 0, 1}}}}),
            "round 0: 1 bytes from 0 to 0: expected a positive number between "
            "two different devices below 3");
  EXPECT_EQ(verifyMessage({{3, {{0, 1, 4}}}}),
            "round 0: it lasts 3 s, but its ports need 4 s");
  AllToAllSolution solution{{}, {1}};
  EXPECT_EQ(solution.verify(equalPorts(TrafficMatrix(2))).error().message,
            "the rounds are for 1 devices; the problem has 2");
}

} // namespace
