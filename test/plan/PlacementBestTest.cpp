// The strategy that picks a strategy, and the recorded traces it must hold on.

#include "../bench/plan/BenchTraces.h"
#include "PlacementRandom.h"
#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSolvers.h"

#include <gtest/gtest.h>

using namespace moec::plan;
using moec::test::randomProblem;
using moec::test::RandomShape;

static PlacementProblem uniformProblem(const RoutingTrace &trace,
                                       int64_t devices, int64_t slots) {
  return makePlacementProblem(Topology::uniform(devices), trace, slots);
}

TEST(PlacementBest, StrategyNamesRoundTrip) {
  for (std::string name : {"linear", "round-robin", "eplb", "eplb-hierarchical",
                           "average", "step", "resampled", "exact", "best"})
    EXPECT_EQ(strategyName(*strategyFromName(name)), name);
  EXPECT_FALSE(strategyFromName("greedy"));
}

TEST(PlacementBest, SaysNoGainAndStaysLinear) {
  RoutingTrace trace;
  trace.layers.push_back({0, 8, 0, {8, std::vector<int64_t>(8, 5)}, {}});
  Result<PlacementChoice> choice =
      solvePlacement(uniformProblem(trace, 4, 8), PlacementStrategy::Best);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->chosen, PlacementStrategy::Linear);
  EXPECT_EQ(choice->reason,
            "no gain: linear is as cheap as eplb, and nothing surely cheaper "
            "by cross-validation over parts of the trace");
  EXPECT_DOUBLE_EQ(choice->objective, choice->bound);
}

/// In one step of four the two experts of a pair meet that linear keeps apart.
/// It wins by the sum over the parts, thanks to that step alone, and loses on
/// every step like the others.
TEST(PlacementBest, KeepsEplbWhereOneStepMakesTheGain) {
  const std::vector<int64_t> usual = {10, 8, 6, 4}, odd = {20, 0, 0, 20};
  RoutingTrace seen, later;
  seen.layers.push_back({0, 4, 0, {usual, usual, usual, odd}, {}});
  later.layers.push_back({0, 4, 0, {usual, usual}, {}});
  PlacementProblem problem = uniformProblem(seen, 2, 4);
  PlacementProblem rest = problem.on(later);
  EXPECT_EQ(placeLinear(problem)->cost(rest), 36);
  Result<PlacementChoice> choice =
      solvePlacement(problem, PlacementStrategy::Best);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->chosen, PlacementStrategy::EplbGlobal);
  EXPECT_EQ(choice->placement.cost(rest), 32);
}

/// Pairs that EPLB puts together are busy in turns, again and again: now the
/// gain is no accident.
TEST(PlacementBest, LeavesEplbWhereManyStepsMakeTheGain) {
  const std::vector<int64_t> outer = {10, 0, 0, 6}, inner = {2, 11, 9, 0};
  RoutingTrace trace;
  trace.layers.push_back({0, 4, 0, {}, {}});
  for (int pair = 0; pair < 8; ++pair)
    for (const std::vector<int64_t> &step : {outer, inner})
      trace.layers[0].stepLoads.push_back(step);
  PlacementProblem problem = uniformProblem(trace, 2, 4);
  Result<PlacementChoice> choice =
      solvePlacement(problem, PlacementStrategy::Best);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->chosen, PlacementStrategy::Step);
  EXPECT_LT(choice->objective, placeByEplb(problem, 1, false)->cost(problem));
}

TEST(PlacementBest, NamesTheGainAndTheBaselines) {
  RoutingTrace trace;
  trace.layers.push_back({0, 4, 0, {{9, 9, 1, 1}}, {}});
  Result<PlacementChoice> choice =
      solvePlacement(uniformProblem(trace, 2, 4), PlacementStrategy::Best);
  ASSERT_TRUE(choice) << choice.error().message;
  EXPECT_EQ(choice->reason, "eplb: 44.4 % below linear on the trace's totals, "
                            "0.0 % below eplb");
  ASSERT_EQ(choice->baselines.size(), 4u);
  EXPECT_EQ(choice->baselines[0],
            (std::pair<std::string, double>("linear", 18)));
  EXPECT_EQ(choice->baselines[1], (std::pair<std::string, double>("eplb", 10)));
  EXPECT_EQ(choice->baselines[2].first, "average");
  EXPECT_EQ(choice->baselines[3],
            (std::pair<std::string, double>("round-robin", 10)));
}

TEST(PlacementBest, EveryStrategyIsAboveTheBoundOnRandomProblems) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PlacementProblem problem = randomProblem(random, RandomShape{4, 10, 6, 3});
    PlacementOptions options;
    options.search.evaluations = 500;
    for (PlacementStrategy s :
         {PlacementStrategy::Linear, PlacementStrategy::Step,
          PlacementStrategy::Resampled, PlacementStrategy::Best}) {
      Result<PlacementChoice> choice = solvePlacement(problem, s, options);
      ASSERT_TRUE(choice) << choice.error().message;
      EXPECT_TRUE(choice->placement.verify(problem));
      EXPECT_GE(choice->objective, choice->bound * (1 - 1e-9));
      EXPECT_DOUBLE_EQ(choice->objective, choice->placement.cost(problem));
    }
  }
}

