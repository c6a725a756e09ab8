#include "plan/PlacementBounds.h"
#include "plan/PlacementCost.h"
#include "plan/PlacementSolvers.h"

#include <algorithm>
#include <bit>
#include <numeric>

using namespace moec::plan;

namespace {

/// Depth first over the experts, heaviest first; at each level every set of
/// devices that may hold the expert. A branch ends where the steps' slowest
/// devices so far, or the steps' lower bounds, already cost as much as the
/// incumbent.
class BranchAndBound {
public:
  BranchAndBound(const PlacementProblem &problem, int64_t layer,
                 LayerPlacement start, int64_t nodeLimit)
      : problem(problem), layer(layer), routing(problem.trace.layers[layer]),
        times(rowTimes(problem.latency)), bounds(stepBounds(problem, layer)),
        best(std::move(start)), bestCost(layerCost(problem, layer, best)),
        nodesLeft(nodeLimit), order(routing.experts) {
    current.devices.resize(problem.devices());
    rows.assign(problem.devices() * routing.steps(), 0);
    const std::vector<int64_t> total = routing.totals();
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return total[a] != total[b] ? total[a] > total[b] : a < b;
    });
  }

  /// False when the limit was reached before the search was complete.
  bool run() {
    branch(0, problem.slotBudget);
    return nodesLeft > 0;
  }
  const LayerPlacement &result() const { return best; }

private:
  void branch(int64_t depth, int64_t slotsLeft) {
    if (--nodesLeft <= 0 || partialCost() >= bestCost * (1 - 1e-12))
      return;
    const int64_t left = routing.experts - depth;
    if (left == 0) {
      if (double cost = layerCost(problem, layer, current); cost < bestCost) {
        bestCost = cost;
        best = current;
      }
      return;
    }
    const uint32_t sets = uint32_t{1} << problem.devices();
    for (uint32_t set = 1; set < sets && nodesLeft > 0; ++set) {
      const int64_t replicas = std::popcount(set);
      if (replicas > slotsLeft - (left - 1) || !allowed(set))
        continue;
      put(order[depth], set, +1);
      branch(depth + 1, slotsLeft - replicas);
      put(order[depth], set, -1);
    }
  }

  /// Room on all devices of the set; of equal empty devices the lower first.
  bool allowed(uint32_t set) const {
    for (int64_t g = 0; g < problem.devices(); ++g) {
      if (!(set >> g & 1))
        continue;
      if (static_cast<int64_t>(current.devices[g].size()) >=
          problem.capacity[g])
        return false;
      for (int64_t lower = 0; lower < g; ++lower)
        if (!(set >> lower & 1) && current.devices[g].empty() &&
            current.devices[lower].empty() &&
            problem.capacity[g] == problem.capacity[lower] &&
            problem.latency[g] == problem.latency[lower] &&
            problem.node[g] == problem.node[lower])
          return false;
    }
    return true;
  }

  void put(int32_t e, uint32_t set, int sign) {
    const double share = static_cast<double>(sign) / std::popcount(set);
    for (int64_t g = 0; g < problem.devices(); ++g) {
      if (!(set >> g & 1))
        continue;
      if (sign > 0)
        current.devices[g].push_back(e);
      else
        current.devices[g].pop_back();
      for (int64_t t = 0; t < routing.steps(); ++t)
        rows[g * routing.steps() + t] +=
            share * static_cast<double>(routing.stepLoads[t][e]);
    }
  }

  double partialCost() const {
    double seconds = 0;
    for (int64_t t = 0; t < routing.steps(); ++t) {
      double slowest = bounds[t];
      for (int64_t g = 0; g < problem.devices(); ++g)
        slowest = std::max(slowest, times[g](rows[g * routing.steps() + t]));
      seconds += slowest;
    }
    return seconds;
  }

  const PlacementProblem &problem;
  const int64_t layer;
  const LayerRouting &routing;
  const std::vector<RowTime> times;
  const std::vector<double> bounds;
  LayerPlacement best, current;
  double bestCost;
  int64_t nodesLeft;
  std::vector<int32_t> order;
  std::vector<double> rows; ///< [devices x steps]
};

} // namespace

Result<Placement> moec::plan::placeExactly(const PlacementProblem &problem,
                                           int64_t nodeLimit) {
  Result<Placement> start = placeByStep(problem);
  if (!start)
    return start;
  if (problem.devices() > 16)
    return infeasible(
        "exact placement: " + std::to_string(problem.devices()) +
        " devices; it tries every set of devices and stops at 16");
  Placement result;
  for (size_t l = 0; l < start->layers.size(); ++l) {
    BranchAndBound search(problem, static_cast<int64_t>(l), start->layers[l],
                          nodeLimit);
    if (!search.run())
      return infeasible("exact placement: layer " +
                            std::to_string(problem.trace.layers[l].layer) +
                            " needs more than " + std::to_string(nodeLimit) +
                            " search nodes; use strategy 'step'",
                        {problem.trace.layers[l].layer});
    result.layers.push_back(search.result());
  }
  if (Status status = result.verify(problem); !status)
    return status.error();
  return result;
}
