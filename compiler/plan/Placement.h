//===- Placement.h - Which device holds which expert ----------------------===//
//
// Part of moec. The problem, its solution, and what a solution costs. Solvers
// are in PlacementSolvers.h, bounds in PlacementBounds.h, the mathematics in
// placement.md.
//
// Objective (seconds):  sum over layers, over steps t of
//     max_g L_g(load_g(t))  +  secondsPerCopy * copies that leave their node
// where load_g(t) = sum of x_t(e) / replicas(e) over the slots of device g.
//
// How a replicated expert's load is split: the j-th token that reaches expert
// e (in token order) goes to replica j mod replicas(e), replicas counted by
// ascending device. Shares therefore differ by at most one token; costs use
// the exact fraction.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENT_H
#define MOEC_PLAN_PLACEMENT_H

#include "plan/Result.h"
#include "plan/Routing.h"
#include "plan/Topology.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// G devices, L layers, E experts per layer (E may differ between layers).
struct PlacementProblem {
  /// [G] how many experts of one layer a device can hold; may be uneven.
  std::vector<int64_t> capacity;
  /// How many slots of one layer may be filled over all devices;
  /// E <= slotBudget. More than E leaves room for replicas.
  int64_t slotBudget = 0;
  /// [G] seconds of one layer's experts as a function of rows. Not empty.
  std::vector<LatencyCurve> latency;
  /// [G] the node every device sits in, dense ids from 0.
  std::vector<int64_t> node;
  /// What the placement is chosen on.
  RoutingTrace trace;
  /// Price of one token sent to one other node (bytes / network bandwidth); a
  /// token's copies for several experts of a node travel once. 0 leaves
  /// traffic out. Counts only layers with token ids.
  double secondsPerCopy = 0;

  int64_t devices() const { return static_cast<int64_t>(capacity.size()); }
  int64_t nodes() const;
  /// Positive capacities, room for every expert, monotone curves that are not
  /// empty, dense nodes, a well-formed trace with at least one layer.
  Status check() const;
  /// The same problem on other statistics, e.g. the held-out part of a trace.
  PlacementProblem on(RoutingTrace other) const;
};

/// Slots shared out equally (the first devices take the remainder), latency
/// from the measured curve or, where there is none, from the speed: a device
/// of speed s (tokens/s) takes rows / s seconds.
PlacementProblem makePlacementProblem(const Topology &topology,
                                      RoutingTrace trace, int64_t slots);

/// The curve of a device that takes rows / speed seconds.
LatencyCurve linearLatency(double speed);

/// Experts of one layer: devices[g] lists the expert of every filled slot of
/// device g. The order inside a device is the order of its slots.
struct LayerPlacement {
  std::vector<std::vector<int32_t>> devices;

  /// Filled slots over all devices.
  int64_t slots() const;
  /// [experts] in how many slots an expert sits.
  std::vector<int32_t> replicas(int64_t experts) const;
  bool operator==(const LayerPlacement &) const = default;
};

enum class Duplicates {
  Forbid, ///< two replicas of one expert on one device are an error
  Allow,  ///< only for baselines that produce them (EPLB)
};

struct Placement {
  std::vector<LayerPlacement> layers; ///< as the layers of the trace

  /// Every expert placed, no device over its capacity, the slot budget kept,
  /// no expert twice on one device.
  Status verify(const PlacementProblem &problem,
                Duplicates duplicates = Duplicates::Forbid) const;
  /// The objective on the problem's trace, in seconds. Needs a placement that
  /// verifies (duplicates allowed: they add up).
  double cost(const PlacementProblem &problem) const;
  bool operator==(const Placement &) const = default;
};

/// One layer's part of the objective.
double layerCost(const PlacementProblem &problem, int64_t layer,
                 const LayerPlacement &placement);

/// EPLB's own metric of one layer: highest device load over mean device load,
/// of the loads summed over all steps. 1 is perfect. 0 for a layer without
/// load.
double maxOverMean(const LayerRouting &routing,
                   const LayerPlacement &placement);

/// Per layer, how many of a new placement's slots hold an expert that the
/// device did not hold before: the weights that must be copied.
int64_t expertMoves(const LayerPlacement &from, const LayerPlacement &to);

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENT_H
