#include "plan/Placement.h"

#include "plan/CoActivation.h"
#include "plan/PlacementCost.h"

#include <algorithm>
#include <numeric>

using namespace moec::plan;

static std::string str(int64_t value) { return std::to_string(value); }

int64_t PlacementProblem::nodes() const {
  return node.empty() ? 0 : 1 + *std::max_element(node.begin(), node.end());
}

static Status checkDevices(const PlacementProblem &p) {
  const int64_t G = p.devices();
  if (G == 0)
    return invalid("placement: there is no device; at least one is needed");
  if (static_cast<int64_t>(p.latency.size()) != G ||
      static_cast<int64_t>(p.node.size()) != G)
    return invalid("placement: " + str(G) + " capacities, " +
                   str(p.latency.size()) + " latency curves and " +
                   str(p.node.size()) +
                   " node ids; give one of each per device");
  std::vector<bool> seen(G, false);
  for (int64_t g = 0; g < G; ++g) {
    std::string who = "placement: device " + str(g) + ": ";
    if (p.capacity[g] < 0)
      return invalid(who + "capacity is " + str(p.capacity[g]) +
                         " slots; it must not be negative",
                     {g});
    if (p.node[g] < 0 || p.node[g] >= G)
      return invalid(
          who + "node " + str(p.node[g]) + " is not in 0.." + str(G - 1), {g});
    seen[p.node[g]] = true;
    if (p.latency[g].empty())
      return invalid(who + "no latency curve; measure one or give a speed",
                     {g});
    if (Status curve = p.latency[g].check(); !curve)
      return invalid(who + curve.error().message, {g});
  }
  for (int64_t n = 0; n < p.nodes(); ++n)
    if (!seen[n])
      return invalid("placement: node " + str(n) +
                         " has no device; number the nodes from 0 without gaps",
                     {n});
  return success();
}

static Status checkLoads(const LayerRouting &layer) {
  std::string who = "placement: layer " + str(layer.layer);
  if (layer.steps() == 0)
    return invalid(who + " has no step; give at least its total loads",
                   {layer.layer});
  double sum = 0;
  for (const std::vector<int64_t> &loads : layer.stepLoads)
    for (int64_t load : loads)
      sum += static_cast<double>(load);
  if (sum > 4e18)
    return invalid(who + ": its loads sum past 2^62; count in larger units",
                   {layer.layer});
  return success();
}

Status PlacementProblem::check() const {
  if (Status status = checkDevices(*this); !status)
    return status;
  if (!(secondsPerCopy >= 0) || secondsPerCopy > 1e300)
    return invalid(
        "placement: seconds per copy must be finite and not negative");
  if (trace.layers.empty())
    return invalid(
        "placement: the routing has no layer; at least one is needed");
  if (Status status = trace.check(); !status)
    return status;
  for (const LayerRouting &layer : trace.layers)
    if (Status status = checkLoads(layer); !status)
      return status;
  int64_t room = 0;
  for (int64_t slots : capacity)
    room += std::min(slots, int64_t{1} << 32);
  if (slotBudget > room)
    return invalid("placement: the budget of " + str(slotBudget) +
                   " slots exceeds the devices' capacity of " + str(room) +
                   "; lower the budget or add devices");
  for (const LayerRouting &layer : trace.layers)
    if (layer.experts > slotBudget)
      return PlanError{ErrorCode::Infeasible,
                       "placement: layer " + str(layer.layer) + " has " +
                           str(layer.experts) + " experts for " +
                           str(slotBudget) + " slots; give at least one slot " +
                           "per expert",
                       {layer.layer}};
  return success();
}

PlacementProblem PlacementProblem::on(RoutingTrace other) const {
  return {capacity, slotBudget,       latency,
          node,     std::move(other), secondsPerCopy};
}

LatencyCurve moec::plan::linearLatency(double speed) {
  return {{{0, 0}, {1, 1 / speed}}};
}

PlacementProblem moec::plan::makePlacementProblem(const Topology &topology,
                                                  RoutingTrace trace,
                                                  int64_t slots) {
  PlacementProblem problem;
  const int64_t G = topology.size();
  for (int64_t g = 0; g < G; ++g) {
    const Device &device = topology.devices[g];
    problem.capacity.push_back(slots / G + (g < slots % G));
    problem.latency.push_back(device.expertLatency.empty()
                                  ? linearLatency(device.speed)
                                  : device.expertLatency);
    problem.node.push_back(device.node);
  }
  problem.slotBudget = slots;
  problem.trace = std::move(trace);
  return problem;
}

int64_t LayerPlacement::slots() const {
  int64_t sum = 0;
  for (const std::vector<int32_t> &device : devices)
    sum += static_cast<int64_t>(device.size());
  return sum;
}

std::vector<int32_t> LayerPlacement::replicas(int64_t experts) const {
  std::vector<int32_t> count(experts, 0);
  for (const std::vector<int32_t> &device : devices)
    for (int32_t e : device)
      ++count[e];
  return count;
}

