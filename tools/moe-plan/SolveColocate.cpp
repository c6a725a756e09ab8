#include "Commands.h"
#include "Inputs.h"

#include "plan/ColocationSolvers.h"
#include "target/Quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

using namespace moec;
using namespace moec::tools;

/// One token of 4096 elements of two bytes.
static constexpr int64_t defaultTokenBytes = 8192;
/// Time of a token at speed 1 where no curve was measured.
static constexpr double defaultTokenSeconds = 1e-6;

namespace {
/// What routing statistics do not hold.
struct Assumptions {
  int64_t tokenBytes;
  double tokenSeconds;
};
} // namespace

static Assumptions assumptionsOf(const Arguments &arguments,
                                 const plan::Topology &machine) {
  Assumptions result{arguments.integer("--token-bytes", defaultTokenBytes, 1,
                                       int64_t{1} << 40),
                     defaultTokenSeconds};
  bool measured = std::all_of(
      machine.devices.begin(), machine.devices.end(),
      [](const plan::Device &device) { return !device.expertLatency.empty(); });
  if (arguments.has("--token-seconds")) {
    std::vector<double> seconds =
        parseNumbers(arguments, "--token-seconds", target::Dimension::Seconds);
    if (seconds.size() != 1)
      throw UsageError{"option --token-seconds takes one value"};
    result.tokenSeconds = seconds[0];
  } else if (!measured) {
    warn(fmt::format("not every device has an expert_latency: a token is "
                     "assumed to take {} at speed 1 (see --token-seconds)",
                     showSeconds(result.tokenSeconds)));
  }
  if (!arguments.has("--token-bytes"))
    warn(fmt::format("a token is assumed to have {} bytes (see --token-bytes)",
                     result.tokenBytes));
  return result;
}

/// Mean load of a step of each of `groups` blocks of consecutive experts.
static std::vector<int64_t> groupLoads(const plan::LayerRouting &routing,
                                       int64_t groups, const char *model) {
  if (routing.experts % groups != 0)
    throw Failure{fmt::format("model {} has {} experts in layer {}; they "
                              "cannot be shared out equally over {} devices",
                              model, routing.experts, routing.layer, groups)};
  std::vector<int64_t> totals = routing.totals(), loads(groups, 0);
  int64_t each = routing.experts / groups;
  for (int64_t e = 0; e < routing.experts; ++e)
    loads[e / each] += totals[e];
  int64_t steps = std::max<int64_t>(routing.steps(), 1);
  for (int64_t &load : loads)
    load = (load + steps / 2) / steps;
  return loads;
}

/// Tokens start evenly on all devices; what a device's own experts take does
/// not cross its port. Gate and aggregation are small and left out.
static plan::ExpertCosts costsOf(const std::vector<int64_t> &loads,
                                 const plan::Topology &machine,
                                 const Assumptions &assumptions) {
  int64_t n = machine.size();
  int64_t all = std::accumulate(loads.begin(), loads.end(), int64_t{0});
  plan::ExpertCosts costs;
  costs.gate.assign(n * n, 0);
  costs.aggregate.assign(n * n, 0);
  for (int64_t e = 0; e < n; ++e) {
    costs.sent.push_back((all - loads[e]) / n * assumptions.tokenBytes);
    costs.received.push_back(loads[e] * (n - 1) / n * assumptions.tokenBytes);
    for (const plan::Device &device : machine.devices)
      costs.ffn.push_back(device.expertLatency.empty()
                              ? static_cast<double>(loads[e]) *
                                    assumptions.tokenSeconds / device.speed
                              : device.expertLatency(loads[e]));
  }
  return costs;
}

