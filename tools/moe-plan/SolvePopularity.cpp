#include "Commands.h"
#include "Inputs.h"

#include "plan/PlacementBounds.h"
#include "plan/PlacementSolvers.h"
#include "plan/Popularity.h"
#include "plan/Replication.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace moec;
using namespace moec::tools;

namespace {
/// What Lina would do for one layer of the batch.
struct LayerEstimate {
  double accuracy = 0; ///< share of first choices that were guessed
  plan::LayerPlacement planned;
  plan::LinaDecision confirmed;
};

struct Estimates {
  std::vector<LayerEstimate> layers;
  double accuracy = 0; ///< mean over the layers
  int64_t replans = 0; ///< layers whose check asks for a new plan
};
} // namespace

static plan::TraceSplit splitOf(const Arguments &arguments,
                                const plan::RoutingTrace &trace) {
  plan::TraceSplit split = plan::splitTrace(trace, fractionOf(arguments));
  if (!split.split || fractionOf(arguments) >= 1)
    throw Failure{"nothing is left to estimate for: the first part of the "
                  "trace is profiled, the rest is the batch; give a smaller "
                  "--step-tokens or --fit"};
  return split;
}

static Estimates estimate(const Arguments &arguments,
                          const plan::TraceSplit &split, int64_t devices) {
  plan::PathHistograms histograms = take(plan::PathHistograms::profile(
      split.fit, arguments.integer("--path-length", 3, 1, 64)));
  plan::ReplicationProblem problem;
  problem.devices = devices;
  problem.maxPerDevice = arguments.integer("--experts-per-device", 4, 1, 65536);
  Estimates result;
  for (int64_t l = 0; l < histograms.layers(); ++l) {
    const plan::LayerRouting &batch = split.heldOut.layers[l];
    const int64_t k = arguments.integer("--top-k", batch.topK, 1, 65536);
    problem.popularity = take(histograms.popularity(split.heldOut, l, k));
    LayerEstimate layer;
    layer.accuracy = take(histograms.accuracy(split.heldOut, l));
    layer.planned = take(plan::placeByPopularity(problem));
    layer.confirmed =
        take(plan::confirmOrReplan(problem, layer.planned, batch.totals(), k));
    result.accuracy +=
        layer.accuracy / static_cast<double>(histograms.layers());
    result.replans += layer.confirmed.replanned;
    result.layers.push_back(std::move(layer));
  }
  return result;
}

static target::PlacementDecision decide(const Arguments &arguments,
                                        const plan::Topology &machine,
                                        const plan::TraceSplit &split,
                                        const Estimates &estimates) {
  target::PlacementDecision decision;
  decision.strategy = "popularity";
  decision.reason = fmt::format(
      "popularity: {:.1f} % of the batch's first choices guessed; after the "
      "gate {} of {} layers ask for a new plan",
      100 * estimates.accuracy, estimates.replans, estimates.layers.size());
  decision.slots =
      machine.size() * arguments.integer("--experts-per-device", 4, 1, 65536);
  plan::PlacementProblem batch =
      plan::makePlacementProblem(machine, split.heldOut, decision.slots);
  plan::Placement planned, confirmed;
  for (size_t l = 0; l < estimates.layers.size(); ++l) {
    const LayerEstimate &layer = estimates.layers[l];
    planned.layers.push_back(layer.planned);
    confirmed.layers.push_back(layer.confirmed.placement);
    decision.layers.push_back({split.heldOut.layers[l].layer,
                               split.heldOut.layers[l].experts, layer.planned});
  }
  take(planned.verify(batch));
  decision.score = {planned.cost(batch), plan::placementBound(batch), {}};
  decision.score.baselines = {
      {"linear", take(plan::placeLinear(batch)).cost(batch)},
      {"after-the-gate", confirmed.cost(batch)}};
  return decision;
}

static std::string show(const target::PlacementDecision &decision,
                        const Estimates &estimates) {
  std::string text = fmt::format(
      "{}\nobjective {} (bound {})\n{}", decision.reason,
      showSeconds(decision.score.objective), showSeconds(decision.score.bound),
      showBaselines(decision.score.baselines, decision.score.objective));
  for (size_t l = 0; l < decision.layers.size(); ++l) {
    const LayerEstimate &layer = estimates.layers[l];
    text += fmt::format("layer {}: {:.1f} % guessed, {}\n",
                        decision.layers[l].layer, 100 * layer.accuracy,
                        layer.confirmed.replanned ? "new plan after the gate"
                                                  : "plan stays");
    for (size_t d = 0; d < layer.planned.devices.size(); ++d)
      text += fmt::format("  device {}: {}\n", d,
                          fmt::join(layer.planned.devices[d], " "));
  }
  return text;
}

int moec::tools::solvePopularityCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--routing", Takes::Many},
                                           {"--hardware"},
                                           {"--devices"},
                                           {"--nodes"},
                                           {"--speed"},
                                           {"--path-length"},
                                           {"--top-k"},
                                           {"--experts-per-device"},
                                           {"--step-tokens"},
                                           {"--experts"},
                                           {"--fit"},
                                           {"--json", Takes::Nothing},
                                           {"-o"}};
  Arguments arguments(words, options, 0);
  plan::Topology machine = machineOf(arguments);
  target::Plan plan;
  plan::RoutingTrace trace = neededRouting(arguments, plan.inputs);
  plan::TraceSplit split = splitOf(arguments, trace);
  Estimates estimates = estimate(arguments, split, machine.size());
  target::PlacementDecision decision =
      decide(arguments, machine, split, estimates);
  plan.machine = machine;
  plan.decision = decision;
  output(arguments, arguments.has("--json") ? target::printPlan(plan)
                                            : show(decision, estimates));
  return 0;
}
