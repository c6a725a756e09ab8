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

/// --nodes and --intra-bandwidth: --bandwidth is every device's share of its
/// node's network.
static void addNodes(const Arguments &arguments,
                     const std::vector<double> &ports,
                     plan::Topology &machine) {
  arguments.need("--nodes");
  std::vector<double> inside = parseNumbers(arguments, "--intra-bandwidth",
                                            target::Dimension::Bandwidth);
  if (ports.size() != 1 || inside.size() != 1)
    throw UsageError{"nodes are equal: with --nodes, --bandwidth and "
                     "--intra-bandwidth take one value"};
  splitIntoNodes(machine, arguments.integer("--nodes", 1, 1, 65536));
  const int64_t nodes = static_cast<int64_t>(machine.nodes.size());
  for (plan::Node &node : machine.nodes) {
    node.intraBandwidth = inside[0];
    node.networkBandwidth =
        ports[0] * static_cast<double>(machine.size() / nodes);
  }
}

/// The machine of --hardware, or equal or given ports of --bandwidth.
static plan::Topology machineFor(const Arguments &arguments, int64_t ranks) {
  if (arguments.has("--hardware") == arguments.has("--bandwidth"))
    throw UsageError{"give either --hardware or --bandwidth"};
  if (std::optional<std::string> path = arguments.one("--hardware")) {
    if (arguments.has("--nodes") || arguments.has("--intra-bandwidth"))
      throw UsageError{"--nodes and --intra-bandwidth go with --bandwidth; a "
                       "hardware file has its own"};
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
  if (arguments.has("--nodes") || arguments.has("--intra-bandwidth"))
    addNodes(arguments, ports, machine);
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

/// The all-to-all between nodes; nothing unless there are several equal ones.
static std::optional<plan::HierarchicalProblem>
betweenNodes(const plan::Topology &machine, const plan::AllToAllProblem &flat) {
  const plan::Node &node = machine.nodes.front();
  int64_t each = machine.size() / static_cast<int64_t>(machine.nodes.size());
  bool equal = flat.equalPorts() && node.networkBandwidth > 0;
  for (int64_t i = 0; i < machine.size(); ++i)
    equal &= machine.devices[i].node == i / each;
  if (machine.nodes.size() < 2 || !equal)
    return std::nullopt;
  return plan::HierarchicalProblem{
      flat.traffic, static_cast<int32_t>(each), flat.bandwidth.front(),
      node.intraBandwidth > 0 ? node.intraBandwidth
                              : machine.devices.front().portBandwidth,
      std::max(flat.alpha, node.networkLatency)};
}

/// What sending between nodes together, and sharing their ports, would take.
static void addHierarchical(const plan::HierarchicalProblem &problem,
                            target::AllToAllDecision &decision) {
  double seconds = take(plan::solveHierarchical(problem)).cost(problem);
  decision.baselines.emplace_back("hierarchical", seconds);
  if (seconds < decision.cost)
    warn(fmt::format("sending between nodes together takes {} (bound {}); the "
                     "rounds here are between devices (see --hierarchical)",
                     showSeconds(seconds), showSeconds(problem.lowerBound())));
}

static target::HierarchicalDecision
solveNodes(const std::optional<plan::HierarchicalProblem> &problem,
           const target::AllToAllDecision &flat) {
  if (!problem)
    throw Failure{"--hierarchical needs several equal nodes with a network "
                  "bandwidth, their devices numbered node by node; the machine "
                  "has none (see --nodes)"};
  target::HierarchicalDecision decision;
  decision.problem = *problem;
  decision.solution = take(plan::solveHierarchical(*problem));
  take(decision.solution.verify(*problem));
  decision.bound = problem->lowerBound();
  decision.cost = decision.solution.cost(*problem);
  decision.baselines = {{"flat", flat.cost}};
  for (const auto &[name, seconds] : flat.baselines)
    decision.baselines.emplace_back("flat-" + name, seconds);
  return decision;
}

static std::string showRounds(const std::vector<plan::Round> &rounds) {
  std::string text;
  for (size_t i = 0; i < rounds.size(); ++i) {
    text += fmt::format("round {} {}:", i, showSeconds(rounds[i].seconds));
    for (const plan::Send &send : rounds[i].sends)
      text += fmt::format(" {}->{} {}", send.src, send.dst, send.bytes);
    text += "\n";
  }
  return text;
}

static std::string show(const target::HierarchicalDecision &decision) {
  plan::HierarchicalTimes times = decision.solution.times(decision.problem);
  const std::vector<plan::Round> &rounds = decision.solution.rounds.rounds;
  return fmt::format("{} rounds between {} nodes, {} (bound {})\n"
                     "rebalance {}, network {}, forward {}, inside the nodes "
                     "{}\nbytes of each lane:\n",
                     rounds.size(), decision.problem.nodes(),
                     showSeconds(decision.cost), showSeconds(decision.bound),
                     showSeconds(times.rebalance), showSeconds(times.network),
                     showSeconds(times.forward), showSeconds(times.local)) +
         showRounds(rounds) + "baselines:\n" +
         showBaselines(decision.baselines, decision.cost);
}

static std::string show(const target::AllToAllDecision &decision) {
  return fmt::format("{} rounds, {} (bound {})\n",
                     decision.solution.rounds.size(),
                     showSeconds(decision.cost), showSeconds(decision.bound)) +
         showRounds(decision.solution.rounds) + "baselines:\n" +
         showBaselines(decision.baselines, decision.cost);
}

static target::AllToAllDecision solveFlat(const plan::TrafficMatrix &traffic,
                                          const plan::Topology &machine) {
  target::AllToAllDecision decision;
  plan::AllToAllProblem &problem = decision.problem;
  problem.traffic = traffic;
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
  return decision;
}

int moec::tools::solveAllToAllCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--traffic"},
                                           {"--hardware"},
                                           {"--bandwidth"},
                                           {"--nodes"},
                                           {"--intra-bandwidth"},
                                           {"--hierarchical", Takes::Nothing},
                                           {"--json", Takes::Nothing},
                                           {"-o"}};
  Arguments arguments(words, options, 0);
  std::string path = arguments.need("--traffic");
  std::string text = take(target::readFile(path));
  plan::TrafficMatrix traffic = take(target::parseTraffic(text, path));
  plan::Topology machine = machineFor(arguments, traffic.size());
  target::AllToAllDecision flat = solveFlat(traffic, machine);
  std::optional<plan::HierarchicalProblem> nodes =
      betweenNodes(machine, flat.problem);
  target::Plan plan{machine, {{path, target::hashOf(text)}}, {}};
  if (arguments.has("--hierarchical")) {
    plan.decision = solveNodes(nodes, flat);
  } else {
    if (nodes)
      addHierarchical(*nodes, flat);
    plan.decision = std::move(flat);
  }
  auto *between = std::get_if<target::HierarchicalDecision>(&plan.decision);
  output(arguments,
         arguments.has("--json") ? target::printPlan(plan)
         : between ? show(*between)
                   : show(std::get<target::AllToAllDecision>(plan.decision)));
  return 0;
}
