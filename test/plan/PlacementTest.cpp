// Placement: its cost, its rules, and the solvers against bounds, baselines
// and the exact optimum.

#include "PlacementRandom.h"
#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSearch.h"
#include "plan/PlacementSolvers.h"

#include <gtest/gtest.h>

#include <iostream>

using namespace moec::plan;
using moec::test::randomProblem;
using moec::test::RandomShape;

/// One layer with the given loads per step on equal devices.
static PlacementProblem problemOf(std::vector<std::vector<int64_t>> stepLoads,
                                  int64_t devices, int64_t slots) {
  RoutingTrace trace;
  int64_t experts = static_cast<int64_t>(stepLoads[0].size());
  trace.layers.push_back({0, experts, 0, std::move(stepLoads), {}});
  return makePlacementProblem(Topology::uniform(devices), trace, slots);
}

static int64_t deviceOf(const LayerPlacement &layer, int32_t expert) {
  for (size_t g = 0; g < layer.devices.size(); ++g)
    for (int32_t e : layer.devices[g])
      if (e == expert)
        return static_cast<int64_t>(g);
  return -1;
}

TEST(Placement, CostIsTheSlowestDeviceOfEveryStep) {
  PlacementProblem problem = problemOf({{6, 2, 1}, {0, 2, 9}}, 2, 4);
  problem.latency[1] = linearLatency(0.5);
  Placement placement{{{{{0, 1}, {2, 0}}}}};
  ASSERT_TRUE(placement.verify(problem));
  // Step 0: 3 + 2 = 5 rows against (1 + 3) / 0.5 s; step 1: 2 against 9 / 0.5.
  EXPECT_DOUBLE_EQ(placement.cost(problem), 8 + 18);
  EXPECT_DOUBLE_EQ(maxOverMean(problem.trace.layers[0], placement.layers[0]),
                   13.0 / 10);
}

TEST(Placement, LinearAndRoundRobinFillUnevenCapacities) {
  PlacementProblem problem = problemOf({{1, 1, 1, 1, 1}}, 3, 6);
  problem.capacity = {1, 4, 1};
  EXPECT_EQ(placeLinear(problem)->layers[0].devices,
            (std::vector<std::vector<int32_t>>{{0}, {1, 2, 3}, {4}}));
  EXPECT_EQ(placeRoundRobin(problem)->layers[0].devices,
            (std::vector<std::vector<int32_t>>{{0}, {1, 3, 4}, {2}}));
}

TEST(Placement, VerifyNamesTheBrokenRule) {
  PlacementProblem problem = problemOf({{1, 1, 1}}, 2, 4);
  auto message = [&](std::vector<std::vector<int32_t>> devices) {
    Status status = Placement{{{std::move(devices)}}}.verify(problem);
    return status ? std::string() : status.error().message;
  };
  EXPECT_EQ(message({{0, 1}, {2}}), "");
  EXPECT_EQ(message({{0, 1, 2}, {}}),
            "layer 0, device 0: 3 experts in 2 slots");
  EXPECT_EQ(message({{0, 0}, {1, 2}}),
            "layer 0, device 0: expert 0 is placed twice");
  EXPECT_EQ(message({{0, 1}, {3}}),
            "layer 0, device 1: expert 3 is not in 0..2");
  EXPECT_EQ(message({{0, 1}}), "layer 0: placed on 1 devices of 2");
  EXPECT_EQ(message({{0}, {1}}), "layer 0: expert 2 is on no device");
  problem.slotBudget = 3;
  EXPECT_EQ(message({{0, 1}, {2, 0}}),
            "layer 0: 4 slots used of a budget of 3");
  Status status = Placement{}.verify(problem);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "the placement has 0 layers and the routing 1");
}

