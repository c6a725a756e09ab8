#include "plan/Routing.h"
#include "plan/Topology.h"
#include "plan/Traffic.h"

#include <gtest/gtest.h>

#include <set>

using namespace moec::plan;

TEST(LatencyCurve, InterpolatesAndExtrapolates) {
  LatencyCurve curve{{{10, 1.0}, {20, 2.0}, {40, 3.0}}};
  ASSERT_TRUE(curve.check());
  EXPECT_DOUBLE_EQ(curve(0), 0.0);
  EXPECT_DOUBLE_EQ(curve(5), 1.0);
  EXPECT_DOUBLE_EQ(curve(15), 1.5);
  EXPECT_DOUBLE_EQ(curve(30), 2.5);
  EXPECT_DOUBLE_EQ(curve(60), 4.0);
}

TEST(Traffic, SumsLeaveOutTheDiagonal) {
  TrafficMatrix traffic(2);
  traffic(0, 0) = 100;
  traffic(0, 1) = 3;
  EXPECT_EQ(traffic.sent(0), 3);
  EXPECT_EQ(traffic.received(1), 3);
  EXPECT_EQ(traffic.total(), 3);
  EXPECT_EQ(traffic.transposed()(1, 0), 3);
}

TEST(Routing, SplitsByStepsNotByTokens) {
  RoutingTrace trace;
  trace.layers.push_back({0, 2, 1, {}, {0, 1, 0, 0, 1, 1, 1}});
  groupIntoSteps(trace, 2);
  ASSERT_EQ(trace.layers[0].steps(), 4);
  EXPECT_EQ(trace.layers[0].totals(), (std::vector<int64_t>{3, 4}));
  TraceSplit split = splitTrace(trace, 0.5);
  EXPECT_TRUE(split.split);
  EXPECT_EQ(split.fit.layers[0].totals(), (std::vector<int64_t>{3, 1}));
  EXPECT_EQ(split.heldOut.layers[0].totals(), (std::vector<int64_t>{0, 3}));
}

TEST(Routing, CutsIdsWhereTheStepsCutThem) {
  // Steps of 2, 3 and 1 tokens, one of them without a valid id.
  LayerRouting layer{0, 2, 1, {{1, 1}, {2, 0}, {0, 1}}, {0, 1, 0, -1, 0, 1}};
  EXPECT_EQ(stepBegins(layer), (std::vector<int64_t>{0, 2, 5, 6}));
  TraceSplit split = splitTrace({{layer}}, 0.67);
  EXPECT_EQ(split.fit.layers[0].ids, (std::vector<int32_t>{0, 1, 0, -1, 0}));
  layer.stepLoads[1] = {1, 0}; // not what the ids say
  EXPECT_TRUE(stepBegins(layer).empty());
  layer.ids.clear();
  EXPECT_TRUE(stepBegins(layer).empty());
}

TEST(Routing, ResampledStepsHoldTokensOfTheTrace) {
  RoutingTrace trace;
  LayerRouting layer{0, 8, 2, {}, {}};
  for (int32_t token = 0; token < 11; ++token) // ids name their token
    layer.ids.insert(layer.ids.end(), {token % 8, (token + 1) % 8});
  trace.layers = {layer, layer};
  groupIntoSteps(trace, 4); // steps of 4, 4 and 3 tokens
  RoutingTrace more = trace;
  addResampledSteps(more, 5);
  for (size_t l : {0, 1}) {
    const LayerRouting &found = more.layers[l];
    ASSERT_TRUE(found.check());
    // For the first two steps and the last two: four times both kinds.
    ASSERT_EQ(found.steps(), 3 + 2 * 4 * 2);
    EXPECT_EQ(stepBegins(found),
              (std::vector<int64_t>{0,  4,  8,  11, 15, 19, 23, 27, 31, 35,
                                    39, 43, 46, 50, 53, 57, 60, 64, 67, 71}));
    for (int64_t t : {0, 1, 2})
      EXPECT_EQ(found.stepLoads[t], trace.layers[l].stepLoads[t]);
    // The half of the first two steps: tokens 0 to 7, each at most once.
    std::set<int32_t> firstIds;
    for (int64_t token = 11; token < 15; ++token)
      firstIds.insert(found.ids[2 * token]);
    EXPECT_EQ(firstIds.size(), 4u);
  }
  EXPECT_EQ(more.layers[0].stepLoads, more.layers[1].stepLoads);
  RoutingTrace counts{{{0, 2, 0, {{1, 2}, {3, 4}}, {}}}};
  addResampledSteps(counts, 5);
  EXPECT_EQ(counts.layers[0].steps(), 2);
}

TEST(Routing, LongTracesAreResampledOnce) {
  LayerRouting layer{0, 2, 1, {}, std::vector<int32_t>(5000)};
  RoutingTrace trace{{layer}};
  groupIntoSteps(trace, 1);
  addResampledSteps(trace, 5);
  EXPECT_EQ(trace.layers[0].steps(), 5000 + 2 * 4999);
}
