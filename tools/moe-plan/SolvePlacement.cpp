#include "Commands.h"
#include "Inputs.h"

#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSolvers.h"
#include "target/Quantity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace moec;
using namespace moec::tools;

static plan::PlacementStrategy strategyOf(const Arguments &arguments) {
  std::string name = arguments.one("--strategy").value_or("best");
  if (auto strategy = plan::strategyFromName(name))
    return *strategy;
  throw UsageError{
      fmt::format("unknown strategy '{}'; known are linear, round-robin, eplb, "
                  "eplb-hierarchical, average, step, resampled, exact, best",
                  name)};
}

/// What the baselines, chosen on the problem's trace, cost on another one.
static target::Baselines baselinesOn(const plan::PlacementProblem &problem,
                                     const plan::PlacementProblem &other,
                                     const target::Baselines &names,
                                     int64_t groups) {
  target::Baselines result;
  for (const auto &[name, unused] : names) {
    plan::Result<plan::Placement> placement =
        name == "linear"        ? plan::placeLinear(problem)
        : name == "round-robin" ? plan::placeRoundRobin(problem)
        : name == "eplb"        ? plan::placeByEplb(problem, 1, false)
        : name == "average"     ? plan::placeByAverage(problem)
                                : plan::placeByEplb(problem, groups, true);
    if (placement)
      result.emplace_back(name, placement->cost(other));
  }
  return result;
}

static std::string show(const target::PlacementDecision &decision) {
  std::string text = fmt::format(
      "{}\nobjective {} (bound {})\n{}", decision.reason,
      showSeconds(decision.score.objective), showSeconds(decision.score.bound),
      showBaselines(decision.score.baselines, decision.score.objective));
  if (decision.hasHeldOut)
    text += fmt::format(
        "held out  {} (bound {})\n{}", showSeconds(decision.heldOut.objective),
        showSeconds(decision.heldOut.bound),
        showBaselines(decision.heldOut.baselines, decision.heldOut.objective));
  else
    text += "held out  nothing: the trace has a single step\n";
  for (const target::PlacedLayer &layer : decision.layers)
    for (size_t d = 0; d < layer.placement.devices.size(); ++d)
      text += fmt::format("layer {} device {}: {}\n", layer.layer, d,
                          fmt::join(layer.placement.devices[d], " "));
  return text;
}

/// [devices] experts of a layer that each device can hold; empty without
/// `--capacity`: slots are then shared out equally.
static std::vector<int64_t> capacityOf(const Arguments &arguments,
                                       int64_t devices) {
  if (!arguments.has("--capacity"))
    return {};
  std::vector<int64_t> capacity =
      parseIntegers(arguments, "--capacity", 0, 65536);
  if (capacity.size() == 1)
    capacity.resize(devices, capacity.front());
  if (static_cast<int64_t>(capacity.size()) != devices)
    throw UsageError{fmt::format("--capacity has {} values for {} devices",
                                 capacity.size(), devices)};
  return capacity;
}

static target::PlacementDecision decide(const Arguments &arguments,
                                        const plan::Topology &machine,
                                        const plan::RoutingTrace &trace) {
  int64_t experts = 0;
  for (const plan::LayerRouting &layer : trace.layers)
    experts = std::max(experts, layer.experts);
  double fraction = fractionOf(arguments);
  plan::TraceSplit split = plan::splitTrace(trace, fraction);
  bool whole = fraction >= 1 || !split.split;
  target::PlacementDecision decision;
  decision.slots = arguments.integer("--slots", experts, 1, 65536);
  plan::PlacementProblem problem = plan::makePlacementProblem(
      machine, whole ? trace : split.fit, decision.slots);
  decision.capacity = capacityOf(arguments, machine.size());
  if (!decision.capacity.empty())
    problem.capacity = decision.capacity;
  plan::PlacementOptions options;
  options.expertGroups = arguments.integer("--expert-groups", 1, 1, 65536);
  plan::PlacementChoice choice =
      take(plan::solvePlacement(problem, strategyOf(arguments), options));
  take(choice.placement.verify(problem));
  decision.strategy = plan::strategyName(choice.chosen);
  decision.reason = choice.reason;
  decision.score = {choice.objective, choice.bound, choice.baselines};
  for (size_t l = 0; l < trace.layers.size(); ++l)
    decision.layers.push_back({trace.layers[l].layer, trace.layers[l].experts,
                               choice.placement.layers[l]});
  decision.hasHeldOut = !whole;
  if (!whole) {
    plan::PlacementProblem rest = problem.on(split.heldOut);
    decision.heldOut = {
        choice.placement.cost(rest), plan::placementBound(rest),
        baselinesOn(problem, rest, choice.baselines, options.expertGroups)};
  }
  return decision;
}

int moec::tools::solvePlacementCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--routing", Takes::Many},
                                           {"--hardware"},
                                           {"--devices"},
                                           {"--nodes"},
                                           {"--speed"},
                                           {"--slots"},
                                           {"--capacity"},
                                           {"--strategy"},
                                           {"--expert-groups"},
                                           {"--step-tokens"},
                                           {"--experts"},
                                           {"--fit"},
                                           {"--json", Takes::Nothing},
                                           {"-o"}};
  Arguments arguments(words, options, 0);
  plan::Topology machine = machineOf(arguments);
  target::Plan plan;
  plan::RoutingTrace trace = neededRouting(arguments, plan.inputs);
  target::PlacementDecision decision = decide(arguments, machine, trace);
  if (!arguments.has("--json")) {
    output(arguments, show(decision));
    return 0;
  }
  plan.machine = machine;
  plan.decision = decision;
  output(arguments, target::printPlan(plan));
  return 0;
}
