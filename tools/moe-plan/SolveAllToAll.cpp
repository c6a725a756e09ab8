#include "Commands.h"
#include "Inputs.h"

#include "plan/AllToAllBaselines.h"
#include "plan/AllToAllSolvers.h"
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
    problem.bandwidth.push_back(device.portBandwidth);
    problem.alpha = std::max(problem.alpha, device.portLatency);
  }
  decision.solution = take(plan::solveAllToAll(problem));
  take(decision.solution.verify(problem));
  decision.bound = problem.lowerBound();
  decision.cost = decision.solution.cost(problem);
  for (const plan::BaselineCost &baseline :
       take(plan::baselineCosts(problem, 1)))
    decision.baselines.emplace_back(baseline.name, baseline.seconds);
  if (!arguments.has("--json")) {
    output(arguments, show(decision));
    return 0;
  }
  target::Plan plan{machine, {{path, target::hashOf(text)}}, decision};
  output(arguments, target::printPlan(plan));
  return 0;
}
