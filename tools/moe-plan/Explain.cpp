#include "Commands.h"
#include "Inputs.h"

#include "plan/PlacementBounds.h"
#include "plan/PlacementCost.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace moec;
using namespace moec::tools;

namespace {
/// Rows and seconds of the devices of one layer, over all steps.
struct LayerLoad {
  std::vector<double> rows;     ///< [devices]
  std::vector<double> seconds;  ///< [devices]
  std::vector<int64_t> slowest; ///< [devices] steps in which it was slowest
  double achieved = 0;          ///< sum over steps of the slowest
};
} // namespace

static LayerLoad measure(const plan::PlacementProblem &problem, size_t layer,
                         const plan::LayerPlacement &placement) {
  const plan::LayerRouting &routing = problem.trace.layers[layer];
  std::vector<int32_t> replicas = placement.replicas(routing.experts);
  std::vector<plan::RowTime> time = plan::rowTimes(problem.latency);
  size_t devices = placement.devices.size();
  LayerLoad load{std::vector<double>(devices), std::vector<double>(devices),
                 std::vector<int64_t>(devices), 0};
  for (const std::vector<int64_t> &step : routing.stepLoads) {
    double worst = 0;
    size_t who = 0;
    for (size_t d = 0; d < devices; ++d) {
      double rows = 0;
      for (int32_t e : placement.devices[d])
        rows += static_cast<double>(step[e]) / replicas[e];
      double seconds = time[d](rows);
      load.rows[d] += rows;
      load.seconds[d] += seconds;
      if (seconds > worst) {
        worst = seconds;
        who = d;
      }
    }
    load.achieved += worst;
    ++load.slowest[who];
  }
  return load;
}

static std::string explainLoad(const PlacementPlan &plan, size_t layer,
                               int32_t expert,
                               const plan::RoutingTrace &trace) {
  const target::PlacedLayer &placed = plan.decision.layers[layer];
  plan::PlacementProblem problem = problemOf(plan, trace);
  LayerLoad load = measure(problem, layer, placed.placement);
  std::vector<int64_t> totals = problem.trace.layers[layer].totals();
  int64_t all = 0, above = 0;
  for (int64_t value : totals) {
    all += value;
    above += value > totals[expert];
  }
  std::string text = fmt::format(
      "load: {} of {} token-expert pairs ({:.2f} %), rank {} of {}\n",
      totals[expert], all,
      all ? 100. * static_cast<double>(totals[expert]) /
                static_cast<double>(all)
          : 0,
      above + 1, placed.experts);
  for (size_t d = 0; d < load.rows.size(); ++d)
    text += fmt::format("  device {}: {:.6g} rows, {}, slowest in {} of {} "
                        "steps\n",
                        d, load.rows[d], showSeconds(load.seconds[d]),
                        load.slowest[d], problem.trace.layers[layer].steps());
  size_t straggler = static_cast<size_t>(
      std::max_element(load.slowest.begin(), load.slowest.end()) -
      load.slowest.begin());
  double bound = plan::placementBound(problem, static_cast<int64_t>(layer));
  return text + fmt::format("straggler: device {}\nlayer: achieved {}, bound "
                            "{} ({:.2f} % above)\n",
                            straggler, showSeconds(load.achieved),
                            showSeconds(bound),
                            bound > 0 ? 100 * (load.achieved / bound - 1) : 0);
}

int moec::tools::explainCommand(Words words) {
  static constexpr OptionSpec options[] = {
      {"--layer"},       {"--expert"},  {"--routing", Takes::Many},
      {"--step-tokens"}, {"--experts"}, {"-o"}};
  Arguments arguments(words, options, 1);
  PlacementPlan plan = loadPlacement(arguments[0]);
  std::vector<target::PlacedLayer> &layers = plan.decision.layers;
  arguments.need("--layer");
  arguments.need("--expert");
  int64_t id = arguments.integer("--layer", 0, 0, int64_t{1} << 20);
  auto it = std::find_if(
      layers.begin(), layers.end(),
      [&](const target::PlacedLayer &layer) { return layer.layer == id; });
  if (it == layers.end())
    throw Failure{fmt::format("the plan has no layer {}; its {} layers go from "
                              "{} to {}",
                              id, layers.size(), layers.front().layer,
                              layers.back().layer)};
  int32_t expert = static_cast<int32_t>(
      arguments.integer("--expert", 0, 0, it->experts - 1));
  std::string text = fmt::format("layer {} expert {}:\n", id, expert);
  for (size_t d = 0; d < it->placement.devices.size(); ++d) {
    const std::vector<int32_t> &mates = it->placement.devices[d];
    if (std::find(mates.begin(), mates.end(), expert) != mates.end())
      text += fmt::format("on device {} ({}) with experts {}\n", d,
                          plan.machine.devices[d].name, fmt::join(mates, " "));
  }
  text += fmt::format("decided by {}: {}\n", plan.decision.strategy,
                      plan.decision.reason);
  std::vector<target::PlanInput> inputs;
  if (auto trace = statisticsOf(arguments, plan, inputs))
    text += explainLoad(plan, static_cast<size_t>(it - layers.begin()), expert,
                        *trace);
  else
    text += "load: the statistics of the plan are gone or changed; give "
            "--routing\n";
  output(arguments, text);
  return 0;
}