TEST(Placement, CheckNamesWhatIsWrong) {
  auto message = [](auto change) {
    PlacementProblem problem = problemOf({{1, 1, 1}}, 2, 4);
    change(problem);
    Result<Placement> placement = placeByStep(problem);
    return placement ? std::string() : placement.error().message;
  };
  using P = PlacementProblem;
  EXPECT_EQ(message([](P &) {}), "");
  EXPECT_EQ(message([](P &p) { p.capacity.clear(); }),
            "placement: there is no device; at least one is needed");
  EXPECT_EQ(
      message([](P &p) { p.node.pop_back(); }),
      "placement: 2 capacities, 2 latency curves and 1 node ids; give one "
      "of each per device");
  EXPECT_EQ(
      message([](P &p) { p.capacity[1] = -1; }),
      "placement: device 1: capacity is -1 slots; it must not be negative");
  EXPECT_EQ(message([](P &p) { p.node[1] = 2; }),
            "placement: device 1: node 2 is not in 0..1");
  EXPECT_EQ(message([](P &p) { p.node = {1, 1}; }),
            "placement: node 0 has no device; number the nodes from 0 without "
            "gaps");
  EXPECT_EQ(
      message([](P &p) { p.latency[0].points.clear(); }),
      "placement: device 0: no latency curve; measure one or give a speed");
  EXPECT_EQ(message([](P &p) { p.latency[0] = linearLatency(0); }),
            "placement: device 0: latency point 1: rows and seconds must be "
            "finite and not negative");
  EXPECT_EQ(message([](P &p) { p.secondsPerCopy = -1; }),
            "placement: seconds per copy must be finite and not negative");
  EXPECT_EQ(message([](P &p) { p.trace.layers.clear(); }),
            "placement: the routing has no layer; at least one is needed");
  EXPECT_EQ(message([](P &p) { p.trace.layers[0].stepLoads.clear(); }),
            "placement: layer 0 has no step; give at least its total loads");
  EXPECT_EQ(
      message([](P &p) { p.trace.layers[0].stepLoads[0][0] = INT64_MAX; }),
      "placement: layer 0: its loads sum past 2^62; count in larger units");
  EXPECT_EQ(message([](P &p) { p.trace.layers[0].stepLoads[0][0] = -1; }),
            "layer 0: a load is negative");
  EXPECT_EQ(message([](P &p) { p.slotBudget = 5; }),
            "placement: the budget of 5 slots exceeds the devices' capacity of "
            "4; lower the budget or add devices");
  EXPECT_EQ(message([](P &p) { p.slotBudget = 2; }),
            "placement: layer 0 has 3 experts for 2 slots; give at least one "
            "slot per expert");
}

// Experts 2 and 3 are busy in the same rare steps. By their averages they
// belong together, beside the lighter of the steady experts; a step that needs
// both then waits for one device.
TEST(Placement, SeparatesCorrelatedTemporalExpertsWhereEplbDoesNot) {
  std::vector<std::vector<int64_t>> loads(12, {70, 50, 0, 0, 1, 1});
  for (size_t t : {5, 11})
    loads[t][2] = loads[t][3] = 60;
  PlacementProblem problem = problemOf(loads, 2, 6);
  LayerPlacement eplb = placeByEplb(problem, 1, false)->layers[0];
  LayerPlacement step = placeByStep(problem)->layers[0];
  EXPECT_EQ(deviceOf(eplb, 2), deviceOf(eplb, 3));
  EXPECT_NE(deviceOf(step, 2), deviceOf(step, 3));
  EXPECT_LT(layerCost(problem, 0, step), layerCost(problem, 0, eplb));
}

TEST(Placement, HotExpertStaysOffTheSlowDevice) {
  PlacementProblem problem =
      problemOf({{100, 30, 30, 30}, {90, 30, 30, 30}}, 4, 4);
  problem.latency[2] = linearLatency(0.8);
  EXPECT_NE(deviceOf(placeByStep(problem)->layers[0], 0), 2);
}

TEST(Placement, EqualDevicesAndConstantLoadReachTheOptimum) {
  PlacementProblem problem =
      problemOf({{8, 7, 6, 5, 4}, {8, 7, 6, 5, 4}}, 2, 5);
  problem.capacity = {3, 3};
  EXPECT_DOUBLE_EQ(placeByStep(problem)->cost(problem), 30);
  EXPECT_DOUBLE_EQ(placementBound(problem), 30);
}

