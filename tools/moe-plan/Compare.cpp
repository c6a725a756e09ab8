#include "Commands.h"
#include "Inputs.h"

#include "plan/PlacementBounds.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::tools;
using Json = nlohmann::ordered_json;

/// Weights that go from the first plan to the second must copy, by layer.
static int64_t countMoves(const PlacementPlan &a, const PlacementPlan &b) {
  if (a.machine.size() != b.machine.size())
    throw Failure{fmt::format("the first plan has {} devices, the second {}",
                              a.machine.size(), b.machine.size())};
  if (a.decision.layers.size() != b.decision.layers.size())
    throw Failure{fmt::format("the first plan has {} layers, the second {}",
                              a.decision.layers.size(),
                              b.decision.layers.size())};
  int64_t moves = 0;
  for (size_t l = 0; l < a.decision.layers.size(); ++l) {
    const target::PlacedLayer &from = a.decision.layers[l];
    const target::PlacedLayer &to = b.decision.layers[l];
    if (from.layer != to.layer || from.experts != to.experts)
      throw Failure{fmt::format("layer {} of {} experts against layer {} of {} "
                                "experts; the plans are for different models",
                                from.layer, from.experts, to.layer,
                                to.experts)};
    moves += plan::expertMoves(from.placement, to.placement);
  }
  return moves;
}

int moec::tools::compareCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--routing", Takes::Many},
                                           {"--step-tokens"},
                                           {"--experts"},
                                           {"--json", Takes::Nothing},
                                           {"-o"}};
  Arguments arguments(words, options, 2);
  PlacementPlan plans[] = {loadPlacement(arguments[0]),
                           loadPlacement(arguments[1])};
  int64_t moves = countMoves(plans[0], plans[1]);
  plan::RoutingTrace trace;
  std::vector<target::PlanInput> inputs;
  if (arguments.has("--routing"))
    trace = loadRouting(arguments.all("--routing"), routingOptions(arguments),
                        inputs);
  else if (plans[0].inputs != plans[1].inputs)
    warn("the plans were made from different statistics: their objectives "
         "cannot be compared; give --routing");
  Json json = {{"moves", moves}, {"plans", Json::array()}};
  std::string text;
  for (int i : {0, 1}) {
    target::PlanScore score = plans[i].decision.score;
    if (!trace.layers.empty()) {
      plan::PlacementProblem problem = problemOf(plans[i], trace);
      plan::Placement placement = placementOf(plans[i].decision);
      take(placement.verify(problem, plan::Duplicates::Allow));
      score = {placement.cost(problem), plan::placementBound(problem), {}};
    }
    json["plans"].push_back({{"file", arguments[i]},
                             {"strategy", plans[i].decision.strategy},
                             {"slots", plans[i].decision.slots},
                             {"objective_s", score.objective},
                             {"bound_s", score.bound}});
    text += fmt::format("{}: {}, {} slots, {} (bound {})\n", arguments[i],
                        plans[i].decision.strategy, plans[i].decision.slots,
                        showSeconds(score.objective), showSeconds(score.bound));
  }
  text +=
      fmt::format("experts to copy from the first to the second: {}\n", moves);
  output(arguments, arguments.has("--json") ? json.dump() + "\n" : text);
  return 0;
}
