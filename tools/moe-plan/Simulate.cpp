#include "Commands.h"
#include "Inputs.h"

#include "plan/AllToAllBaselines.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementCost.h"
#include "plan/Simulator.h"
#include "target/ChromeTrace.h"
#include "target/TextFile.h"

#include <fmt/format.h>

#include <algorithm>

using namespace moec;
using namespace moec::tools;
using Json = nlohmann::ordered_json;

/// Beyond this many tasks a timeline can no longer be looked at.
static constexpr int64_t maxTasks = 200000;

/// Experts of layer after layer, step after step; all devices wait for the
/// slowest before the next layer, as an exchange follows.
static plan::TaskGraph graphOf(const plan::PlacementProblem &problem,
                               const plan::Placement &placement) {
  plan::TaskGraph graph;
  for (int64_t g = 0; g < problem.devices(); ++g)
    graph.addProcessor(fmt::format("d{}", g));
  std::vector<plan::RowTime> time = plan::rowTimes(problem.latency);
  std::vector<int32_t> before;
  for (int64_t step = 0;; ++step) {
    bool any = false;
    for (size_t l = 0; l < placement.layers.size(); ++l) {
      const plan::LayerRouting &routing = problem.trace.layers[l];
      if (step >= routing.steps())
        continue;
      any = true;
      std::vector<int32_t> replicas =
          placement.layers[l].replicas(routing.experts);
      std::vector<int32_t> tasks;
      for (int32_t g = 0; g < problem.devices(); ++g) {
        double rows = 0;
        for (int32_t e : placement.layers[l].devices[g])
          rows += static_cast<double>(routing.stepLoads[step][e]) / replicas[e];
        tasks.push_back(
            graph.addCompute(fmt::format("layer {} step {}: {:.6g} rows",
                                         routing.layer, step, rows),
                             g, time[g](rows), before));
      }
      before = {graph.addBarrier("all devices", tasks)};
    }
    if (!any)
      return graph;
    if (static_cast<int64_t>(graph.tasks().size()) > maxTasks)
      throw Failure{fmt::format("more than {} tasks; simulate fewer steps "
                                "(larger --step-tokens)",
                                maxTasks)};
  }
}

/// Layer after layer, an exchange never before the compute that feeds it.
static plan::TaskGraph graphOf(const target::ColocationDecision &decision) {
  plan::TaskGraph graph;
  int32_t devices = graph.addProcessor("devices"), last = -1;
  for (const target::ColocatedLayer &layer : decision.layers) {
    take(layer.solution.verify(layer.problem));
    last = plan::addColocatedLayer(graph, devices,
                                   layer.solution.phases(layer.problem),
                                   plan::ExchangeStart::AfterFfn, last);
  }
  return graph;
}

/// [resources] seconds in which at least one event runs.
static std::vector<double> busyTimes(plan::Timeline timeline,
                                     size_t resources) {
  std::sort(timeline.events.begin(), timeline.events.end(),
            [](const auto &a, const auto &b) { return a.start < b.start; });
  std::vector<double> busy(resources, 0), until(resources, 0);
  for (const plan::TimelineEvent &event : timeline.events) {
    if (event.resource < 0)
      continue;
    double from = std::max(event.start, until[event.resource]);
    busy[event.resource] += std::max(event.end - from, 0.0);
    until[event.resource] = std::max(event.end, until[event.resource]);
  }
  return busy;
}

static void report(const Arguments &arguments, const plan::TaskGraph &graph,
                   double bound) {
  plan::Timeline timeline = take(plan::simulate(graph));
  if (std::optional<std::string> path = arguments.one("--timeline"))
    take(target::writeFile(
        *path,
        target::printChromeTrace({target::predictedProcess(graph, timeline)})));
  std::vector<double> busy = busyTimes(timeline, graph.resources().size());
  Json json = {{"makespan_s", timeline.makespan}, {"bound_s", bound}};
  std::string text =
      fmt::format("simulated {} (bound {})\n", showSeconds(timeline.makespan),
                  showSeconds(bound));
  for (size_t r = 0; r < busy.size(); ++r) {
    json["busy_s"][graph.resources()[r].name] = busy[r];
    text += fmt::format(
        "  {:<12} busy {:>10}  {:5.1f} %\n", graph.resources()[r].name,
        showSeconds(busy[r]),
        timeline.makespan > 0 ? 100 * busy[r] / timeline.makespan : 0);
  }
  output(arguments, arguments.has("--json") ? json.dump() + "\n" : text);
}

int moec::tools::simulateCommand(Words words) {
  static constexpr OptionSpec options[] = {
      {"--routing", Takes::Many}, {"--timeline"},
      {"--step-tokens"},          {"--experts"},
      {"--json", Takes::Nothing}, {"-o"}};
  Arguments arguments(words, options, 1);
  const std::string &file = arguments[0];
  target::Plan plan = take(target::readPlan(file));
  if (auto *rounds = std::get_if<target::AllToAllDecision>(&plan.decision)) {
    inFile(file, [&] { take(rounds->solution.verify(rounds->problem)); });
    report(arguments, plan::roundsGraph(rounds->problem, rounds->solution),
           rounds->bound);
    return 0;
  }
  if (auto *nodes = std::get_if<target::HierarchicalDecision>(&plan.decision)) {
    inFile(file, [&] { take(nodes->solution.verify(nodes->problem)); });
    report(arguments, plan::hierarchicalGraph(nodes->problem, nodes->solution),
           nodes->bound);
    return 0;
  }
  if (auto *pairs = std::get_if<target::ColocationDecision>(&plan.decision)) {
    report(arguments, inFile(file, [&] { return graphOf(*pairs); }),
           pairs->score.bound);
    return 0;
  }
  if (!arguments.has("--routing"))
    throw UsageError{"a placement needs --routing to be simulated"};
  PlacementPlan placed = loadPlacement(file);
  std::vector<target::PlanInput> inputs;
  plan::PlacementProblem problem =
      problemOf(placed, loadRouting(arguments.all("--routing"),
                                    routingOptions(arguments), inputs));
  plan::Placement placement = placementOf(placed.decision);
  inFile(file,
         [&] { take(placement.verify(problem, plan::Duplicates::Allow)); });
  report(arguments, graphOf(problem, placement), plan::placementBound(problem));
  return 0;
}