TEST(Placement, RandomProblemsKeepBoundsAndBeatBaselines) {
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PlacementProblem problem = randomProblem(random);
    ASSERT_TRUE(problem.check());
    SearchOptions options{seed, 2000};
    Result<Placement> step = placeByStep(problem, options);
    ASSERT_TRUE(step) << step.error().message;
    double cost = step->cost(problem), slack = 1e-9 * (cost + 1);
    EXPECT_GE(cost, placementBound(problem) - slack);
    for (Result<Placement> other :
         {placeLinear(problem), placeRoundRobin(problem),
          placeByAverage(problem)}) {
      ASSERT_TRUE(other) << other.error().message;
      EXPECT_GE(other->cost(problem), placementBound(problem) - slack);
    }
    EXPECT_LE(cost, placeLinear(problem)->cost(problem) + slack);
    EXPECT_LE(cost, placeByAverage(problem)->cost(problem) + slack);
    EXPECT_EQ(*step, *placeByStep(problem, options)) << "not deterministic";
    if (Result<Placement> map = placeByEplb(problem, 1, false)) {
      removeDuplicates(problem, *map);
      ASSERT_TRUE(map->verify(problem)) << map->verify(problem).error().message;
      EXPECT_LE(cost, map->cost(problem) + slack);
    }
  }
}

TEST(Placement, TheSearchedScoreIsTheScoreAfterTheChange) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PlacementProblem problem = randomProblem(random);
    PlacementState state(problem, 0), other(problem, 0);
    state.assign(placeByAverage(problem)->layers[0]);
    EXPECT_NEAR(state.cost(), layerCost(problem, 0, state.placement()),
                1e-9 * (1 + state.cost()));
    for (int32_t g : state.stragglers())
      forEachChange(problem, state, g, [&](const PlacementChange &change) {
        double predicted = state.scoreAfter(change, 1e300);
        other.assign(state.placement());
        other.apply(change);
        EXPECT_NEAR(predicted, other.score(), 1e-9 * (1 + predicted));
        EXPECT_TRUE(Placement{{other.placement()}}.verify(problem));
        return true;
      });
  }
}

TEST(Placement, NeverBeatsTheExactOptimumAndReachesIt) {
  int reached = 0, cases = 0;
  double worst = 1;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PlacementProblem problem = randomProblem(random, RandomShape{3, 7, 3, 2});
    Result<Placement> exact = placeExactly(problem);
    ASSERT_TRUE(exact) << exact.error().message;
    double optimum = exact->cost(problem);
    double found = placeByStep(problem)->cost(problem);
    EXPECT_GE(found, optimum * (1 - 1e-9));
    EXPECT_GE(optimum, placementBound(problem) * (1 - 1e-9));
    ++cases;
    reached += found <= optimum * (1 + 1e-9);
    if (optimum > 0)
      worst = std::max(worst, found / optimum);
  }
  RecordProperty("reached", reached);
  std::cout << "the search reaches the optimum in " << reached << " of "
            << cases << " cases; worst ratio " << worst << '\n';
  EXPECT_EQ(reached, cases);
}

TEST(Placement, ExactSaysWhenItGivesUp) {
  PlacementProblem problem = problemOf({{9, 8, 7, 6, 5}}, 2, 5);
  problem.capacity = {4, 4};
  problem.latency[1] = linearLatency(0.7);
  Result<Placement> exact = placeExactly(problem, 10);
  ASSERT_FALSE(exact);
  EXPECT_EQ(exact.error().message,
            "exact placement: layer 0 needs more than 10 "
            "search nodes; use strategy 'step'");
  problem = problemOf({std::vector<int64_t>(17, 1)}, 17, 17);
  exact = placeExactly(problem);
  ASSERT_FALSE(exact);
  EXPECT_EQ(exact.error().message,
            "exact placement: 17 devices; it tries every set of devices and "
            "stops at 16");
}
