#include "plan/PlacementSearch.h"

#include "plan/CoActivation.h"
#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <random>

using namespace moec::plan;

namespace {

/// Descent that takes the first change that gains, stragglers first: only a
/// change that takes rows from a slowest device can lower the objective. Taking
/// the best change instead finds worse placements in as many evaluations.
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
    const double limit = state.score() * (1 - 1e-12);
    for (int32_t g : state.stragglers()) {
      PlacementChange gain;
      bool found = false;
      forEachChange(problem, state, g, [&](const PlacementChange &candidate) {
        found = state.scoreAfter(candidate, limit) < limit;
        if (found)
          gain = candidate;
        return --evaluations > 0 && !found;
      });
      if (found)
        state.apply(gain);
      if (found || evaluations <= 0)
        return found;
    }
    return false;
  }

  const PlacementProblem &problem;
  PlacementState &state;
  int64_t &evaluations;
};

} // namespace

/// A few random changes, to leave a local optimum.
static void perturb(const PlacementProblem &problem, PlacementState &state,
                    std::mt19937_64 &random) {
  const uint64_t devices = static_cast<uint64_t>(problem.devices());
  for (uint64_t changes = 2 + random() % 3; changes > 0; --changes) {
    PlacementChange pick;
    uint64_t seen = 0;
    forEachChange(problem, state, static_cast<int32_t>(random() % devices),
                  [&](const PlacementChange &change) {
                    if (random() % ++seen == 0)
                      pick = change;
                    return true;
                  });
    if (seen > 0)
      state.apply(pick);
  }
}

LayerPlacement moec::plan::searchLayer(const PlacementProblem &problem,
                                       int64_t layer,
                                       const std::vector<LayerPlacement> &seeds,
                                       const SearchOptions &options) {
  PlacementState state(problem, layer);
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
  const double bound = placementBound(problem, layer) * (1 + 1e-9);
  std::mt19937_64 random(options.seed + static_cast<uint64_t>(layer));
  int64_t evaluations = options.evaluations;
  for (int64_t run = 0; evaluations > 0 && bestCost > bound; ++run) {
    state.assign(best);
    if (run > 0)
      perturb(problem, state, random);
    --evaluations; // A restart that finds nothing to try must end, too.
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

namespace {

/// Valid starts of every layer, and EPLB's own map as the mark to beat.
struct Seeds {
  std::vector<Placement> starts;
  std::optional<Placement> eplb;
};

} // namespace

static Result<Seeds> makeSeeds(const PlacementProblem &problem) {
  Seeds seeds;
  for (Result<Placement> seed :
       {placeByAverage(problem), placeLinear(problem)}) {
    if (!seed)
      return seed.error();
    seeds.starts.push_back(std::move(*seed));
  }
  if (Result<Placement> map = placeByEplb(problem, 1, false)) {
    seeds.eplb = *map;
    removeDuplicates(problem, *map);
    seeds.starts.push_back(std::move(*map));
  }
  return seeds;
}

/// Duplicates on a device give EPLB uneven splits of an expert that we do not
/// have. Where its map still costs less, the search goes on, up to this many
/// times with twice the budget.
static constexpr int kExtraRounds = 5;

static LayerPlacement searchFromSeeds(const PlacementProblem &problem,
                                      int64_t layer, const Seeds &seeds,
                                      SearchOptions options) {
  std::vector<LayerPlacement> starts;
  for (const Placement &seed : seeds.starts)
    starts.push_back(seed.layers[layer]);
  if (problem.secondsPerCopy > 0)
    starts.push_back(groupByCoActivation(problem, layer));
  LayerPlacement found = searchLayer(problem, layer, starts, options);
  double mark = seeds.eplb
                    ? layerCost(problem, layer, seeds.eplb->layers[layer])
                    : std::numeric_limits<double>::infinity();
  starts.push_back(std::move(found));
  for (int round = 0; round < kExtraRounds; ++round) {
    LayerPlacement best = cheapest(problem, layer, starts);
    if (layerCost(problem, layer, best) <= mark)
      return best;
    options.evaluations *= 2;
    ++options.seed;
    starts.push_back(searchLayer(problem, layer, {best}, options));
  }
  return cheapest(problem, layer, starts);
}

Result<Placement> moec::plan::placeByStep(const PlacementProblem &problem,
                                          const SearchOptions &options) {
  if (Status status = problem.check(); !status)
    return status.error();
  Result<Seeds> seeds = makeSeeds(problem);
  if (!seeds)
    return seeds.error();
  Placement result;
  for (size_t l = 0; l < problem.trace.layers.size(); ++l)
    result.layers.push_back(
        searchFromSeeds(problem, static_cast<int64_t>(l), *seeds, options));
  if (Status status = result.verify(problem); !status)
    return status.error();
  return result;
}

Result<Placement>
moec::plan::placeByResampledSteps(const PlacementProblem &problem,
                                  const SearchOptions &options) {
  if (Status status = problem.check(); !status)
    return status.error();
  PlacementProblem more = problem;
  addResampledSteps(more.trace, options.seed);
  return placeByStep(more, options);
}
