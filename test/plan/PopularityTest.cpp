// Lina's estimate of popularity, its replicas, and the check that re-plans.

#include "plan/Popularity.h"
#include "plan/Replication.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace moec::plan;

/// Top-1 routing where a layer's expert depends on the two before it (a
/// second-order Markov chain), skewed towards low ids.
static RoutingTrace markovTrace(uint64_t seed, int64_t tokens, int64_t experts,
                                int64_t layers) {
  std::mt19937_64 random(seed);
  RoutingTrace trace;
  for (int64_t l = 0; l < layers; ++l)
    trace.layers.push_back({l, experts, 1, {}, {}});
  for (int64_t t = 0; t < tokens; ++t) {
    int64_t before = 0, last = 0;
    for (int64_t l = 0; l < layers; ++l) {
      int64_t follow = (3 * last + 5 * before + l) % experts;
      int64_t drawn = static_cast<int64_t>(
          std::min(random() % experts, random() % experts));
      int64_t next = l > 0 && random() % 10 < 6 ? follow : drawn;
      trace.layers[l].ids.push_back(static_cast<int32_t>(next));
      before = last;
      last = next;
    }
  }
  groupIntoSteps(trace, tokens);
  return trace;
}

TEST(Popularity, LengthOneIsTheTransitionMatrix) {
  RoutingTrace trace = markovTrace(1, 3000, 8, 4);
  Result<PathHistograms> model = PathHistograms::profile(trace, 1);
  ASSERT_TRUE(model) << model.error().message;
  for (int64_t l = 1; l < 4; ++l) {
    std::vector<std::vector<int64_t>> transitions(8,
                                                  std::vector<int64_t>(8, 0));
    for (int64_t t = 0; t < 3000; ++t)
      ++transitions[trace.layers[l - 1].ids[t]][trace.layers[l].ids[t]];
    for (int32_t e = 0; e < 8; ++e)
      EXPECT_EQ(model->histogram(l, std::vector<int32_t>{e}), transitions[e]);
  }
}

TEST(Popularity, AccuracyRisesWithThePathUntilTheChainsOrder) {
  RoutingTrace profile = markovTrace(1, 20000, 8, 6);
  RoutingTrace fresh = markovTrace(2, 4000, 8, 6);
  std::vector<double> accuracy;
  for (int64_t length : {1, 2, 3}) {
    Result<PathHistograms> model = PathHistograms::profile(profile, length);
    ASSERT_TRUE(model);
    accuracy.push_back(*model->accuracy(fresh, 5));
  }
  EXPECT_GT(accuracy[1], accuracy[0] + 0.1);
  EXPECT_GE(accuracy[2], accuracy[1] - 0.02);
}

TEST(Popularity, SharesSumToTheMassOfTheLikeliest) {
  RoutingTrace trace = markovTrace(3, 2000, 8, 4);
  Result<PathHistograms> model = PathHistograms::profile(trace, 2);
  ASSERT_TRUE(model);
  double before = 0;
  for (int64_t k : {1, 2, 8}) {
    std::vector<double> share = *model->popularity(trace, 3, k);
    double sum = std::accumulate(share.begin(), share.end(), 0.0);
    EXPECT_GT(sum, before);
    EXPECT_LE(sum, 1 + 1e-9);
    before = sum;
  }
  EXPECT_NEAR(before, 1, 1e-9);
}

TEST(Popularity, UnseenPathsFallBackToShorterOnes) {
  RoutingTrace trace;
  trace.layers.push_back({0, 3, 1, {}, {0, 0, 1}});
  trace.layers.push_back({1, 3, 1, {}, {1, 1, 2}});
  trace.layers.push_back({2, 3, 1, {}, {2, 2, 0}});
  Result<PathHistograms> model = PathHistograms::profile(trace, 2);
  ASSERT_TRUE(model);
  using Counts = std::vector<int64_t>;
  EXPECT_EQ(model->histogram(2, std::vector<int32_t>{2, 1}), (Counts{0, 0, 2}));
  EXPECT_EQ(model->histogram(2, std::vector<int32_t>{0}), (Counts{1, 0, 2}));
}

