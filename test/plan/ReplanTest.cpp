// Replanning with a limit on the weights that are copied.

#include "plan/Replan.h"
#include "PlacementRandom.h"
#include "plan/PlacementBounds.h"

#include <gtest/gtest.h>

using namespace moec::plan;
using moec::test::randomProblem;

/// A random problem with a placement for other statistics; sometimes a device
/// is lost, sometimes there are two layers.
static ReplanProblem randomReplan(std::mt19937_64 &random) {
  ReplanProblem problem;
  do
    problem.now = randomProblem(random);
  while (problem.now.devices() < 2);
  PlacementProblem before = problem.now;
  LayerRouting &layer = problem.now.trace.layers[0];
  if (random() % 2 == 0) {
    before.trace.layers.push_back(layer);
    problem.now.trace.layers.push_back(layer);
  }
  for (LayerRouting &l : problem.now.trace.layers)
    for (std::vector<int64_t> &loads : l.stepLoads)
      std::shuffle(loads.begin(), loads.end(), random);
  problem.old = *placeByAverage(before);
  if (random() % 2 == 0) {
    int64_t lost = problem.now.capacity[0];
    problem.now.capacity[0] = 0;
    problem.now.capacity[1] += lost;
  }
  problem.maxMoves = 100;
  return problem;
}

TEST(Replan, RandomProblemsKeepTheLimitAndGainWithMoves) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    ReplanProblem problem = randomReplan(random);
    SearchOptions options{seed, 1000};
    Result<ReplanSolution> all = replan(problem, options);
    ASSERT_TRUE(all) << all.error().message;
    EXPECT_GE(all->cost(problem), placementBound(problem.now) * (1 - 1e-9));
    EXPECT_LE(all->cost(problem),
              placeByStep(problem.now, options)->cost(problem.now) *
                  (1 + 1e-9));
    EXPECT_EQ(*all, *replan(problem, options)) << "not deterministic";
    bool feasible = false;
    double none = 0;
    for (int64_t moves : {0, 2, 4, 100}) {
      problem.maxMoves = moves;
      Result<ReplanSolution> some = replan(problem, options);
      if (!some) {
        EXPECT_FALSE(feasible) << "feasible with fewer moves only";
        EXPECT_EQ(some.error().code, ErrorCode::Infeasible);
        continue;
      }
      EXPECT_LE(some->moves, moves);
      EXPECT_TRUE(some->verify(problem));
      if (!feasible)
        none = some->cost(problem);
      feasible = true;
      EXPECT_LE(some->cost(problem), none * (1 + 1e-9));
    }
    EXPECT_TRUE(feasible);
  }
}

static ReplanProblem smallProblem() {
  ReplanProblem problem;
  RoutingTrace trace;
  trace.layers.push_back({0, 4, 0, {{4, 3, 2, 1}}, {}});
  problem.now = makePlacementProblem(Topology::uniform(3), trace, 6);
  problem.old = {{{{{0, 1}, {2}, {3}}}}};
  return problem;
}

TEST(Replan, MovesWhatHelpsMostFirst) {
  ReplanProblem problem = smallProblem();
  problem.now.slotBudget = 4;
  problem.maxMoves = 1;
  Result<ReplanSolution> solution = replan(problem);
  ASSERT_TRUE(solution);
  // The one move that brings 7 rows down to 4.
  EXPECT_EQ(solution->placement.layers[0].devices,
            (std::vector<std::vector<int32_t>>{{0}, {2}, {3, 1}}));
  EXPECT_EQ(solution->moves, 1);
}

TEST(Replan, ALostDevicesExpertsMustMove) {
  ReplanProblem problem = smallProblem();
  problem.now.capacity = {0, 2, 2};
  problem.now.slotBudget = 4;
  problem.maxMoves = 1;
  Result<ReplanSolution> solution = replan(problem);
  ASSERT_FALSE(solution);
  EXPECT_EQ(solution.error().message, "replan: experts without a device need 2 "
                                      "moves; 1 are allowed");
  problem.maxMoves = 2;
  solution = replan(problem);
  ASSERT_TRUE(solution) << solution.error().message;
  EXPECT_DOUBLE_EQ(solution->cost(problem), 5);
}

TEST(Replan, SaysWhatIsWrong) {
  auto message = [](auto change) {
    ReplanProblem problem = smallProblem();
    change(problem);
    Result<ReplanSolution> solution = replan(problem);
    return solution ? std::string() : solution.error().message;
  };
  using P = ReplanProblem;
  EXPECT_EQ(message([](P &p) { p.maxMoves = -1; }),
            "replan: -1 moves allowed; the number must not be negative");
  EXPECT_EQ(message([](P &p) { p.old.layers.clear(); }),
            "replan: the old placement has 0 layers and the routing 1");
  EXPECT_EQ(
      message([](P &p) { p.old.layers[0].devices.pop_back(); }),
      "replan: layer 0: the old placement has 2 devices of 3; keep a lost "
      "device with capacity 0");
  EXPECT_EQ(
      message([](P &p) { p.old.layers[0].devices[0][0] = 9; }),
      "replan: layer 0: the old placement holds expert 9, which is not in "
      "0..3");
}

TEST(Replan, VerifyCountsTheMoves) {
  ReplanProblem problem = smallProblem();
  ReplanSolution solution{{{{{{0}, {2, 1}, {3}}}}}, 0};
  EXPECT_EQ(solution.verify(problem).error().message,
            "replan: 0 moves claimed, 1 counted");
  solution.moves = 1;
  EXPECT_EQ(solution.verify(problem).error().message,
            "replan: 1 moves of 0 allowed");
}
