#include "plan/CoActivation.h"

#include "plan/PlacementCost.h"

#include <algorithm>
#include <numeric>

using namespace moec::plan;

std::vector<int64_t> moec::plan::coActivation(const LayerRouting &routing) {
  const int64_t E = routing.experts;
  std::vector<int64_t> together(E * E, 0);
  for (int64_t t = 0; t < routing.tokens(); ++t) {
    const int32_t *row = routing.ids.data() + t * routing.topK;
    for (int64_t i = 0; i < routing.topK; ++i)
      for (int64_t j = 0; j < routing.topK; ++j)
        if (row[i] >= 0 && row[j] >= 0)
          ++together[row[i] * E + row[j]];
  }
  return together;
}

CopyCounter::CopyCounter(const PlacementProblem &problem, int64_t layer,
                         int64_t maxTokens)
    : problem(problem), nodes(problem.nodes()) {
  const LayerRouting &routing = problem.trace.layers[layer];
  if (nodes < 2 || routing.tokens() == 0)
    return;
  int64_t stride = 1;
  if (maxTokens > 0)
    stride = (routing.tokens() + maxTokens - 1) / maxTokens;
  int64_t sample = (routing.tokens() + stride - 1) / stride;
  scale = static_cast<double>(routing.tokens()) / static_cast<double>(sample) *
          static_cast<double>(nodes - 1) / static_cast<double>(nodes);
  tokensOf.resize(routing.experts);
  homeNode.resize(routing.experts);
  uses.assign(sample * nodes, 0);
  std::vector<int64_t> reached(routing.experts, 0);
  for (int64_t t = 0; t < routing.tokens(); ++t)
    for (int64_t i = t * routing.topK; i < (t + 1) * routing.topK; ++i) {
      int32_t e = routing.ids[i];
      if (e < 0)
        continue;
      if (t % stride == 0)
        tokensOf[e].push_back({static_cast<int32_t>(t / stride), reached[e]});
      ++reached[e];
    }
}

void CopyCounter::count(int32_t e, int64_t sign) {
  const std::vector<int32_t> &homes = homeNode[e];
  if (homes.empty())
    return;
  const int64_t replicas = static_cast<int64_t>(homes.size());
  for (const Use &use : tokensOf[e]) {
    int16_t &n = uses[use.token * nodes + homes[use.rank % replicas]];
    if (sign > 0)
      visits += n++ == 0;
    else
      visits -= --n == 0;
  }
}

void CopyCounter::setHomes(int32_t e, const std::vector<int32_t> &devices) {
  if (!active())
    return;
  std::vector<int32_t> fresh;
  for (int32_t device : devices)
    fresh.push_back(static_cast<int32_t>(problem.node[device]));
  if (fresh == homeNode[e])
    return;
  count(e, -1);
  homeNode[e] = std::move(fresh);
  count(e, +1);
}

double moec::plan::crossNodeCopies(const PlacementProblem &problem,
                                   int64_t layer,
                                   const LayerPlacement &placement) {
  CopyCounter counter(problem, layer);
  if (!counter.active())
    return 0;
  std::vector<std::vector<int32_t>> homes(problem.trace.layers[layer].experts);
  for (size_t g = 0; g < placement.devices.size(); ++g)
    for (int32_t e : placement.devices[g])
      homes[e].push_back(static_cast<int32_t>(g));
  for (size_t e = 0; e < homes.size(); ++e)
    counter.setHomes(static_cast<int32_t>(e), homes[e]);
  return counter.copies();
}

namespace {

/// Builds a placement expert by expert.
class Grouping {
public:
  Grouping(const PlacementProblem &problem, int64_t layer)
      : problem(problem), routing(problem.trace.layers[layer]),
        total(routing.totals()), together(coActivation(routing)),
        times(rowTimes(problem.latency)), rows(problem.devices(), 0),
        affinity(problem.nodes()) {
    placement.devices.resize(problem.devices());
    double rowsOfAll = std::accumulate(total.begin(), total.end(), 0.0);
    double speed = 0;
    std::vector<double> speedOfNode(problem.nodes(), 0);
    for (int64_t g = 0; g < problem.devices(); ++g) {
      double seconds = times[g](rowsOfAll);
      double s = seconds > 0 ? rowsOfAll / seconds : 1;
      speed += s;
      speedOfNode[problem.node[g]] += s;
    }
    for (double s : speedOfNode)
      roomOfNode.push_back(1.1 * rowsOfAll * s / speed);
  }

  LayerPlacement run() {
    std::vector<int32_t> order(routing.experts);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return total[a] != total[b] ? total[a] > total[b] : a < b;
    });
    for (int32_t e : order)
      place(e);
    return placement;
  }

private:
  /// The device with room that finishes first, of one node or (-1) of all.
  int64_t earliest(int32_t e, int64_t node) const {
    int64_t best = -1;
    double bestTime = 0;
    for (int64_t g = 0; g < problem.devices(); ++g) {
      if ((node >= 0 && problem.node[g] != node) ||
          static_cast<int64_t>(placement.devices[g].size()) >=
              problem.capacity[g])
        continue;
      double time = times[g](rows[g] + static_cast<double>(total[e]));
      if (best < 0 || time < bestTime) {
        best = g;
        bestTime = time;
      }
    }
    return best;
  }

  void place(int32_t e) {
    std::fill(affinity.begin(), affinity.end(), 0);
    for (int64_t g = 0; g < problem.devices(); ++g)
      for (int32_t f : placement.devices[g])
        affinity[problem.node[g]] += together[e * routing.experts + f];
    int64_t device = -1, node = -1;
    for (int64_t n = 0; n < problem.nodes(); ++n) {
      if (roomOfNode[n] < static_cast<double>(total[e]) ||
          (node >= 0 && affinity[n] <= affinity[node]))
        continue;
      if (int64_t g = earliest(e, n); g >= 0) {
        node = n;
        device = g;
      }
    }
    if (device < 0)
      device = earliest(e, -1);
    placement.devices[device].push_back(e);
    rows[device] += static_cast<double>(total[e]);
    roomOfNode[problem.node[device]] -= static_cast<double>(total[e]);
  }

  const PlacementProblem &problem;
  const LayerRouting &routing;
  const std::vector<int64_t> total, together;
  const std::vector<RowTime> times;
  std::vector<double> rows;       ///< [devices]
  std::vector<int64_t> affinity;  ///< [nodes] of the expert being placed
  std::vector<double> roomOfNode; ///< [nodes] rows until the load limit
  LayerPlacement placement;
};

} // namespace

LayerPlacement moec::plan::groupByCoActivation(const PlacementProblem &problem,
                                               int64_t layer) {
  return Grouping(problem, layer).run();
}