static Status verifyDevice(const PlacementProblem &problem, int64_t l,
                           int64_t g, const std::vector<int32_t> &held,
                           Duplicates duplicates) {
  const LayerRouting &routing = problem.trace.layers[l];
  std::string who = "layer " + str(routing.layer) + ", device " + str(g) + ": ";
  if (static_cast<int64_t>(held.size()) > problem.capacity[g])
    return violated(who + str(held.size()) + " experts in " +
                        str(problem.capacity[g]) + " slots",
                    {routing.layer, g});
  std::vector<int32_t> sorted = held;
  std::sort(sorted.begin(), sorted.end());
  for (int32_t e : sorted)
    if (e < 0 || e >= routing.experts)
      return violated(who + "expert " + str(e) + " is not in 0.." +
                          str(routing.experts - 1),
                      {routing.layer, g, e});
  auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (duplicates == Duplicates::Forbid && twice != sorted.end())
    return violated(who + "expert " + str(*twice) + " is placed twice",
                    {routing.layer, g, *twice});
  return success();
}

Status Placement::verify(const PlacementProblem &problem,
                         Duplicates duplicates) const {
  if (layers.size() != problem.trace.layers.size())
    return violated("the placement has " + str(layers.size()) +
                    " layers and the routing " +
                    str(problem.trace.layers.size()));
  for (size_t l = 0; l < layers.size(); ++l) {
    const LayerRouting &routing = problem.trace.layers[l];
    std::string who = "layer " + str(routing.layer) + ": ";
    if (static_cast<int64_t>(layers[l].devices.size()) != problem.devices())
      return violated(who + "placed on " + str(layers[l].devices.size()) +
                          " devices of " + str(problem.devices()),
                      {routing.layer});
    for (int64_t g = 0; g < problem.devices(); ++g)
      if (Status status = verifyDevice(problem, static_cast<int64_t>(l), g,
                                       layers[l].devices[g], duplicates);
          !status)
        return status;
    if (layers[l].slots() > problem.slotBudget)
      return violated(who + str(layers[l].slots()) +
                          " slots used of a budget of " +
                          str(problem.slotBudget),
                      {routing.layer});
    std::vector<int32_t> count = layers[l].replicas(routing.experts);
    auto missing = std::find(count.begin(), count.end(), 0);
    if (missing != count.end())
      return violated(who + "expert " + str(missing - count.begin()) +
                          " is on no device",
                      {routing.layer, missing - count.begin()});
  }
  return success();
}

double moec::plan::layerCost(const PlacementProblem &problem, int64_t layer,
                             const LayerPlacement &placement) {
  const LayerRouting &routing = problem.trace.layers[layer];
  const std::vector<RowTime> times = rowTimes(problem.latency);
  const std::vector<int32_t> count = placement.replicas(routing.experts);
  double seconds = 0;
  for (const std::vector<int64_t> &loads : routing.stepLoads) {
    double slowest = 0;
    for (int64_t g = 0; g < problem.devices(); ++g) {
      double rows = 0;
      for (int32_t e : placement.devices[g])
        rows += static_cast<double>(loads[e]) / count[e];
      slowest = std::max(slowest, times[g](rows));
    }
    seconds += slowest;
  }
  if (problem.secondsPerCopy > 0)
    seconds +=
        problem.secondsPerCopy * crossNodeCopies(problem, layer, placement);
  return seconds;
}

double Placement::cost(const PlacementProblem &problem) const {
  double seconds = 0;
  for (size_t l = 0; l < layers.size(); ++l)
    seconds += layerCost(problem, static_cast<int64_t>(l), layers[l]);
  return seconds;
}

double moec::plan::maxOverMean(const LayerRouting &routing,
                               const LayerPlacement &placement) {
  const std::vector<int64_t> total = routing.totals();
  const std::vector<int32_t> count = placement.replicas(routing.experts);
  double highest = 0, sum = 0;
  for (const std::vector<int32_t> &device : placement.devices) {
    double rows = 0;
    for (int32_t e : device)
      rows += static_cast<double>(total[e]) / count[e];
    highest = std::max(highest, rows);
    sum += rows;
  }
  return sum > 0 ? highest * static_cast<double>(placement.devices.size()) / sum
                 : 0;
}

int64_t moec::plan::expertMoves(const LayerPlacement &from,
                                const LayerPlacement &to) {
  int64_t moves = 0;
  for (size_t g = 0; g < to.devices.size(); ++g) {
    std::vector<int32_t> had =
        g < from.devices.size() ? from.devices[g] : std::vector<int32_t>{};
    for (int32_t e : to.devices[g]) {
      auto it = std::find(had.begin(), had.end(), e);
      if (it == had.end())
        ++moves;
      else
        had.erase(it);
    }
  }
  return moves;
}
