#include "Commands.h"
#include "Inputs.h"

#include "target/TextFile.h"

#include <fmt/format.h>

#include <cmath>

using namespace moec;
using namespace moec::tools;

/// Numbers a plan states must be those its decision has, up to rounding.
static void compareNumbers(const char *what, double stated, double found) {
  if (std::abs(stated - found) > 1e-9 * std::max(stated, found))
    throw Failure{fmt::format("the plan states {} = {} s; it is {} s", what,
                              stated, found)};
}

static std::string check(const target::Plan &,
                         const target::AllToAllDecision &decision) {
  take(decision.solution.verify(decision.problem));
  compareNumbers("makespan_s", decision.cost,
                 decision.solution.cost(decision.problem));
  compareNumbers("bound_s", decision.bound, decision.problem.lowerBound());
  return fmt::format("all-to-all of {} ranks: {} rounds send every byte once, "
                     "{} (bound {})",
                     decision.problem.size(), decision.solution.rounds.size(),
                     showSeconds(decision.cost), showSeconds(decision.bound));
}

static std::string check(const target::Plan &,
                         const target::HierarchicalDecision &decision) {
  const plan::HierarchicalProblem &problem = decision.problem;
  take(decision.solution.verify(problem));
  compareNumbers("makespan_s", decision.cost, decision.solution.cost(problem));
  compareNumbers("bound_s", decision.bound, problem.lowerBound());
  return fmt::format("all-to-all of {} nodes of {} devices: slices and {} "
                     "rounds carry every byte once, {} (bound {})",
                     problem.nodes(), problem.devicesPerNode,
                     decision.solution.rounds.rounds.size(),
                     showSeconds(decision.cost), showSeconds(decision.bound));
}

static std::string check(const target::Plan &plan,
                         const target::ColocationDecision &decision) {
  double seconds = 0, bound = 0;
  for (const target::ColocatedLayer &layer : decision.layers) {
    take(layer.solution.verify(layer.problem));
    double cost = layer.solution.cost(layer.problem);
    compareNumbers("objective_s", layer.score.objective, cost);
    compareNumbers("bound_s", layer.score.bound, layer.problem.lowerBound());
    seconds += cost;
    bound += layer.score.bound;
  }
  compareNumbers("objective_s", decision.score.objective, seconds);
  compareNumbers("bound_s", decision.score.bound, bound);
  return fmt::format("{} layers of two models: a pair on each of {} devices, "
                     "{} (bound {})",
                     decision.layers.size(), plan.machine.size(),
                     showSeconds(seconds), showSeconds(bound));
}

static std::string check(const target::Plan &plan,
                         const target::PlacementDecision &decision) {
  take(target::checkLayers(decision.layers));
  // Whether a placement is valid does not depend on loads.
  plan::RoutingTrace idle;
  for (const target::PlacedLayer &layer : decision.layers)
    idle.layers.push_back(
        {layer.layer,
         layer.experts,
         0,
         {std::vector<int64_t>(static_cast<size_t>(layer.experts), 0)},
         {}});
  plan::PlacementProblem problem =
      plan::makePlacementProblem(plan.machine, idle, decision.slots);
  if (!decision.capacity.empty())
    problem.capacity = decision.capacity;
  take(problem.check());
  take(placementOf(decision).verify(problem));
  if (decision.score.objective < decision.score.bound * (1 - 1e-9))
    throw Failure{fmt::format("the plan states objective_s = {}, below its "
                              "own bound_s = {}",
                              decision.score.objective, decision.score.bound)};
  return fmt::format("placement of {} layers on {} devices: every expert "
                     "placed, at most {} slots a layer, no expert twice on a "
                     "device",
                     decision.layers.size(), plan.machine.size(),
                     decision.slots);
}

/// Inputs that changed since make the plan stale, not wrong.
static void checkInputs(const target::Plan &plan) {
  for (const target::PlanInput &input : plan.inputs) {
    target::Result<std::string> bytes = target::readFile(input.path);
    if (!bytes)
      warn(fmt::format("input {} cannot be compared: {}", input.path,
                       bytes.error().message));
    else if (target::hashOf(*bytes) != input.hash)
      warn(fmt::format("input {} has changed since the plan was made",
                       input.path));
  }
}

int moec::tools::verifyCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--json", Takes::Nothing}, {"-o"}};
  Arguments arguments(words, options, 1);
  target::Plan plan = take(target::readPlan(arguments[0]));
  std::string verdict = inFile(arguments[0], [&] {
    return std::visit(
        [&](const auto &decision) { return check(plan, decision); },
        plan.decision);
  });
  checkInputs(plan);
  if (arguments.has("--json"))
    verdict =
        nlohmann::ordered_json({{"ok", true}, {"verdict", verdict}}).dump();
  output(arguments, verdict + "\n");
  return 0;
}
