#include "Commands.h"
#include "Inputs.h"

#include "plan/PlacementBounds.h"
#include "plan/Replan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace moec;
using namespace moec::tools;

/// The device ids of --lost, ascending.
static std::vector<int64_t> lostDevices(const Arguments &arguments,
                                        int64_t devices) {
  if (!arguments.has("--lost"))
    return {};
  std::vector<int64_t> lost =
      parseIntegers(arguments, "--lost", 0, devices - 1);
  std::sort(lost.begin(), lost.end());
  lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
  if (static_cast<int64_t>(lost.size()) == devices)
    throw UsageError{"option --lost: no device is left"};
  return lost;
}

/// Shares the slots out equally over the devices that are left.
static void shareSlots(plan::PlacementProblem &problem,
                       const std::vector<int64_t> &lost) {
  const int64_t left = problem.devices() - static_cast<int64_t>(lost.size());
  for (int64_t g = 0, next = 0; g < problem.devices(); ++g) {
    bool gone = std::binary_search(lost.begin(), lost.end(), g);
    problem.capacity[g] =
        gone ? 0
             : problem.slotBudget / left + (next < problem.slotBudget % left);
    next += !gone;
  }
}

static plan::ReplanProblem problemFor(const Arguments &arguments,
                                      const PlacementPlan &plan,
                                      const plan::RoutingTrace &trace,
                                      const std::vector<int64_t> &lost) {
  plan::ReplanProblem problem{problemOf(plan, trace),
                              placementOf(plan.decision), 0};
  arguments.need("--moves");
  problem.maxMoves = arguments.integer("--moves", 0, 0, int64_t{1} << 40);
  problem.now.slotBudget =
      arguments.integer("--slots", plan.decision.slots, 1, 65536);
  if (!lost.empty() || arguments.has("--slots"))
    shareSlots(problem.now, lost);
  return problem;
}

/// What the old placement costs where it still runs, and one made afresh.
static target::Baselines baselinesOf(const plan::ReplanProblem &problem) {
  target::Baselines baselines;
  if (problem.old.verify(problem.now))
    baselines.emplace_back("old", problem.old.cost(problem.now));
  baselines.emplace_back(
      "afresh", take(plan::placeByStep(problem.now)).cost(problem.now));
  return baselines;
}

static std::string show(const target::PlacementDecision &decision,
                        const plan::Placement &old) {
  std::string text = fmt::format(
      "{}\nobjective {} (bound {})\n{}", decision.reason,
      showSeconds(decision.score.objective), showSeconds(decision.score.bound),
      showBaselines(decision.score.baselines, decision.score.objective));
  for (size_t l = 0; l < decision.layers.size(); ++l)
    for (size_t d = 0; d < old.layers[l].devices.size(); ++d) {
      std::vector<int32_t> copies = decision.layers[l].placement.devices[d];
      for (int32_t expert : old.layers[l].devices[d])
        std::erase(copies, expert);
      if (!copies.empty())
        text +=
            fmt::format("layer {} device {}: copy {}\n",
                        decision.layers[l].layer, d, fmt::join(copies, " "));
    }
  return text;
}

int moec::tools::replanCommand(Words words) {
  static constexpr OptionSpec options[] = {
      {"--moves"},   {"--lost"},        {"--routing", Takes::Many}, {"--slots"},
      {"--experts"}, {"--step-tokens"}, {"--json", Takes::Nothing}, {"-o"}};
  Arguments arguments(words, options, 1);
  PlacementPlan old = loadPlacement(arguments[0]);
  std::vector<int64_t> lost = lostDevices(arguments, old.machine.size());
  target::Plan plan{old.machine, {}, old.decision};
  std::optional<plan::RoutingTrace> trace =
      statisticsOf(arguments, old, plan.inputs);
  if (!trace)
    throw Failure{arguments[0] + ": the statistics of the plan are gone or "
                                 "changed; give --routing"};
  plan::ReplanProblem problem = problemFor(arguments, old, *trace, lost);
  plan::ReplanSolution solution = take(plan::replan(problem));
  take(solution.verify(problem));
  auto &decision = std::get<target::PlacementDecision>(plan.decision);
  decision.strategy = "replan";
  decision.reason = fmt::format("replan: {} of at most {} experts copied",
                                solution.moves, problem.maxMoves);
  if (!lost.empty())
    decision.reason += fmt::format("; lost: device {}", fmt::join(lost, ", "));
  decision.slots = problem.now.slotBudget;
  decision.capacity = problem.now.capacity;
  decision.hasHeldOut = false;
  decision.score = {solution.cost(problem), plan::placementBound(problem.now),
                    baselinesOf(problem)};
  for (size_t l = 0; l < decision.layers.size(); ++l) {
    decision.layers[l].placement = solution.placement.layers[l];
    decision.layers[l].rounds.clear(); // they were for the old traffic
  }
  output(arguments, arguments.has("--json") ? target::printPlan(plan)
                                            : show(decision, problem.old));
  return 0;
}
