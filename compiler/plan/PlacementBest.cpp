#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSearch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

using namespace moec::plan;

using Strategy = PlacementStrategy;

static constexpr std::array<std::pair<Strategy, std::string_view>, 9> kNames = {
    {{Strategy::Linear, "linear"},
     {Strategy::RoundRobin, "round-robin"},
     {Strategy::EplbGlobal, "eplb"},
     {Strategy::EplbHierarchical, "eplb-hierarchical"},
     {Strategy::Average, "average"},
     {Strategy::Step, "step"},
     {Strategy::Resampled, "resampled"},
     {Strategy::Exact, "exact"},
     {Strategy::Best, "best"}}};

std::string_view moec::plan::strategyName(Strategy strategy) {
  for (const auto &[value, name] : kNames)
    if (value == strategy)
      return name;
  return "unknown";
}

std::optional<Strategy> moec::plan::strategyFromName(std::string_view text) {
  for (const auto &[value, name] : kNames)
    if (name == text)
      return value;
  return std::nullopt;
}

/// Exactly what the strategy's original does: EPLB may leave duplicates.
static Result<Placement> runPlain(const PlacementProblem &problem, Strategy s,
                                  const PlacementOptions &options) {
  switch (s) {
  case Strategy::Linear:
    return placeLinear(problem);
  case Strategy::RoundRobin:
    return placeRoundRobin(problem);
  case Strategy::EplbGlobal:
    return placeByEplb(problem, 1, false);
  case Strategy::EplbHierarchical:
    return placeByEplb(problem, options.expertGroups, true);
  case Strategy::Average:
    return placeByAverage(problem);
  case Strategy::Exact:
    return placeExactly(problem);
  case Strategy::Resampled:
    return placeByResampledSteps(problem, options.search);
  case Strategy::Step:
  case Strategy::Best:
    break;
  }
  return placeByStep(problem, options.search);
}

/// A placement that may be used: without duplicates.
static Result<Placement> run(const PlacementProblem &problem, Strategy s,
                             const PlacementOptions &options) {
  Result<Placement> result = runPlain(problem, s, options);
  if (!result || (s != Strategy::EplbGlobal && s != Strategy::EplbHierarchical))
    return result;
  removeDuplicates(problem, *result);
  if (Status status = result->verify(problem); !status)
    return status.error();
  return result;
}

/// The trace without (`inside` false) or only with the k-th of `parts`
/// contiguous parts of its steps. Ids follow, so that traffic counts too.
static RoutingTrace part(const RoutingTrace &trace, int64_t k, int64_t parts,
                         bool inside) {
  RoutingTrace result;
  for (const LayerRouting &layer : trace.layers) {
    LayerRouting cut{layer.layer, layer.experts, layer.topK, {}, {}};
    for (int64_t t = 0; t < layer.steps(); ++t)
      if ((t * parts / layer.steps() == k) == inside)
        cut.stepLoads.push_back(layer.stepLoads[t]);
    std::vector<int64_t> begins = stepBegins(layer);
    for (int64_t t = 0, step = 0; t < layer.tokens(); ++t) {
      while (!begins.empty() && step + 1 < layer.steps() &&
             t >= begins[step + 1])
        ++step;
      int64_t at = begins.empty() ? t * parts / layer.tokens()
                                  : step * parts / layer.steps();
      if ((at == k) == inside)
        cut.ids.insert(cut.ids.end(), layer.ids.begin() + t * layer.topK,
                       layer.ids.begin() + (t + 1) * layer.topK);
    }
    result.layers.push_back(std::move(cut));
  }
  return result;
}

static int64_t validationParts(const RoutingTrace &trace) {
  int64_t steps = std::numeric_limits<int64_t>::max();
  for (const LayerRouting &layer : trace.layers)
    steps = std::min(steps, layer.steps());
  return std::min<int64_t>(steps, 3);
}

using Solver = Result<Placement> (*)(const PlacementProblem &, Strategy,
                                     const PlacementOptions &);