TEST(Popularity, SaysWhatIsWrongWithATrace) {
  auto message = [](RoutingTrace trace, int64_t length) {
    Result<PathHistograms> model = PathHistograms::profile(trace, length);
    return model ? std::string() : model.error().message;
  };
  RoutingTrace trace = markovTrace(1, 10, 4, 3);
  EXPECT_EQ(message(trace, 0),
            "popularity: the path length is 0; it must be at least 1");
  RoutingTrace counts = trace;
  counts.layers[1].ids.clear();
  EXPECT_EQ(message(counts, 1),
            "popularity: layer 1 has no token ids; record ids, not counts");
  RoutingTrace uneven = trace;
  uneven.layers[2].ids.pop_back();
  EXPECT_EQ(
      message(uneven, 1),
      "popularity: layer 2 has 9 tokens and layer 0 has 10; paths need the "
      "same tokens in every layer");
  Result<PathHistograms> model = PathHistograms::profile(trace, 1);
  EXPECT_EQ(model->popularity(trace, 3, 1).error().message,
            "popularity: layer 3 was not profiled; 3 layers were");
  trace.layers.resize(1);
  EXPECT_EQ(model->popularity(trace, 2, 1).error().message,
            "popularity: the trace has 1 layers; 2 are needed");
}

/// Popularity that falls off by a power, most / least = `skew`.
static std::vector<double> skewed(std::mt19937_64 &random, int64_t experts,
                                  double skew) {
  std::vector<double> p(experts);
  for (int64_t e = 0; e < experts; ++e)
    p[e] = std::pow(skew,
                    -static_cast<double>(e) /
                        static_cast<double>(std::max<int64_t>(experts - 1, 1)));
  std::shuffle(p.begin(), p.end(), random);
  double sum = std::accumulate(p.begin(), p.end(), 0.0);
  for (double &x : p)
    x /= sum;
  return p;
}

TEST(Replication, RandomPopularitiesKeepTheRules) {
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    int64_t devices = 1 + static_cast<int64_t>(random() % 16);
    int64_t experts =
        1 + static_cast<int64_t>(random() % static_cast<uint64_t>(4 * devices));
    ReplicationProblem problem{skewed(random, experts, 1 << random() % 10),
                               devices};
    for (double &p : problem.popularity)
      p = random() % 4 == 0 ? 0 : p;
    Result<LayerPlacement> placement = placeByPopularity(problem);
    ASSERT_TRUE(placement) << placement.error().message;
    for (const std::vector<int32_t> &held : placement->devices)
      EXPECT_LE(held.size(), 4u);
    std::vector<int32_t> replicas = placement->replicas(experts);
    EXPECT_GE(*std::min_element(replicas.begin(), replicas.end()), 1);
    EXPECT_EQ(*placement, *placeByPopularity(problem));
  }
}

TEST(Replication, WholeDevicesThenLargestRemainder) {
  // N p = 2.6, 1.2, 0.6, 0.6 of 5 devices.
  ReplicationProblem problem{{0.52, 0.24, 0.12, 0.12}, 5};
  EXPECT_EQ(replicaCounts(problem), (std::vector<int64_t>{3, 2, 1, 1}));
  Result<LayerPlacement> placement = placeByPopularity(problem);
  ASSERT_TRUE(placement);
  // Three shares of 0.867, then four of 0.6 that fit nowhere in pairs and go to
  // the least loaded.
  EXPECT_EQ(placement->devices,
            (std::vector<std::vector<int32_t>>{{0}, {0}, {0}, {1, 2}, {1, 3}}));
  // One slot a device: the larger remainder gets the only spare slot.
  problem.maxPerDevice = 1;
  EXPECT_EQ(replicaCounts(problem), (std::vector<int64_t>{2, 1, 1, 1}));
  problem.devices = 4;
  EXPECT_EQ(replicaCounts(problem), (std::vector<int64_t>{2, 1, 1, 1}));
}

