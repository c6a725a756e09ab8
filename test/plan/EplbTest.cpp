// EPLB against the golden vectors of its README example, and its limits.

#include "plan/Eplb.h"
#include "plan/PlacementSolvers.h"

#include <gtest/gtest.h>

using namespace moec::plan;

static const std::vector<std::vector<double>> kWeights = {
    {90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86},
    {20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27}};

TEST(Eplb, HierarchicalGoldenVector) {
  Result<EplbMap> map = eplb(kWeights, {16, 4, 2, 8});
  ASSERT_TRUE(map);
  EXPECT_EQ(*map,
            (EplbMap{{5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1},
                     {7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1}}));
}

TEST(Eplb, GlobalGoldenVector) {
  Result<EplbMap> map = eplb(kWeights, {16, 3, 2, 8});
  ASSERT_TRUE(map);
  EXPECT_EQ(*map,
            (EplbMap{{10, 6, 10, 7, 0, 2, 11, 4, 5, 9, 5, 4, 8, 3, 1, 1},
                     {1, 10, 2, 4, 5, 11, 5, 0, 6, 7, 6, 3, 8, 8, 9, 7}}));
}

TEST(Eplb, OneSlotADeviceKeepsTheOrder) {
  Result<EplbMap> map = eplb({{1, 5, 3, 7}}, {4, 1, 1, 4});
  ASSERT_TRUE(map);
  EXPECT_EQ(*map, (EplbMap{{0, 1, 2, 3}}));
}

TEST(Eplb, SaysWhatDoesNotDivide) {
  Result<EplbMap> map = eplb(kWeights, {17, 4, 2, 8});
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message,
            "eplb: 17 slots do not divide evenly over 8 devices");
  map = eplb(kWeights, {16, 4, 3, 8});
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message,
            "eplb: 8 devices do not divide evenly over 3 nodes");
  map = eplb(kWeights, {16, 8, 2, 8});
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message,
            "eplb: 12 experts do not divide evenly over 8 groups");
  map = eplb(kWeights, {8, 4, 2, 8});
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message,
            "eplb: 12 experts for 8 slots; give at least one slot per expert");
  map = eplb(kWeights, {16, 0, 2, 8});
  ASSERT_FALSE(map);
  EXPECT_EQ(map.error().message,
            "eplb: slots, groups, nodes and devices must be positive");
}

static PlacementProblem goldenProblem() {
  RoutingTrace trace;
  for (const std::vector<double> &weights : kWeights)
    trace.layers.push_back(
        {0, 12, 0, {std::vector<int64_t>(weights.begin(), weights.end())}, {}});
  return makePlacementProblem(Topology::uniform(8), trace, 16);
}

TEST(Eplb, AsPlacementAndWithoutDuplicates) {
  PlacementProblem problem = goldenProblem();
  Result<Placement> placement = placeByEplb(problem, 1, false);
  ASSERT_TRUE(placement);
  EXPECT_EQ(placement->layers[0].devices[0], (std::vector<int32_t>{10, 6}));
  // Device 7 holds expert 1 twice.
  Status status = placement->verify(problem);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "layer 0, device 7: expert 1 is placed twice");
  removeDuplicates(problem, *placement);
  EXPECT_TRUE(placement->verify(problem));
}

TEST(Eplb, RefusesUnequalMachines) {
  PlacementProblem problem = goldenProblem();
  problem.capacity[3] = 1;
  problem.capacity[4] = 3;
  Result<Placement> placement = placeByEplb(problem, 1, false);
  ASSERT_FALSE(placement);
  EXPECT_EQ(placement.error().message,
            "eplb: device 3 holds 1 experts; EPLB puts 2 on every device");
  problem = goldenProblem();
  problem.slotBudget = 15;
  placement = placeByEplb(problem, 1, false);
  ASSERT_FALSE(placement);
  EXPECT_EQ(placement.error().message,
            "eplb: 15 slots on 8 devices in 1 nodes; EPLB needs equal shares");
  problem = goldenProblem();
  problem.node = {0, 1, 0, 1, 0, 1, 0, 1};
  placement = placeByEplb(problem, 4, true);
  ASSERT_FALSE(placement);
  EXPECT_EQ(placement.error().message,
            "eplb: device 1 is on node 1; EPLB needs "
            "nodes of equal, contiguous devices");
  placement = placeByEplb(problem, 3, true);
  ASSERT_FALSE(placement);
  EXPECT_EQ(placement.error().message,
            "eplb: 3 expert groups on 2 nodes; the hierarchical policy needs a "
            "multiple");
}
