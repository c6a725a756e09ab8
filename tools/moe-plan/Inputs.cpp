#include "Inputs.h"

#include "target/Import.h"
#include "target/Quantity.h"
#include "target/TextFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

using namespace moec;
using namespace moec::tools;

void moec::tools::warn(const std::string &message) {
  fmt::print(stderr, "moe-plan: warning: {}\n", message);
}

plan::Topology moec::tools::loadMachine(const std::string &path) {
  target::ImportedTopology machine = take(target::readMachine(path));
  for (const std::string &note : machine.notes)
    warn(path + ": " + note);
  return machine.topology;
}

void moec::tools::splitIntoNodes(plan::Topology &machine, int64_t nodes) {
  if (machine.size() % nodes != 0)
    throw UsageError{fmt::format("option --nodes: {} devices cannot be shared "
                                 "out equally over {} nodes",
                                 machine.size(), nodes)};
  machine.nodes.resize(nodes, machine.nodes.front());
  for (int64_t n = 0; n < nodes; ++n)
    machine.nodes[n].name = fmt::format("node{}", n);
  for (int64_t i = 0; i < machine.size(); ++i)
    machine.devices[i].node = i * nodes / machine.size();
}

plan::Topology moec::tools::machineOf(const Arguments &arguments) {
  if (arguments.has("--hardware") == arguments.has("--devices"))
    throw UsageError{"give either --hardware or --devices"};
  if (std::optional<std::string> path = arguments.one("--hardware")) {
    for (const char *option : {"--speed", "--nodes"})
      if (arguments.has(option))
        throw UsageError{fmt::format("{} goes with --devices; a hardware file "
                                     "has its own",
                                     option)};
    return loadMachine(*path);
  }
  int64_t devices = arguments.integer("--devices", 0, 1, 65536);
  plan::Topology machine = plan::Topology::uniform(devices);
  splitIntoNodes(machine, arguments.integer("--nodes", 1, 1, 65536));
  if (!arguments.has("--speed"))
    return machine;
  std::vector<double> speeds =
      parseNumbers(arguments, "--speed", target::Dimension::Scalar);
  if (static_cast<int64_t>(speeds.size()) != devices)
    throw UsageError{fmt::format("--speed has {} values for {} devices",
                                 speeds.size(), devices)};
  for (size_t i = 0; i < speeds.size(); ++i)
    machine.devices[i].speed = speeds[i];
  return machine;
}

