#include "plan/Routing.h"
#include "plan/Topology.h"
#include "plan/Traffic.h"

#include <gtest/gtest.h>

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