/// Cost on parts of the trace that the placement was not chosen on; on the
/// trace itself where it has but one step.
static Result<double> validationCost(const PlacementProblem &problem,
                                     Strategy s, PlacementOptions options,
                                     Solver solver = run) {
  const int64_t parts = validationParts(problem.trace);
  // Ranking the candidates takes less care than the final search.
  if (parts > 1)
    options.search.evaluations = (options.search.evaluations + 3) / 4;
  double seconds = 0;
  for (int64_t k = 0; k < std::max<int64_t>(parts, 1); ++k) {
    PlacementProblem fit = problem, rest = problem;
    if (parts > 1) {
      fit = problem.on(part(problem.trace, k, parts, false));
      rest = problem.on(part(problem.trace, k, parts, true));
    }
    Result<Placement> placement = solver(fit, s, options);
    if (!placement)
      return placement.error();
    seconds += placement->cost(rest);
  }
  return seconds;
}

static std::string percentBelow(double cost, double other) {
  double percent = other > 0 ? 100 * (1 - cost / other) : 0;
  char text[48];
  std::snprintf(text, sizeof(text), "%.1f %% %s ", std::abs(percent),
                percent < 0 ? "above" : "below");
  return text;
}

/// In the order of preference: a later one must be better.
static std::vector<Strategy> candidates(const PlacementProblem &problem) {
  std::vector<Strategy> result = {Strategy::Linear, Strategy::EplbGlobal};
  if (problem.nodes() > 1)
    result.push_back(Strategy::EplbHierarchical);
  result.push_back(Strategy::Average);
  result.push_back(Strategy::Step);
  bool ids = std::any_of(
      problem.trace.layers.begin(), problem.trace.layers.end(),
      [](const LayerRouting &layer) { return !stepBegins(layer).empty(); });
  if (ids && validationParts(problem.trace) > 1)
    result.push_back(Strategy::Resampled);
  return result;
}

static Result<Strategy> chooseBest(const PlacementProblem &problem,
                                   const PlacementOptions &options,
                                   std::string &reason) {
  Strategy best = Strategy::Linear;
  double bestCost = 0, linear = 0;
  for (Strategy s : candidates(problem)) {
    Result<double> cost = validationCost(problem, s, options);
    if (!cost) {
      if (s == Strategy::EplbGlobal || s == Strategy::EplbHierarchical)
        continue; // EPLB does not apply to every machine.
      return cost.error();
    }
    if (s == Strategy::Linear)
      linear = bestCost = *cost;
    if (*cost < bestCost * (1 - 1e-9)) {
      best = s;
      bestCost = *cost;
    }
  }
  std::string how = validationParts(problem.trace) > 1
                        ? " by cross-validation over parts of the trace"
                        : " on the trace's totals";
  if (best == Strategy::Linear) {
    reason = "no gain: linear is the cheapest" + how;
    return best;
  }
  reason = std::string(strategyName(best)) + ": " +
           percentBelow(bestCost, linear) + "linear" + how;
  // Against EPLB as it is, with the duplicates that a plan of ours may not
  // have.
  if (Result<double> eplb =
          validationCost(problem, Strategy::EplbGlobal, options, runPlain))
    reason += ", " + percentBelow(bestCost, *eplb) + "eplb";
  return best;
}

Result<PlacementChoice>
moec::plan::solvePlacement(const PlacementProblem &problem, Strategy strategy,
                           const PlacementOptions &options) {
  if (Status status = problem.check(); !status)
    return status.error();
  PlacementChoice choice;
  choice.chosen = strategy;
  choice.reason = std::string(strategyName(strategy)) + ": as asked";
  if (strategy == Strategy::Best) {
    Result<Strategy> best = chooseBest(problem, options, choice.reason);
    if (!best)
      return best.error();
    choice.chosen = *best;
  }
  Result<Placement> placement = run(problem, choice.chosen, options);
  if (!placement)
    return placement.error();
  choice.placement = std::move(*placement);
  choice.objective = choice.placement.cost(problem);
  choice.bound = placementBound(problem);
  std::vector<Strategy> baselines = candidates(problem);
  // Round robin instead of our own searches.
  std::erase(baselines, Strategy::Resampled);
  baselines.back() = Strategy::RoundRobin;
  for (Strategy s : baselines)
    if (Result<Placement> baseline = runPlain(problem, s, options))
      choice.baselines.emplace_back(strategyName(s), baseline->cost(problem));
  return choice;
}
