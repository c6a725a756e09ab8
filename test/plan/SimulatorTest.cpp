#include "plan/Simulator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <limits>
#include <random>

using namespace moec::plan;

namespace {

double makespanOf(const TaskGraph &graph) {
  Result<Timeline> timeline = simulate(graph);
  EXPECT_TRUE(timeline) << (timeline ? "" : timeline.error().message);
  return timeline ? timeline->makespan : -1;
}

TEST(Simulator, TwoStagePipelineMeetsItsClosedForm) {
  const uint64_t seed = 41;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t trial = 0; trial < 200; ++trial) {
    const int32_t chunks = 1 + static_cast<int32_t>(random() % 20);
    const double bytes = static_cast<double>(1 + random() % 100);
    const double compute = static_cast<double>(1 + random() % 100) / 7;
    TaskGraph graph;
    int32_t link = graph.addLink("port", 7);
    int32_t device = graph.addProcessor("device");
    std::vector<int32_t> previous;
    for (int32_t i = 0; i < chunks; ++i) {
      previous = {graph.addTransfer("receive", {link},
                                    static_cast<int64_t>(bytes), 0, previous)};
      graph.addCompute("compute", device, compute, previous);
    }
    const double c = bytes / 7;
    ASSERT_NEAR(makespanOf(graph),
                chunks * std::max(c, compute) + std::min(c, compute), 1e-9);
  }
}

TEST(Simulator, ProcessorRunsOneTaskAtATimeFirstReadyFirst) {
  TaskGraph graph;
  int32_t device = graph.addProcessor("device", {{{10, 1.0}, {20, 3.0}}});
  int32_t delay = graph.addTransfer("delay", {}, 0, 0.5);
  int32_t late = graph.addRows("late", device, 20, {delay});
  int32_t first = graph.addRows("first", device, 10);
  int32_t second = graph.addCompute("second", device, 2);
  Result<Timeline> timeline = simulate(graph);
  ASSERT_TRUE(timeline);
  EXPECT_EQ(timeline->start[first], 0);
  EXPECT_EQ(timeline->start[second], 1);
  EXPECT_EQ(timeline->start[late], 3);
  EXPECT_EQ(timeline->makespan, 6);
  // One event a task and resource; the delay has none.
  ASSERT_EQ(timeline->events.size(), 4u);
  EXPECT_EQ(timeline->events[0], (TimelineEvent{delay, -1, 0, 0.5}));
  EXPECT_EQ(timeline->events[1], (TimelineEvent{late, device, 3, 6}));
}

TEST(Simulator, SharesAreMaxMinFair) {
  // a: x only; b: x and y; c, d: y only. y gives 2 each, x the rest to a.
  TaskGraph graph;
  int32_t x = graph.addLink("x", 10), y = graph.addLink("y", 6);
  int32_t a = graph.addTransfer("a", {x}, 80, 0);
  int32_t b = graph.addTransfer("b", {x, y}, 20, 0);
  int32_t c = graph.addTransfer("c", {y}, 20, 0);
  int32_t d = graph.addTransfer("d", {y}, 20, 0);
  Result<Timeline> timeline = simulate(graph);
  ASSERT_TRUE(timeline);
  EXPECT_DOUBLE_EQ(timeline->end[a], 10);
  for (int32_t task : {b, c, d})
    EXPECT_DOUBLE_EQ(timeline->end[task], 10);
}

TEST(Simulator, RatesRiseWhenATransferEnds) {
  TaskGraph graph;
  int32_t link = graph.addLink("cable", 10);
  int32_t small = graph.addTransfer("small", {link}, 10, 0);
  int32_t large = graph.addTransfer("large", {link}, 30, 1);
  Result<Timeline> timeline = simulate(graph);
  ASSERT_TRUE(timeline);
  EXPECT_DOUBLE_EQ(timeline->end[small], 1); // alone during the other's latency
  EXPECT_EQ(timeline->start[large], 0);
  EXPECT_DOUBLE_EQ(timeline->end[large], 4);
}

TEST(Simulator, IncastCostsWhatItSays) {
  for (double loss : {0.0, 0.1, 0.5}) {
    TaskGraph graph;
    int32_t port = graph.addLink("port", 8, loss);
    for (int32_t i = 0; i < 4; ++i)
      graph.addTransfer("send", {graph.addLink("out", 8), port}, 16, 0);
    EXPECT_NEAR(makespanOf(graph), 4 * 16 / 8.0 * (1 + 3 * loss), 1e-12);
  }
}

