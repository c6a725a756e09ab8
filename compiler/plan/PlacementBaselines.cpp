#include "plan/PlacementCost.h"
#include "plan/PlacementSolvers.h"

#include <algorithm>
#include <numeric>

using namespace moec::plan;

/// Checks, runs `placeLayer(layer index)` on every layer, verifies.
template <typename PlaceLayer>
static Result<Placement> placeEach(const PlacementProblem &problem,
                                   PlaceLayer placeLayer) {
  if (Status status = problem.check(); !status)
    return status.error();
  Placement result;
  for (size_t l = 0; l < problem.trace.layers.size(); ++l)
    result.layers.push_back(placeLayer(problem.trace.layers[l]));
  if (Status status = result.verify(problem); !status)
    return status.error();
  return result;
}

Result<Placement> moec::plan::placeLinear(const PlacementProblem &problem) {
  return placeEach(problem, [&](const LayerRouting &routing) {
    const int64_t G = problem.devices();
    // As even as the capacities allow: deal one expert to every device that
    // still has room, again and again, and keep only the counts.
    std::vector<int64_t> count(G, 0);
    for (int64_t left = routing.experts; left > 0;)
      for (int64_t g = 0; g < G && left > 0; ++g)
        if (count[g] < problem.capacity[g]) {
          ++count[g];
          --left;
        }
    LayerPlacement layer;
    int32_t next = 0;
    for (int64_t g = 0; g < G; ++g) {
      layer.devices.emplace_back(count[g]);
      std::iota(layer.devices[g].begin(), layer.devices[g].end(), next);
      next += static_cast<int32_t>(count[g]);
    }
    return layer;
  });
}

Result<Placement> moec::plan::placeRoundRobin(const PlacementProblem &problem) {
  return placeEach(problem, [&](const LayerRouting &routing) {
    const int64_t G = problem.devices();
    LayerPlacement layer;
    layer.devices.resize(G);
    int64_t g = 0;
    for (int32_t e = 0; e < routing.experts; ++e, g = (g + 1) % G) {
      while (static_cast<int64_t>(layer.devices[g].size()) >=
             problem.capacity[g])
        g = (g + 1) % G;
      layer.devices[g].push_back(e);
    }
    return layer;
  });
}

/// Replica counts that divide the heaviest experts first.
static std::vector<int32_t> replicaCounts(const std::vector<int64_t> &total,
                                          int64_t budget, int64_t devices) {
  std::vector<int32_t> count(total.size(), 1);
  std::vector<double> share(total.begin(), total.end());
  for (int64_t left = budget - static_cast<int64_t>(total.size()); left > 0;
       --left) {
    int64_t e = std::max_element(share.begin(), share.end()) - share.begin();
    if (share[e] <= 0)
      break; // Nothing left that a replica would relieve.
    ++count[e];
    // No expert can have more replicas than there are devices.
    share[e] =
        count[e] < devices ? static_cast<double>(total[e]) / count[e] : 0;
  }
  return count;
}

static LayerPlacement packByFinishTime(const PlacementProblem &problem,
                                       const std::vector<RowTime> &times,
                                       const LayerRouting &routing) {
  const int64_t G = problem.devices();
  const double steps =
      static_cast<double>(std::max<int64_t>(routing.steps(), 1));
  const std::vector<int64_t> total = routing.totals();
  const std::vector<int32_t> count =
      replicaCounts(total, problem.slotBudget, G);
  auto share = [&](int32_t e) {
    return static_cast<double>(total[e]) / count[e] / steps;
  };
  std::vector<int32_t> order;
  for (int32_t e = 0; e < routing.experts; ++e)
    order.insert(order.end(), count[e], e);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return share(a) != share(b) ? share(a) > share(b) : a < b;
  });
  LayerPlacement layer;
  layer.devices.resize(G);
  std::vector<double> rows(G, 0);
  for (int32_t e : order) {
    int64_t best = -1;
    double bestTime = 0;
    for (int64_t g = 0; g < G; ++g) {
      const std::vector<int32_t> &held = layer.devices[g];
      if (static_cast<int64_t>(held.size()) >= problem.capacity[g] ||
          (count[e] > 1 &&
           std::find(held.begin(), held.end(), e) != held.end()))
        continue;
      double time = times[g](rows[g] + share(e));
      if (best < 0 || time < bestTime) {
        best = g;
        bestTime = time;
      }
    }
    // A replica finds no room only when every device with room holds the
    // expert already; the expert then has one replica less. A first replica
    // always finds room, for the budget is within the capacity.
    if (best < 0)
      continue;
    layer.devices[best].push_back(e);
    rows[best] += share(e);
  }
  return layer;
}

Result<Placement> moec::plan::placeByAverage(const PlacementProblem &problem) {
  const std::vector<RowTime> times = rowTimes(problem.latency);
  return placeEach(problem, [&](const LayerRouting &routing) {
    return packByFinishTime(problem, times, routing);
  });
}
