#include "plan/Eplb.h"

#include <algorithm>
#include <numeric>

using namespace moec::plan;

// The reference computes in 32-bit floats; so do we, to break near-ties alike.
using Weights = std::vector<float>;

static std::string str(int64_t value) { return std::to_string(value); }

/// Where an item went: its pack and its place inside the pack.
struct Packing {
  std::vector<int32_t> pack, rank;
};

/// Heaviest item first, each to the lightest pack with room; every pack gets
/// n / packs items.
static Packing packBalanced(const Weights &weights, int64_t packs) {
  const int64_t n = static_cast<int64_t>(weights.size());
  const int64_t perPack = n / packs;
  Packing result{std::vector<int32_t>(n), std::vector<int32_t>(n, 0)};
  std::vector<int32_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  if (perPack == 1) {
    result.pack = order;
    return result;
  }
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return weights[a] != weights[b] ? weights[a] > weights[b] : a < b;
  });
  std::vector<float> load(packs, 0);
  std::vector<int32_t> items(packs, 0);
  for (int32_t item : order) {
    int64_t best = -1;
    for (int64_t p = 0; p < packs; ++p)
      if (items[p] < perPack && (best < 0 || load[p] < load[best]))
        best = p;
    result.pack[item] = static_cast<int32_t>(best);
    result.rank[item] = items[best]++;
    load[best] += weights[item];
  }
  return result;
}

/// Slots 0..n-1 hold the n experts; every further slot a replica of the expert
/// with the highest weight per replica.
static std::vector<int32_t> replicate(const Weights &weights, int64_t slots,
                                      std::vector<int32_t> &count) {
  const int64_t n = static_cast<int64_t>(weights.size());
  std::vector<int32_t> expert(slots);
  std::iota(expert.begin(), expert.begin() + n, 0);
  count.assign(n, 1);
  Weights perReplica = weights;
  for (int64_t slot = n; slot < slots; ++slot) {
    int64_t e = std::max_element(perReplica.begin(), perReplica.end()) -
                perReplica.begin();
    expert[slot] = static_cast<int32_t>(e);
    ++count[e];
    perReplica[e] = weights[e] / static_cast<float>(count[e]);
  }
  return expert;
}

/// The experts in the order of the nodes they are packed to.
static std::vector<int32_t> packGroups(const Weights &weights, int64_t groups,
                                       int64_t nodes) {
  const int64_t E = static_cast<int64_t>(weights.size()), size = E / groups;
  Weights groupLoad(groups, 0);
  for (int64_t e = 0; e < E; ++e)
    groupLoad[e / size] += weights[e];
  Packing packing = packBalanced(groupLoad, nodes);
  std::vector<int32_t> expert(E);
  for (int64_t e = 0; e < E; ++e) {
    int64_t group = e / size;
    int64_t place =
        packing.pack[group] * (groups / nodes) + packing.rank[group];
    expert[place * size + e % size] = static_cast<int32_t>(e);
  }
  return expert;
}

static std::vector<int32_t> rebalanceLayer(const Weights &weights,
                                           const EplbShape &s) {
  const int64_t perNode = static_cast<int64_t>(weights.size()) / s.nodes;
  const int64_t slots = s.slots / s.nodes, devices = s.devices / s.nodes;
  const std::vector<int32_t> expert = packGroups(weights, s.groups, s.nodes);
  std::vector<int32_t> map(s.slots);
  for (int64_t node = 0; node < s.nodes; ++node) {
    Weights local(perNode);
    for (int64_t i = 0; i < perNode; ++i)
      local[i] = weights[expert[node * perNode + i]];
    std::vector<int32_t> count;
    std::vector<int32_t> slot = replicate(local, slots, count);
    Weights share(slots);
    for (int64_t i = 0; i < slots; ++i)
      share[i] = local[slot[i]] / static_cast<float>(count[slot[i]]);
    Packing packing = packBalanced(share, devices);
    for (int64_t i = 0; i < slots; ++i)
      map[node * slots + packing.pack[i] * (slots / devices) +
          packing.rank[i]] = expert[node * perNode + slot[i]];
  }
  return map;
}

static Status checkShape(const EplbShape &s, int64_t experts) {
  if (s.slots <= 0 || s.groups <= 0 || s.nodes <= 0 || s.devices <= 0)
    return invalid("eplb: slots, groups, nodes and devices must be positive");
  auto divides = [](int64_t whole, int64_t part, const char *a, const char *b) {
    if (whole % part == 0)
      return success();
    return Status(infeasible(std::string("eplb: ") + str(whole) + " " + a +
                             " do not divide evenly over " + str(part) + " " +
                             b));
  };
  if (experts == 0 || experts > s.slots)
    return infeasible("eplb: " + str(experts) + " experts for " + str(s.slots) +
                      " slots; give at least one slot per expert");
  if (Status status = divides(s.slots, s.devices, "slots", "devices"); !status)
    return status;
  if (Status status = divides(s.devices, s.nodes, "devices", "nodes"); !status)
    return status;
  if (s.groups % s.nodes != 0)
    return success(); // The global policy ignores groups and nodes.
  return divides(experts, s.groups, "experts", "groups");
}