/// Tokens that are drawn alone, in steps of four: the recorded steps are few
/// and noisy, and others are as likely.
TEST(PlacementBest, ResamplingHelpsOnStepsNotSeen) {
  double plain = 0, resampled = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    std::mt19937_64 random(seed);
    LayerRouting layer{0, 12, 2, {}, {}};
    for (int64_t token = 0; token < 4 * 400; ++token) {
      // The second expert of a token mostly is the first one's neighbour.
      int32_t first = static_cast<int32_t>(random() % 144 % 12);
      int32_t second = static_cast<int32_t>(random() % 3);
      second = (first + (second ? 1 : 5)) % 12;
      layer.ids.insert(layer.ids.end(), {first, second});
    }
    RoutingTrace trace{{layer}};
    groupIntoSteps(trace, 4);
    TraceSplit split = splitTrace(trace, 0.1);
    PlacementProblem problem = uniformProblem(split.fit, 4, 12);
    PlacementProblem rest = problem.on(split.heldOut);
    SearchOptions options{seed, 5000};
    Placement first = *placeByResampledSteps(problem, options);
    EXPECT_EQ(first, *placeByResampledSteps(problem, options));
    resampled += first.cost(rest);
    plain += placeByStep(problem, options)->cost(rest);
  }
  EXPECT_LT(resampled, plain);
}

TEST(PlacementBest, RefusesAStrategyThatDoesNotApply) {
  RoutingTrace trace;
  trace.layers.push_back({0, 5, 0, {{1, 2, 3, 4, 5}}, {}});
  Result<PlacementChoice> choice = solvePlacement(
      uniformProblem(trace, 2, 5), PlacementStrategy::EplbGlobal);
  ASSERT_FALSE(choice);
  EXPECT_EQ(choice.error().message,
            "eplb: 5 slots on 2 devices in 1 nodes; EPLB needs equal shares");
  EXPECT_TRUE(
      solvePlacement(uniformProblem(trace, 2, 5), PlacementStrategy::Best));
}

TEST(PlacementBest, NeverWorseThanEplbOnDeepSeekByItsOwnMetric) {
  if (moec::bench::sharedFolder().empty())
    GTEST_SKIP() << "no shared data; set MOEC_SHARED";
  std::string folder =
      moec::bench::sharedFolder() + "/data/routing/deepseek-r1/";
  for (std::string file :
       {"decode_in1800out100", "decode_in2000out100", "prefill_in1024",
        "prefill_in2000out100", "prefill_in4096"}) {
    RoutingTrace trace = moec::bench::readCounts(folder + file + ".json");
    ASSERT_EQ(trace.layers.size(), 58u);
    PlacementProblem problem = uniformProblem(trace, 32, 288);
    Result<PlacementChoice> best =
        solvePlacement(problem, PlacementStrategy::Best);
    ASSERT_TRUE(best) << best.error().message;
    // Among other things: no two replicas of an expert on one device.
    EXPECT_TRUE(best->placement.verify(problem, Duplicates::Forbid));
    Placement eplb = *placeByEplb(problem, 1, false);
    for (size_t l = 0; l < trace.layers.size(); ++l)
      EXPECT_LE(maxOverMean(trace.layers[l], best->placement.layers[l]),
                maxOverMean(trace.layers[l], eplb.layers[l]) * (1 + 1e-12))
          << file << " layer " << trace.layers[l].layer;
  }
}

TEST(PlacementBest, BeatsEplbOnHeldOutDecodeStepsWithASlowDevice) {
  if (moec::bench::sharedFolder().empty())
    GTEST_SKIP() << "no shared data; set MOEC_SHARED";
  moec::bench::TokenIds ids = moec::bench::readIds(
      moec::bench::sharedFolder() +
      "/data/routing/gpt-oss-20b/ids_mmlu_pro_validation.npy");
  TraceSplit split =
      splitTrace(moec::bench::consecutiveSteps(ids, 32, 64), 0.5);
  for (int64_t devices : {4, 8}) {
    PlacementProblem problem = uniformProblem(split.fit, devices, 32);
    problem.latency[1] = linearLatency(0.85);
    PlacementProblem rest = problem.on(split.heldOut);
    PlacementOptions options;
    options.search.evaluations = 3000; // quick; the default gains a bit more
    Result<PlacementChoice> best =
        solvePlacement(problem, PlacementStrategy::Best, options);
    ASSERT_TRUE(best) << best.error().message;
    EXPECT_LE(best->placement.cost(rest),
              0.94 * placeByEplb(problem, 1, false)->cost(rest));
  }
}