TEST(Simulator, MemoryTierLoadsOverlapCompute) {
  // Weights of layer i + 1 load while layer i computes; m = 4 layers.
  TaskGraph graph;
  int32_t device = graph.addProcessor("device");
  int32_t dram = graph.addLink("dram to hbm", 1e9);
  std::vector<int32_t> loaded, computed;
  for (int32_t layer = 0; layer < 4; ++layer) {
    loaded = {graph.addTransfer("load", {dram}, 2000000, 1e-3, loaded)};
    std::vector<int32_t> needs = loaded;
    needs.insert(needs.end(), computed.begin(), computed.end());
    computed = {graph.addCompute("layer", device, 1e-3, needs)};
  }
  EXPECT_NEAR(makespanOf(graph), 4 * 3e-3 + 1e-3, 1e-12);
}

TEST(Simulator, EmptyGraphAndBarriersTakeNoTime) {
  EXPECT_EQ(makespanOf(TaskGraph()), 0);
  TaskGraph graph;
  int32_t first = graph.addBarrier("first", {});
  int32_t second = graph.addBarrier("second", {first});
  graph.addDependency(first, graph.addTransfer("delay", {}, 5, 2));
  Result<Timeline> timeline = simulate(graph);
  ASSERT_TRUE(timeline);
  EXPECT_EQ(timeline->end[second], 2);
}

/// No transfer overtakes its links, and every link is used fully or not needed:
/// the makespan lies between the fullest link alone and everything in sequence.
TEST(Simulator, RandomGraphsStayWithinTheirBounds) {
  const uint64_t seed = 42;
  std::cout << "seed " << seed << '\n';
  std::mt19937_64 random(seed);
  for (int32_t trial = 0; trial < 300; ++trial) {
    TaskGraph graph;
    std::vector<double> load;
    const int32_t links = 1 + static_cast<int32_t>(random() % 5);
    for (int32_t i = 0; i < links; ++i)
      graph.addLink("link", 1.0 + static_cast<double>(random() % 9));
    load.assign(links, 0);
    double sequential = 0;
    for (int32_t i = 0; i < 30; ++i) {
      int32_t a = static_cast<int32_t>(random() % links);
      int32_t b = static_cast<int32_t>(random() % links);
      int64_t bytes = static_cast<int64_t>(random() % 1000);
      std::vector<int32_t> used{a};
      if (b != a)
        used.push_back(b);
      std::vector<int32_t> after;
      if (i && random() % 2)
        after.push_back(static_cast<int32_t>(random() % i));
      double slowest = 0;
      for (int32_t link : used) {
        double seconds =
            static_cast<double>(bytes) / graph.resources()[link].bandwidth;
        load[link] += seconds;
        slowest = std::max(slowest, seconds);
      }
      sequential += slowest;
      graph.addTransfer("transfer", used, bytes, 0, after);
    }
    double makespan = makespanOf(graph);
    ASSERT_GE(makespan,
              *std::max_element(load.begin(), load.end()) * (1 - 1e-9));
    ASSERT_LE(makespan, sequential * (1 + 1e-9));
  }
}

std::string messageOf(const TaskGraph &graph) {
  Result<Timeline> timeline = simulate(graph);
  return timeline ? "" : timeline.error().message;
}

TEST(SimulatorErrors, SayWhatIsWrong) {
  TaskGraph graph;
  int32_t device = graph.addProcessor("gpu");
  int32_t link = graph.addLink("port", 1);
  TaskGraph base = graph;
  graph.addCompute("t", 7, 1);
  EXPECT_EQ(messageOf(graph),
            "task 't': resource 7 does not exist; there are 2");
  graph = base;
  graph.addTransfer("t", {link, device}, 1, 0);
  EXPECT_EQ(messageOf(graph), "task 't': it uses processor 'gpu' and another "
                              "resource; split it into two tasks");
  graph = base;
  graph.addTransfer("t", {link}, -1, 0);
  EXPECT_EQ(messageOf(graph), "task 't': seconds, latency and bytes must be "
                              "finite and not negative");
  graph = base;
  graph.addCompute("t", device, 1, {5});
  EXPECT_EQ(messageOf(graph),
            "task 't': it waits for task 5, which does not exist; there are 1");
  graph = base;
  int32_t first = graph.addCompute("first", device, 1);
  int32_t second = graph.addCompute("second", device, 1, {first});
  graph.addDependency(first, second);
  EXPECT_EQ(messageOf(graph),
            "task 'first' waits for itself through its dependencies");
  graph = base;
  graph.addLink("cut", 0);
  EXPECT_EQ(messageOf(graph), "resource 'cut': its bandwidth is 0 "
                              "bytes/s; expected a positive finite number");
  graph = base;
  graph.addLink("odd", 1, -1);
  EXPECT_EQ(messageOf(graph), "resource 'odd': its incast loss is -1; "
                              "expected a finite number, 0 or more");
}

} // namespace
