#include "Commands.h"
#include "Inputs.h"

#include "plan/ColocationSolvers.h"
#include "target/Quantity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

using namespace moec;
using namespace moec::tools;
using Json = nlohmann::ordered_json;

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

/// The experts of block `group`.
static std::vector<int64_t> members(int64_t experts, int64_t groups,
                                    int64_t group) {
  std::vector<int64_t> ids(experts / groups);
  std::iota(ids.begin(), ids.end(), group * (experts / groups));
  return ids;
}

static Json solveLayer(const plan::LayerRouting &a, const plan::LayerRouting &b,
                       const plan::Topology &machine,
                       const Assumptions &assumptions) {
  int64_t n = machine.size();
  plan::ColocationProblem problem;
  problem.a = costsOf(groupLoads(a, n, "A"), machine, assumptions);
  problem.b = costsOf(groupLoads(b, n, "B"), machine, assumptions);
  for (const plan::Device &device : machine.devices)
    problem.bandwidth.push_back(device.portBandwidth);
  plan::ColocationSolution solution = take(plan::solveColocation(problem));
  take(solution.verify(problem));
  plan::ColocationSolution linear = solution;
  std::iota(linear.deviceOfA.begin(), linear.deviceOfA.end(), 0);
  linear.deviceOfB = linear.deviceOfA;
  Json json = {{"layer_a", a.layer}, {"layer_b", b.layer}};
  std::vector<int32_t> partners = solution.partnersOfA();
  for (int64_t e = 0; e < n; ++e)
    json["pairs"].push_back({{"a", members(a.experts, n, e)},
                             {"b", members(b.experts, n, partners[e])},
                             {"device", solution.deviceOfA[e]}});
  json["time_s"] = solution.cost(problem);
  json["bound_s"] = problem.lowerBound();
  json["baselines"] = {
      {"linear", linear.cost(problem)},
      {"decoupled", take(plan::solveDecoupled(problem)).cost(problem)}};
  return json;
}

static std::string show(const Json &json) {
  std::string text = fmt::format(
      "{} (bound {}), linear {}, decoupled {}\n", showSeconds(json["time_s"]),
      showSeconds(json["bound_s"]), showSeconds(json["baselines"]["linear"]),
      showSeconds(json["baselines"]["decoupled"]));
  for (const Json &layer : json["layers"])
    for (const Json &pair : layer["pairs"])
      text += fmt::format(
          "layers {} and {}, device {}: experts {} of A with {} of B\n",
          layer["layer_a"].get<int64_t>(), layer["layer_b"].get<int64_t>(),
          pair["device"].get<int64_t>(), pair["a"].dump(), pair["b"].dump());
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
  std::vector<target::PlanInput> inputs;
  plan::RoutingTrace models[2];
  for (int m : {0, 1})
    models[m] = loadRouting({arguments.all("--routing")[m]},
                            routingOptions(arguments), inputs);
  size_t layers = std::min(models[0].layers.size(), models[1].layers.size());
  if (models[0].layers.size() != models[1].layers.size())
    warn(fmt::format("the models have {} and {} layers: the first {} are "
                     "paired, the rest runs alone",
                     models[0].layers.size(), models[1].layers.size(), layers));
  Assumptions assumptions = assumptionsOf(arguments, machine);
  Json json = {{"layers", Json::array()},
               {"time_s", 0.},
               {"bound_s", 0.},
               {"baselines", {{"linear", 0.}, {"decoupled", 0.}}}};
  for (size_t l = 0; l < layers; ++l) {
    Json layer = solveLayer(models[0].layers[l], models[1].layers[l], machine,
                            assumptions);
    for (const char *key : {"time_s", "bound_s"})
      json[key] = json[key].get<double>() + layer[key].get<double>();
    for (const char *key : {"linear", "decoupled"})
      json["baselines"][key] = json["baselines"][key].get<double>() +
                               layer["baselines"][key].get<double>();
    json["layers"].push_back(layer);
  }
  output(arguments, arguments.has("--json") ? json.dump() + "\n" : show(json));
  return 0;
}