/// The words between the commas.
static std::vector<std::string> splitAtCommas(const std::string &text) {
  std::vector<std::string> words;
  for (size_t at = 0; at <= text.size();) {
    size_t end = std::min(text.find(',', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::vector<double> moec::tools::parseNumbers(const Arguments &arguments,
                                              std::string_view option,
                                              target::Dimension dimension) {
  std::vector<double> numbers;
  for (const std::string &word : splitAtCommas(arguments.need(option))) {
    std::optional<double> value = target::parseQuantity(word, dimension);
    if (!value || !(*value > 0))
      throw UsageError{fmt::format("option {}: '{}' is no finite number above "
                                   "0",
                                   option, word)};
    numbers.push_back(*value);
  }
  return numbers;
}

std::vector<int64_t> moec::tools::parseIntegers(const Arguments &arguments,
                                                std::string_view option,
                                                int64_t least, int64_t most) {
  std::vector<int64_t> numbers;
  for (const std::string &word : splitAtCommas(arguments.need(option)))
    numbers.push_back(parseInteger(option, word, least, most));
  return numbers;
}

double moec::tools::fractionOf(const Arguments &arguments) {
  if (!arguments.has("--fit"))
    return 0.5;
  std::vector<double> fit =
      parseNumbers(arguments, "--fit", target::Dimension::Scalar);
  if (fit.size() != 1 || fit[0] > 1)
    throw UsageError{"option --fit: expected one fraction above 0, at most 1"};
  return fit[0];
}

target::RoutingOptions moec::tools::routingOptions(const Arguments &arguments) {
  return {arguments.integer("--experts", 0, 1, target::maxExperts),
          arguments.integer("--step-tokens", 0, 1, int64_t{1} << 30)};
}

plan::RoutingTrace
moec::tools::neededRouting(const Arguments &arguments,
                           std::vector<target::PlanInput> &inputs) {
  if (!arguments.has("--routing"))
    throw UsageError{"option --routing is missing"};
  return loadRouting(arguments.all("--routing"), routingOptions(arguments),
                     inputs);
}

plan::RoutingTrace
moec::tools::loadRouting(const std::vector<std::string> &paths,
                         const target::RoutingOptions &options,
                         std::vector<target::PlanInput> &inputs) {
  std::vector<target::RoutingFile> files;
  for (const std::string &path : paths) {
    std::string bytes = take(target::readFile(path));
    inputs.push_back({path, target::hashOf(bytes)});
    files.push_back(
        take(target::parseRouting(std::move(bytes), path, options)));
    for (const std::string &warning : files.back().warnings)
      warn(path + ": " + warning);
  }
  return take(target::concatenate(files)).trace;
}

PlacementPlan moec::tools::loadPlacement(const std::string &path) {
  target::Plan plan = take(target::readPlan(path));
  auto *decision = std::get_if<target::PlacementDecision>(&plan.decision);
  if (!decision)
    throw Failure{fmt::format("{}: this command takes a placement; the plan "
                              "is of kind {}",
                              path, target::kindOf(plan))};
  return {std::move(plan.machine), std::move(plan.inputs),
          std::move(*decision)};
}

std::optional<plan::RoutingTrace>
moec::tools::statisticsOf(const Arguments &arguments, const PlacementPlan &plan,
                          std::vector<target::PlanInput> &inputs) {
  std::vector<std::string> paths = arguments.all("--routing");
  if (paths.empty())
    for (const target::PlanInput &input : plan.inputs) {
      target::Result<std::string> bytes = target::readFile(input.path);
      if (!bytes || target::hashOf(*bytes) != input.hash)
        return std::nullopt;
      paths.push_back(input.path);
    }
  if (paths.empty())
    return std::nullopt;
  return loadRouting(paths, routingOptions(arguments), inputs);
}

plan::Placement
moec::tools::placementOf(const target::PlacementDecision &decision) {
  plan::Placement placement;
  for (const target::PlacedLayer &layer : decision.layers)
    placement.layers.push_back(layer.placement);
  return placement;
}

plan::PlacementProblem moec::tools::problemOf(const PlacementPlan &plan,
                                              const plan::RoutingTrace &trace) {
  plan::RoutingTrace ordered;
  for (const target::PlacedLayer &layer : plan.decision.layers) {
    auto it = std::find_if(
        trace.layers.begin(), trace.layers.end(),
        [&](const plan::LayerRouting &l) { return l.layer == layer.layer; });
    if (it == trace.layers.end())
      throw Failure{fmt::format("the routing statistics have no layer {}, "
                                "which the plan places",
                                layer.layer)};
    if (it->experts != layer.experts)
      throw Failure{fmt::format("layer {}: the routing statistics have {} "
                                "experts, the plan has {} (see --experts)",
                                layer.layer, it->experts, layer.experts)};
    ordered.layers.push_back(*it);
  }
  plan::PlacementProblem problem = plan::makePlacementProblem(
      plan.machine, std::move(ordered), plan.decision.slots);
  if (!plan.decision.capacity.empty())
    problem.capacity = plan.decision.capacity;
  // A placement from elsewhere may fill devices unevenly.
  for (const target::PlacedLayer &layer : plan.decision.layers)
    for (size_t d = 0; d < layer.placement.devices.size(); ++d)
      problem.capacity[d] =
          std::max(problem.capacity[d],
                   static_cast<int64_t>(layer.placement.devices[d].size()));
  return problem;
}

std::string moec::tools::showSeconds(double seconds) {
  if (seconds >= 1 || seconds == 0)
    return fmt::format("{:.4g} s", seconds);
  if (seconds >= 1e-3)
    return fmt::format("{:.4g} ms", seconds * 1e3);
  return fmt::format("{:.4g} us", seconds * 1e6);
}

std::string moec::tools::showBaselines(const target::Baselines &baselines,
                                       double objective) {
  std::string text;
  for (const auto &[name, seconds] : baselines)
    text +=
        fmt::format("  {:<18} {:>12}  {:.3f} x\n", name, showSeconds(seconds),
                    objective > 0 ? seconds / objective : 1);
  return text;
}

void moec::tools::output(const Arguments &arguments, const std::string &text) {
  std::optional<std::string> path = arguments.one("-o");
  if (!path)
    fmt::print("{}", text);
  else
    take(target::writeFile(*path, text));
}
