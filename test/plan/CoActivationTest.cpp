// Experts that tokens choose together, and the copies that cross nodes.

#include "plan/CoActivation.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSolvers.h"

#include <gtest/gtest.h>

#include <random>

using namespace moec::plan;

/// Two nodes of two devices. Tokens choose two experts out of one of two hidden
/// groups (even and odd ids) nine times out of ten.
static PlacementProblem groupedProblem(uint64_t seed, int64_t tokens) {
  std::mt19937_64 random(seed);
  LayerRouting layer{0, 8, 2, {}, {}};
  for (int64_t t = 0; t < tokens; ++t) {
    int32_t a = static_cast<int32_t>(random() % 8), b = a;
    while (b == a || (random() % 10 != 0 && b % 2 != a % 2))
      b = static_cast<int32_t>(random() % 8);
    layer.ids.insert(layer.ids.end(), {a, b});
  }
  RoutingTrace trace;
  trace.layers.push_back(layer);
  groupIntoSteps(trace, 64);
  Topology topology = Topology::uniform(4);
  topology.nodes.push_back({"node1"});
  topology.devices[2].node = topology.devices[3].node = 1;
  return makePlacementProblem(topology, trace, 8);
}

TEST(CoActivation, CountsPairsOfOneToken) {
  LayerRouting layer{0, 3, 2, {}, {0, 1, 1, 2, 1, -1}};
  EXPECT_EQ(coActivation(layer),
            (std::vector<int64_t>{1, 1, 0, 1, 3, 1, 0, 1, 1}));
}

TEST(CoActivation, CopiesAreNodesVisitedLessTheOwn) {
  PlacementProblem problem = groupedProblem(1, 4);
  problem.trace.layers[0].ids = {0, 1, 0, 2, 1, 3, 0, 1};
  // Experts 0, 1 on node 0 and 2, 3 on node 1: 1 + 2 + 2 + 1 visits, half of
  // them at home.
  LayerPlacement placement{{{0, 4}, {1, 5}, {2, 6}, {3, 7}}};
  EXPECT_DOUBLE_EQ(crossNodeCopies(problem, 0, placement), 3);
  // A second replica of 0, on node 1, serves its tokens 1, 3, ...: the second
  // token then visits node 1 only.
  placement.devices[3][1] = 0;
  placement.devices[0][1] = 7;
  EXPECT_DOUBLE_EQ(crossNodeCopies(problem, 0, placement), 2.5);
}

TEST(CoActivation, CounterFollowsChanges) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PlacementProblem problem = groupedProblem(seed, 200);
    CopyCounter counter(problem, 0);
    std::vector<std::vector<int32_t>> homes(8);
    for (int change = 0; change < 30; ++change) {
      int32_t e = static_cast<int32_t>(random() % 8);
      homes[e] = {static_cast<int32_t>(random() % 2)};
      if (random() % 2 == 0)
        homes[e].push_back(2 + static_cast<int32_t>(random() % 2));
      counter.setHomes(e, homes[e]);
    }
    LayerPlacement placement;
    placement.devices.resize(4);
    for (int32_t e = 0; e < 8; ++e)
      for (int32_t g : homes[e])
        placement.devices[g].push_back(e);
    EXPECT_DOUBLE_EQ(counter.copies(), crossNodeCopies(problem, 0, placement));
  }
}

TEST(CoActivation, GroupsAreFoundWhenTrafficCosts) {
  PlacementProblem problem = groupedProblem(1, 2000);
  LayerPlacement plain = placeByStep(problem)->layers[0];
  problem.secondsPerCopy = 10;
  LayerPlacement grouped = placeByStep(problem)->layers[0];
  EXPECT_LT(crossNodeCopies(problem, 0, grouped),
            crossNodeCopies(problem, 0, plain));
  // Even ids on one node, odd ids on the other.
  for (int64_t g = 0; g < 4; ++g)
    for (int32_t e : grouped.devices[g])
      EXPECT_EQ(e % 2, grouped.devices[problem.node[g] * 2][0] % 2);
  EXPECT_GE(layerCost(problem, 0, grouped), placementBound(problem, 0));
}

TEST(CoActivation, NothingToCountWithoutIdsOrNodes) {
  PlacementProblem problem = groupedProblem(1, 100);
  LayerPlacement placement = placeLinear(problem)->layers[0];
  problem.trace.layers[0].ids.clear();
  EXPECT_EQ(crossNodeCopies(problem, 0, placement), 0);
  problem = groupedProblem(1, 100);
  problem.node = {0, 0, 0, 0};
  EXPECT_EQ(crossNodeCopies(problem, 0, placement), 0);
}
