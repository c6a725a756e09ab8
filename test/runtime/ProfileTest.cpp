//===- ProfileTest.cpp - Steps to layers and phases -----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Profile.h"

#include <gmock/gmock.h>

using namespace moec::run;
using testing::ElementsAre;

namespace {

/// A step of one second and some work.
Step step(const char *phase, int64_t call = -1) {
  return {phase, "kernel", "", call, 10, 20, 0, 1};
}

std::vector<std::string> labels(const std::vector<Step> &steps) {
  return layersOf(steps);
}

} // namespace

TEST(Profile, CombinesEndLayers) {
  EXPECT_THAT(labels({step("dense"), step("combine"), step("combine"),
                      step("dense"), step("combine"), step("dense")}),
              ElementsAre("0", "0", "0", "1", "1", "end"));
}

TEST(Profile, AnExchangeBelongsToItsCombine) {
  EXPECT_THAT(labels({step("exchange"), step("combine"), step("exchange"),
                      step("dense"), step("combine"), step("exchange")}),
              ElementsAre("0", "0", "0", "1", "1", "1"));
}

TEST(Profile, CodeThatLayersShareMayBeginInsideThem) {
  EXPECT_THAT(labels({step("dense"), step("combine", 0), step("dense", 0),
                      step("combine", 1), step("dense", 1), step("combine")}),
              ElementsAre("0", "0", "1", "1", "2", "2"));
}

TEST(Profile, CallsWithoutExpertsAreLayers) {
  EXPECT_THAT(labels({step("dense", 0), step("dense", 0), step("dense", 1),
                      step("dense"), step("combine"), step("dense")}),
              ElementsAre("0", "0", "1", "2", "2", "end"));
}

TEST(Profile, NoLayers) {
  EXPECT_THAT(labels({step("dense"), step("elementwise")}),
              ElementsAre("all", "all"));
  EXPECT_THAT(labels({}), ElementsAre());
}

TEST(Profile, SumsByLayerAndPhase) {
  std::vector<Step> rank = {step("dense", 0), step("dense", 0),
                            step("combine", 0), step("dense")};
  std::vector<LayerWork> layers = byLayer({rank, rank});
  ASSERT_EQ(layers.size(), 2);
  EXPECT_EQ(layers[0].layer, "0");
  ASSERT_EQ(layers[0].phases.size(), 2);
  EXPECT_EQ(layers[0].phases[0].phase, "dense");
  // Ranks work at the same time: their seconds are averaged, their work added.
  EXPECT_DOUBLE_EQ(layers[0].phases[0].work.seconds, 2);
  EXPECT_DOUBLE_EQ(layers[0].phases[0].work.flops, 40);
  EXPECT_EQ(layers[1].phases[0].phase, "head");
  std::vector<PhaseWork> phases = byPhase(layers);
  ASSERT_EQ(phases.size(), 3);
  EXPECT_DOUBLE_EQ(phases[2].work.bytes, 40);
}

TEST(Profile, TheLimitThatBinds) {
  Limits limits = {100, 10};
  EXPECT_DOUBLE_EQ(shareOf({1, 50, 2}, limits), 0.5);
  EXPECT_DOUBLE_EQ(shareOf({1, 50, 8}, limits), 0.8);
  EXPECT_DOUBLE_EQ(shareOf({0, 50, 8}, limits), 0);
}
