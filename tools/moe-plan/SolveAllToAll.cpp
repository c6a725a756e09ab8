#include "Commands.h"
#include "Inputs.h"

#include "plan/AllToAllBaselines.h"
#include "plan/AllToAllSolvers.h"
#include "plan/HierarchicalAllToAll.h"
#include "target/Quantity.h"
#include "target/TextFile.h"
#include "target/TrafficCsv.h"

#include <fmt/format.h>

#include <algorithm>

using namespace moec;
using namespace moec::tools;

/// The machine of --hardware, or equal or given ports of --bandwidth.
static plan::Topology machineOf(const Arguments &arguments, int64_t ranks) {
  if (arguments.has("--hardware") == arguments.has("--bandwidth"))
    throw UsageError{"give either --hardware or --bandwidth"};
  if (std::optional<std::string> path = arguments.one("--hardware")) {
    plan::Topology machine = loadMachine(*path);
    if (machine.size() != ranks)
      throw Failure{fmt::format("{} has {} devices, the traffic {} ranks",
                                *path, machine.size(), ranks)};
    return machine;
  }
  std::vector<double> ports =
      parseNumbers(arguments, "--bandwidth", target::Dimension::Bandwidth);
  if (ports.size() != 1 && static_cast<int64_t>(ports.size()) != ranks)
    throw UsageError{fmt::format("--bandwidth has {} values; give one for all "
                                 "ports or {}, one each",
                                 ports.size(), ranks)};
  plan::Topology machine = plan::Topology::uniform(ranks, ports.front());
  for (size_t i = 0; i < ports.size() && ports.size() > 1; ++i)
    machine.devices[i].portBandwidth = ports[i];
  return machine;
}

/// The rate at which a device can send to any other: its own port, or its share
/// of the network where the machine has several nodes.
static double portOf(const plan::Topology &machine,
                     const plan::Device &device) {
  const plan::Node &node = machine.nodes[device.node];
  if (machine.nodes.size() == 1 || node.networkBandwidth == 0)
    return device.portBandwidth;
  double mates = static_cast<double>(std::count_if(
      machine.devices.begin(), machine.devices.end(),
      [&](const plan::Device &other) { return other.node == device.node; }));
  return std::min(device.portBandwidth, node.networkBandwidth / mates);
}

/// What sending between nodes together, and sharing their ports, would take;
/// only for several equal nodes.
static void addHierarchical(const plan::Topology &machine,
                            target::AllToAllDecision &decision) {
  const plan::AllToAllProblem &flat = decision.problem;
  const plan::Node &node = machine.nodes.front();
  int64_t each = machine.size() / static_cast<int64_t>(machine.nodes.size());
  bool equal = flat.equalPorts() && node.networkBandwidth > 0;
  for (int64_t i = 0; i < machine.size(); ++i)
    equal &= machine.devices[i].node == i / each;
  if (machine.nodes.size() < 2 || !equal)
    return;
  plan::HierarchicalProblem problem{
      flat.traffic, static_cast<int32_t>(each), flat.bandwidth.front(),
      node.intraBandwidth > 0 ? node.intraBandwidth
                              : machine.devices.front().portBandwidth,
      std::max(flat.alpha, node.networkLatency)};
  double seconds = take(plan::solveHierarchical(problem)).cost(problem);
  decision.baselines.emplace_back("hierarchical", seconds);
  if (seconds < decision.cost)
    warn(fmt::format("sending between nodes together takes {} (bound {}); the "
                     "rounds here are between devices",
                     showSeconds(seconds), showSeconds(problem.lowerBound())));
}

static std::string show(const target::AllToAllDecision &decision) {
  std::string text =
      fmt::format("{} rounds, {} (bound {})\n", decision.solution.rounds.size(),
                  showSeconds(decision.cost), showSeconds(decision.bound));
  for (size_t i = 0; i < decision.solution.rounds.size(); ++i) {
    const plan::Round &round = decision.solution.rounds[i];
    text += fmt::format("round {} {}:", i, showSeconds(round.seconds));
    for (const plan::Send &send : round.sends)
      text += fmt::format(" {}->{} {}", send.src, send.dst, send.bytes);
    text += "\n";
  }
  return text + "baselines:\n" +
         showBaselines(decision.baselines, decision.cost);
}

int moec::tools::solveAllToAllCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--traffic"},
                                           {"--hardware"},
                                           {"--bandwidth"},
                                           {"--json", Takes::Nothing},
                                           {"-o"}};
  Arguments arguments(words, options, 0);
  std::string path = arguments.need("--traffic");
  std::string text = take(target::readFile(path));
  target::AllToAllDecision decision;
  plan::AllToAllProblem &problem = decision.problem;
  problem.traffic = take(target::parseTraffic(text, path));
  plan::Topology machine = machineOf(arguments, problem.traffic.size());
  for (const plan::Device &device : machine.devices) {
    problem.bandwidth.push_back(portOf(machine, device));
    problem.alpha = std::max(problem.alpha, device.portLatency);
  }
  decision.solution = take(plan::solveAllToAll(problem));
  take(decision.solution.verify(problem));
  decision.bound = problem.lowerBound();
  decision.cost = decision.solution.cost(problem);
  for (const plan::BaselineCost &baseline :
       take(plan::baselineCosts(problem, 1)))
    decision.baselines.emplace_back(baseline.name, baseline.seconds);
  addHierarchical(machine, decision);
  if (!arguments.has("--json")) {
    output(arguments, show(decision));
    return 0;
  }
  target::Plan plan{machine, {{path, target::hashOf(text)}}, decision};
  output(arguments, target::printPlan(plan));
  return 0;
}
