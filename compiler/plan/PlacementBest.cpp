#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSearch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>

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

/// What `runPlain` returned for `s`, fit for use: without duplicates.
static Result<Placement> usable(const PlacementProblem &problem, Strategy s,
                                Result<Placement> plain) {
  if (!plain || (s != Strategy::EplbGlobal && s != Strategy::EplbHierarchical))
    return plain;
  removeDuplicates(problem, *plain);
  if (Status status = plain->verify(problem); !status)
    return status.error();
  return plain;
}

static Result<Placement> run(const PlacementProblem &problem, Strategy s,
                             const PlacementOptions &options) {
  return usable(problem, s, runPlain(problem, s, options));
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

/// Each part takes its own search; their differences tell how sure a gain is.
static int64_t validationParts(const RoutingTrace &trace) {
  int64_t parts = 8;
  for (const LayerRouting &layer : trace.layers)
    parts = std::min(parts, layer.steps());
  return std::max<int64_t>(parts, 1);
}

/// Of one candidate: [parts] what each part of the trace costs when the
/// placement was chosen on the others; the trace itself where it has but one
/// step.
using Costs = std::vector<double>;

static double sum(const Costs &costs) {
  return std::accumulate(costs.begin(), costs.end(), 0.0);
}

/// How far `costs` are below `mark` with the certainty of one standard error,
/// which the differences between the parts give.
static double sureGain(const Costs &costs, const Costs &mark) {
  // One standard error of many, 84 %, is more of few: Student's quantiles.
  static constexpr std::array<double, 7> kStudent = {
      1.837, 1.321, 1.197, 1.142, 1.110, 1.091, 1.077};
  const size_t parts = costs.size();
  const double n = static_cast<double>(parts);
  const double gain = sum(mark) - sum(costs);
  if (parts < 2)
    return gain;
  double squares = 0;
  for (size_t k = 0; k < parts; ++k)
    squares += std::pow(mark[k] - costs[k] - gain / n, 2);
  return gain - kStudent[parts - 2] * std::sqrt(squares * n / (n - 1));
}

/// The costs of every strategy as placed by `run`, and last those of EPLB as
/// it is, with the duplicates that a plan of ours may not have; none where EPLB
/// does not apply.
static Result<std::vector<Costs>>
validationCosts(const PlacementProblem &problem,
                const std::vector<Strategy> &strategies,
                PlacementOptions options) {
  const int64_t parts = validationParts(problem.trace);
  // Ranking the candidates takes less care than the final search.
  if (parts > 1)
    options.search.evaluations = (options.search.evaluations + 3) / 4;
  std::vector<Costs> costs(strategies.size() + 1);
  for (int64_t k = 0; k < parts; ++k) {
    PlacementProblem fit = problem, rest = problem;
    if (parts > 1) {
      fit = problem.on(part(problem.trace, k, parts, false));
      rest = problem.on(part(problem.trace, k, parts, true));
    }
    for (size_t i = 0; i < strategies.size(); ++i) {
      Result<Placement> plain = runPlain(fit, strategies[i], options);
      if (plain && strategies[i] == Strategy::EplbGlobal)
        costs.back().push_back(plain->cost(rest));
      Result<Placement> placement =
          usable(fit, strategies[i], std::move(plain));
      if (!placement)
        return placement.error();
      costs[i].push_back(placement->cost(rest));
    }
  }
  return costs;
}

static std::string percentBelow(double cost, double other) {
  double percent = other > 0 ? 100 * (1 - cost / other) : 0;
  char text[48];
  std::snprintf(text, sizeof(text), "%.1f %% %s ", std::abs(percent),
                percent < 0 ? "above" : "below");
  return text;
}

/// The mark that the others must beat (EPLB, or averages on a machine that EPLB
/// does not apply to), then the others, the one to be tried first first. The
/// search always has the better prospect on steps to come; how it compares with
/// the plain ones on a few is mostly luck.
static std::vector<Strategy> candidates(const PlacementProblem &problem,
                                        const PlacementOptions &options) {
  auto applies = [&](Strategy s) {
    return static_cast<bool>(runPlain(problem, s, options));
  };
  std::vector<Strategy> result;
  if (applies(Strategy::EplbGlobal))
    result.push_back(Strategy::EplbGlobal);
  else
    result.push_back(Strategy::Average);
  const bool ids = std::any_of(
      problem.trace.layers.begin(), problem.trace.layers.end(),
      [](const LayerRouting &layer) { return !stepBegins(layer).empty(); });
  result.push_back(ids ? Strategy::Resampled : Strategy::Step);
  if (result.front() != Strategy::Average)
    result.push_back(Strategy::Average);
  if (problem.nodes() > 1 && applies(Strategy::EplbHierarchical))
    result.push_back(Strategy::EplbHierarchical);
  result.push_back(Strategy::Linear);
  return result;
}

static Result<Strategy> chooseBest(const PlacementProblem &problem,
                                   const PlacementOptions &options,
                                   std::string &reason) {
  const std::vector<Strategy> strategies = candidates(problem, options);
  Result<std::vector<Costs>> costs =
      validationCosts(problem, strategies, options);
  if (!costs)
    return costs.error();
  const Costs &mark = costs->front(), &eplb = costs->back();
  const double linear = sum((*costs)[strategies.size() - 1]);
  const double rounding = 1e-9 * sum(mark);
  size_t best = 0;
  for (size_t i = strategies.size() - 1; --i > 0;)
    if (sureGain((*costs)[i], mark) > rounding)
      best = i;
  std::string how = validationParts(problem.trace) > 1
                        ? " by cross-validation over parts of the trace"
                        : " on the trace's totals";
  if (best == 0) {
    Result<Placement> kept = run(problem, strategies[0], options);
    if (!kept)
      return kept.error();
    if (placeLinear(problem)->cost(problem) <=
        kept->cost(problem) * (1 + 1e-9)) {
      reason = "no gain: linear is as cheap as " +
               std::string(strategyName(strategies[0])) +
               ", and nothing surely cheaper" + how;
      return Strategy::Linear;
    }
  }
  const double cost = sum((*costs)[best]);
  reason = std::string(strategyName(strategies[best])) + ": " +
           percentBelow(cost, linear) + "linear" + how;
  if (!eplb.empty())
    reason += ", " + percentBelow(cost, sum(eplb)) + "eplb";
  return strategies[best];
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
  std::vector<Strategy> baselines = {Strategy::Linear, Strategy::EplbGlobal,
                                     Strategy::Average, Strategy::RoundRobin};
  if (problem.nodes() > 1)
    baselines.insert(baselines.begin() + 2, Strategy::EplbHierarchical);
  for (Strategy s : baselines)
    if (Result<Placement> baseline = runPlain(problem, s, options))
      choice.baselines.emplace_back(strategyName(s), baseline->cost(problem));
  return choice;
}
