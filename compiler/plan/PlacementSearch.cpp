#include "plan/PlacementSearch.h"

#include "plan/CoActivation.h"
#include "plan/Eplb.h"

#include <algorithm>
#include <random>

using namespace moec::plan;

namespace {

/// Steepest descent that looks at stragglers first: only a change that takes
/// rows from a slowest device can lower the objective.
class Climber {
public:
  Climber(const PlacementProblem &problem, PlacementState &state,
          int64_t &evaluations)
      : problem(problem), state(state), evaluations(evaluations) {}

  void climb() {
    while (evaluations > 0 && improveOnce()) {
    }
  }

private:
  bool improveOnce() {
    for (int32_t g : state.stragglers()) {
      double best = state.score() * (1 - 1e-12);
      PlacementChange change;
      bool found = false;
      forEachChange(problem, state, g, [&](const PlacementChange &candidate) {
        double score = state.scoreAfter(candidate, best);
        if (score < best) {
          best = score;
          change = candidate;
          found = true;
        }
        return --evaluations > 0;
      });
      if (found) {
        state.apply(change);
        return true;
      }
      if (evaluations <= 0)
        return false;
    }
    return false;
  }

  const PlacementProblem &problem;
  PlacementState &state;
  int64_t &evaluations;
};

} // namespace

/// A few random swaps, to leave a local optimum.
static void perturb(PlacementState &state, std::mt19937_64 &random) {
  const int64_t G = static_cast<int64_t>(state.placement().devices.size());
  const int64_t swaps = 2 + static_cast<int64_t>(random() % 3);
  for (int64_t done = 0, tries = 0; done < swaps && tries < 50; ++tries) {
    int32_t g = static_cast<int32_t>(random() % G);
    int32_t h = static_cast<int32_t>(random() % G);
    const std::vector<int32_t> &a = state.placement().devices[g];
    const std::vector<int32_t> &b = state.placement().devices[h];
    if (g == h || a.empty() || b.empty())
      continue;
    int32_t e = a[random() % a.size()], f = b[random() % b.size()];
    if (state.holds(h, e) || state.holds(g, f))
      continue;
    state.apply({{{{g, e, f}, {h, f, e}}}});
    ++done;
  }
}

LayerPlacement moec::plan::searchLayer(const PlacementProblem &problem,
                                       int64_t layer,
                                       const std::vector<LayerPlacement> &seeds,
                                       const SearchOptions &options,
                                       double stepWeight) {
  PlacementState state(problem, layer, stepWeight);
  LayerPlacement best;
  double bestCost = 0;
  auto keep = [&](const LayerPlacement &candidate) {
    state.assign(candidate);
    if (best.devices.empty() || state.cost() < bestCost) {
      best = candidate;
      bestCost = state.cost();
    }
  };
  for (const LayerPlacement &seed : seeds)
    keep(seed);
  std::mt19937_64 random(options.seed + static_cast<uint64_t>(layer));
  int64_t evaluations = options.evaluations;
  for (int64_t run = 0; run <= options.restarts && evaluations > 0; ++run) {
    state.assign(best);
    if (run > 0)
      perturb(state, random);
    Climber(problem, state, evaluations).climb();
    keep(LayerPlacement(state.placement()));
  }
  return best;
}

/// By the exact objective: the search estimates traffic on a sample.
static LayerPlacement cheapest(const PlacementProblem &problem, int64_t layer,
                               const std::vector<LayerPlacement> &candidates) {
  size_t best = candidates.size() - 1;
  double bestCost = layerCost(problem, layer, candidates[best]);
  for (size_t i = 0; i + 1 < candidates.size(); ++i)
    if (double cost = layerCost(problem, layer, candidates[i]);
        cost < bestCost * (1 - 1e-12)) {
      best = i;
      bestCost = cost;
    }
  return candidates[best];
}

Result<Placement> moec::plan::placeBySearch(const PlacementProblem &problem,
                                            const SearchOptions &options,
                                            double stepWeight) {
  if (Status status = problem.check(); !status)
    return status.error();
  std::vector<Placement> seeds;
  for (Result<Placement> seed : {placeByAverage(problem), placeLinear(problem)}) {
    if (!seed)
      return seed.error();
    seeds.push_back(std::move(*seed));
  }
  if (Result<Placement> map = placeByEplb(problem, 1, false)) {
    removeDuplicates(problem, *map);
    seeds.push_back(std::move(*map));
  }
  Placement result;
  for (size_t l = 0; l < problem.trace.layers.size(); ++l) {
    std::vector<LayerPlacement> starts;
    const int64_t layer = static_cast<int64_t>(l);
    for (const Placement &seed : seeds)
      starts.push_back(seed.layers[l]);
    if (problem.secondsPerCopy > 0)
      starts.push_back(groupByCoActivation(problem, layer));
    starts.push_back(searchLayer(problem, layer, starts, options, stepWeight));
    result.layers.push_back(
        stepWeight < 1 ? starts.back() : cheapest(problem, layer, starts));
  }
  if (Status status = result.verify(problem); !status)
    return status.error();
  return result;
}

Result<Placement> moec::plan::placeByStep(const PlacementProblem &problem,
                                          const SearchOptions &options) {
  return placeBySearch(problem, options, 1);
}