Result<EplbMap>
moec::plan::eplb(const std::vector<std::vector<double>> &weights,
                 const EplbShape &shape) {
  EplbMap result;
  for (const std::vector<double> &layer : weights) {
    if (Status status = checkShape(shape, static_cast<int64_t>(layer.size()));
        !status)
      return status.error();
    EplbShape used = shape;
    if (shape.groups % shape.nodes != 0)
      used.groups = used.nodes = 1;
    result.push_back(rebalanceLayer(Weights(layer.begin(), layer.end()), used));
  }
  return result;
}

static Status checkEqual(const PlacementProblem &problem, int64_t nodes) {
  const int64_t G = problem.devices(), perNode = G / nodes;
  if (problem.slotBudget % G != 0 || G % nodes != 0)
    return infeasible("eplb: " + str(problem.slotBudget) + " slots on " +
                      str(G) + " devices in " + str(nodes) +
                      " nodes; EPLB needs equal shares");
  for (int64_t g = 0; g < G; ++g) {
    if (problem.capacity[g] < problem.slotBudget / G)
      return infeasible("eplb: device " + str(g) + " holds " +
                            str(problem.capacity[g]) + " experts; EPLB puts " +
                            str(problem.slotBudget / G) + " on every device",
                        {g});
    if (nodes > 1 && problem.node[g] != g / perNode)
      return infeasible("eplb: device " + str(g) + " is on node " +
                            str(problem.node[g]) +
                            "; EPLB needs nodes of equal, contiguous devices",
                        {g});
  }
  return success();
}

Result<Placement> moec::plan::placeByEplb(const PlacementProblem &problem,
                                          int64_t groups, bool hierarchical) {
  if (Status status = problem.check(); !status)
    return status.error();
  const int64_t G = problem.devices();
  const int64_t nodes = hierarchical ? problem.nodes() : 1;
  if (!hierarchical)
    groups = 1;
  if (groups <= 0 || groups % nodes != 0)
    return infeasible("eplb: " + str(groups) + " expert groups on " +
                      str(nodes) +
                      " nodes; the hierarchical policy needs a multiple");
  if (Status status = checkEqual(problem, nodes); !status)
    return status.error();
  Placement result;
  for (const LayerRouting &routing : problem.trace.layers) {
    std::vector<int64_t> total = routing.totals();
    Result<EplbMap> map =
        eplb({std::vector<double>(total.begin(), total.end())},
             {problem.slotBudget, groups, nodes, G});
    if (!map)
      return map.error();
    LayerPlacement layer;
    const int64_t perDevice = problem.slotBudget / G;
    for (int64_t g = 0; g < G; ++g)
      layer.devices.emplace_back((*map)[0].begin() + g * perDevice,
                                 (*map)[0].begin() + (g + 1) * perDevice);
    result.layers.push_back(std::move(layer));
  }
  if (Status status = result.verify(problem, Duplicates::Allow); !status)
    return status.error();
  return result;
}

/// The expert with the highest load per replica that is not on the device; -1
/// when the device holds all.
static int32_t neediest(const std::vector<int64_t> &total,
                        const std::vector<int32_t> &count,
                        const std::vector<int32_t> &held) {
  int32_t best = -1;
  for (int32_t e = 0; e < static_cast<int32_t>(total.size()); ++e) {
    if (std::find(held.begin(), held.end(), e) != held.end())
      continue;
    if (best < 0 || static_cast<double>(total[e]) / count[e] >
                        static_cast<double>(total[best]) / count[best])
      best = e;
  }
  return best;
}

void moec::plan::removeDuplicates(const PlacementProblem &problem,
                                  Placement &placement) {
  for (size_t l = 0; l < placement.layers.size(); ++l) {
    const LayerRouting &routing = problem.trace.layers[l];
    const std::vector<int64_t> total = routing.totals();
    LayerPlacement &layer = placement.layers[l];
    std::vector<int32_t> count = layer.replicas(routing.experts);
    for (std::vector<int32_t> &held : layer.devices)
      for (size_t i = 0; i < held.size();) {
        auto first = held.begin() + static_cast<int64_t>(i);
        if (std::find(held.begin(), first, held[i]) == first) {
          ++i;
          continue;
        }
        --count[held[i]];
        int32_t e = neediest(total, count, held);
        if (e < 0) {
          held.erase(first);
          continue;
        }
        held[i] = e;
        ++count[e];
        ++i;
      }
  }
}