TEST(Replication, SharesOfReplicasDifferByOneToken) {
  for (int64_t count : {0, 1, 7, 100})
    for (int64_t replicas : {1, 2, 3, 7}) {
      int64_t sum = 0;
      for (int64_t r = 0; r < replicas; ++r) {
        EXPECT_LE(replicaShare(count, replicas, 0) -
                      replicaShare(count, replicas, r),
                  1);
        sum += replicaShare(count, replicas, r);
      }
      EXPECT_EQ(sum, count);
    }
}

TEST(Replication, TheSecondPhaseFiresOnDifferentTopExpertsAndHelps) {
  int fired = 0;
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    ReplicationProblem problem{skewed(random, 8, 5), 8};
    std::vector<int64_t> actual;
    for (double p : problem.popularity)
      actual.push_back(static_cast<int64_t>(1000 * p) +
                       static_cast<int64_t>(random() % 60));
    LayerPlacement planned = *placeByPopularity(problem);
    Result<LinaDecision> decision =
        confirmOrReplan(problem, planned, actual, 1);
    ASSERT_TRUE(decision) << decision.error().message;
    EXPECT_EQ(decision->replanned, needsReplan(problem.popularity, actual, 1));
    LayerRouting truth{0, 8, 0, {actual}, {}};
    EXPECT_LE(maxOverMean(truth, decision->placement),
              maxOverMean(truth, planned));
    fired += decision->replanned;
  }
  EXPECT_GT(fired, 0);
  EXPECT_LT(fired, 500);
}

// Lina reports 1.5x to 1.9x less at the tail; the band here is wider, for the
// routing is synthetic.
TEST(Replication, CutsTheTailOfTheImbalanceAtThePapersSkew) {
  std::mt19937_64 random(7);
  std::vector<double> plain, lina;
  for (int trial = 0; trial < 300; ++trial) {
    ReplicationProblem problem{skewed(random, 16, 5.56), 16};
    std::vector<int64_t> actual(16, 0);
    std::discrete_distribution<int> draw(problem.popularity.begin(),
                                         problem.popularity.end());
    for (int token = 0; token < 4096; ++token)
      ++actual[draw(random)];
    LayerRouting truth{0, 16, 0, {actual}, {}};
    LayerPlacement each;
    for (int32_t e = 0; e < 16; ++e)
      each.devices.push_back({e});
    plain.push_back(maxOverMean(truth, each));
    LayerPlacement planned = *placeByPopularity(problem);
    lina.push_back(maxOverMean(
        truth, confirmOrReplan(problem, planned, actual, 1)->placement));
  }
  auto p95 = [](std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() * 95 / 100];
  };
  EXPECT_GE(p95(plain) / p95(lina), 1.5)
      << p95(plain) << " against " << p95(lina);
}

TEST(Replication, SaysWhatIsWrong) {
  auto message = [](ReplicationProblem problem) {
    Result<LayerPlacement> placement = placeByPopularity(problem);
    return placement ? std::string() : placement.error().message;
  };
  EXPECT_EQ(
      message({{1}, 0}),
      "replication: 0 devices with 4 experts each; both must be positive");
  EXPECT_EQ(message({{-0.5}, 2}),
            "replication: the popularity of expert 0 is not "
            "a share between 0 and 1");
  EXPECT_EQ(
      message({{0.7, 0.7}, 2}),
      "replication: the popularities sum to 1.400000; shares of one layer "
      "sum to at most 1");
  EXPECT_EQ(message({std::vector<double>(9, 0.1), 2}),
            "replication: 9 experts on 2 devices of at most 4; add devices");
  ReplicationProblem problem{{0.5, 0.5}, 2};
  Result<LinaDecision> decision =
      confirmOrReplan(problem, *placeByPopularity(problem), {1, 2, 3}, 1);
  ASSERT_FALSE(decision);
  EXPECT_EQ(
      decision.error().message,
      "replication: 3 true counts for 2 experts and k = 1; give one count "
      "per expert and a positive k");
  decision = confirmOrReplan(problem, {{{0}, {5}}}, {1, 2}, 1);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().message,
            "layer 0, device 1: expert 5 is not in 0..1");
}
