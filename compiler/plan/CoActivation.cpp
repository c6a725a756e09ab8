#include "plan/CoActivation.h"

#include <algorithm>

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