static target::ColocatedLayer solveLayer(const plan::LayerRouting &a,
                                         const plan::LayerRouting &b,
                                         const plan::Topology &machine,
                                         const Assumptions &assumptions) {
  int64_t n = machine.size();
  target::ColocatedLayer layer{a.layer, b.layer, a.experts, b.experts,
                               {},      {},      {}};
  plan::ColocationProblem &problem = layer.problem;
  problem.a = costsOf(groupLoads(a, n, "A"), machine, assumptions);
  problem.b = costsOf(groupLoads(b, n, "B"), machine, assumptions);
  for (const plan::Device &device : machine.devices)
    problem.bandwidth.push_back(device.portBandwidth);
  layer.solution = take(plan::solveColocation(problem));
  take(layer.solution.verify(problem));
  plan::ColocationSolution linear = layer.solution;
  std::iota(linear.deviceOfA.begin(), linear.deviceOfA.end(), 0);
  linear.deviceOfB = linear.deviceOfA;
  layer.score = {
      layer.solution.cost(problem),
      problem.lowerBound(),
      {{"linear", linear.cost(problem)},
       {"decoupled", take(plan::solveDecoupled(problem)).cost(problem)}}};
  return layer;
}

/// Adds a layer's score to the sum; baselines come in the same order.
static void add(target::PlanScore &sum, const target::PlanScore &score) {
  sum.objective += score.objective;
  sum.bound += score.bound;
  sum.baselines.resize(score.baselines.size());
  for (size_t i = 0; i < score.baselines.size(); ++i) {
    sum.baselines[i].first = score.baselines[i].first;
    sum.baselines[i].second += score.baselines[i].second;
  }
}

static std::string showBlock(int64_t experts, int64_t blocks, int64_t index) {
  int64_t size = experts / blocks, first = index * size;
  return size == 1 ? fmt::format("{}", first)
                   : fmt::format("{}-{}", first, first + size - 1);
}

static std::string show(const target::ColocationDecision &decision) {
  std::string text = fmt::format(
      "{} (bound {})\n{}", showSeconds(decision.score.objective),
      showSeconds(decision.score.bound),
      showBaselines(decision.score.baselines, decision.score.objective));
  for (const target::ColocatedLayer &layer : decision.layers) {
    const int32_t n = layer.problem.size();
    std::vector<int32_t> partners = layer.solution.partnersOfA();
    for (int32_t e = 0; e < n; ++e)
      text += fmt::format(
          "layers {} and {}, device {}: experts {} of A with {} of B\n",
          layer.layerA, layer.layerB, layer.solution.deviceOfA[e],
          showBlock(layer.expertsA, n, e),
          showBlock(layer.expertsB, n, partners[e]));
  }
  return text;
}

int moec::tools::solveColocateCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--routing"},
                                           {"--hardware"},
                                           {"--token-bytes"},
                                           {"--token-seconds"},
                                           {"--step-tokens"},
                                           {"--experts"},
                                           {"--json", Takes::Nothing},
                                           {"-o"}};
  Arguments arguments(words, options, 0);
  plan::Topology machine = loadMachine(arguments.need("--hardware"));
  if (arguments.all("--routing").size() != 2)
    throw UsageError{"give --routing twice, once for each model"};
  target::Plan plan{machine, {}, {}};
  plan::RoutingTrace models[2];
  for (int m : {0, 1})
    models[m] = loadRouting({arguments.all("--routing")[m]},
                            routingOptions(arguments), plan.inputs);
  size_t layers = std::min(models[0].layers.size(), models[1].layers.size());
  if (models[0].layers.size() != models[1].layers.size())
    warn(fmt::format("the models have {} and {} layers: the first {} are "
                     "paired, the rest runs alone",
                     models[0].layers.size(), models[1].layers.size(), layers));
  Assumptions assumptions = assumptionsOf(arguments, machine);
  target::ColocationDecision decision;
  for (size_t l = 0; l < layers; ++l) {
    decision.layers.push_back(solveLayer(
        models[0].layers[l], models[1].layers[l], machine, assumptions));
    add(decision.score, decision.layers.back().score);
  }
  plan.decision = decision;
  output(arguments,
         arguments.has("--json") ? target::printPlan(plan) : show(decision));
  return 0;
}
