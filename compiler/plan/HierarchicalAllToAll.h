//===- HierarchicalAllToAll.h - All-to-all between nodes of devices -------===//
//
// Part of moec. Inside a node devices are joined by fast links; every device
// has one slow network port. A device that must send more than its neighbours
// lends its surplus to their ports.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_HIERARCHICALALLTOALL_H
#define MOEC_PLAN_HIERARCHICALALLTOALL_H

#include "plan/AllToAll.h"
#include "plan/TaskGraph.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Bytes from `src` to `dst` on another node that travel on lane k: `src` hands
/// them to device k of its node (rebalance), that sends them to device k of the
/// other node (network), which hands them to `dst` (forward). No hand-over
/// where the devices are the same.
struct Slice {
  int32_t src = 0, dst = 0, lane = 0;
  int64_t bytes = 0;
  bool operator==(const Slice &) const = default;
};

/// Device i is device i % g of node i / g, g = `devicesPerNode`. All nodes and
/// all ports are equal; ports are full duplex. For unequal ones use the flat
/// solvers.
struct HierarchicalProblem {
  TrafficMatrix traffic; ///< between devices
  int32_t devicesPerNode = 1;
  double networkBandwidth = 0; ///< bytes/s of each device's network port
  double intraBandwidth = 0;   ///< bytes/s of each device inside its node
  double alpha = 0;            ///< seconds of each network round

  int32_t size() const { return static_cast<int32_t>(traffic.size()); }
  int32_t nodes() const { return size() / devicesPerNode; }
  int32_t nodeOf(int32_t device) const { return device / devicesPerNode; }
  /// The devices between which a slice crosses the network.
  int32_t laneOut(const Slice &slice) const {
    return nodeOf(slice.src) * devicesPerNode + slice.lane;
  }
  int32_t laneIn(const Slice &slice) const {
    return nodeOf(slice.dst) * devicesPerNode + slice.lane;
  }
  /// Traffic as `TrafficMatrix::check`; a whole number of nodes; positive
  /// finite bandwidths; alpha finite and not negative.
  Status check() const;

  /// Physical bound: bytes that leave (enter) a node over all its ports, and
  /// bytes that stay in a node over a device's inside link. No schedule is
  /// faster.
  double lowerBound() const;
  /// What no schedule can beat that sends every message over its own devices'
  /// network ports; flat Birkhoff rounds reach it.
  double withoutRebalancing() const;
};

/// Seconds of each phase alone, and of all of them overlapped. Round r crosses
/// the network once its own bytes are rebalanced, and is forwarded after it;
/// the inside links first rebalance all rounds in order, then forward what has
/// arrived, and carry traffic inside the node whenever they are idle.
struct HierarchicalTimes {
  double rebalance = 0, network = 0, forward = 0, local = 0;
  double overlapped = 0;
};

struct HierarchicalSolution {
  std::vector<Slice> slices;
  /// Rounds between nodes; a send of `bytes` means up to that many on each lane
  /// at the same time.
  AllToAllSolution rounds;

  /// Slices cover the traffic between nodes exactly once, and the rounds carry
  /// the fullest lane of every pair of nodes.
  Status verify(const HierarchicalProblem &problem) const;
  HierarchicalTimes times(const HierarchicalProblem &problem) const;
  /// `times().overlapped`; the network's rounds cost alpha each.
  double cost(const HierarchicalProblem &problem) const;
  bool operator==(const HierarchicalSolution &) const = default;
};

/// The traffic of one lane between nodes: the bytes of the fullest lane.
TrafficMatrix laneTraffic(const HierarchicalProblem &problem,
                          const std::vector<Slice> &slices);

/// Shares the bytes of every pair of nodes equally over the lanes (a byte
/// apart), preferring lanes that save a hand-over, then orders the nodes with
/// `solveAllToAll`. Short rounds come first and last, where nothing hides the
/// first rebalance and the last forward, and rounds are cut into pieces where
/// more overlap pays for more alpha.
///
/// Objective: `cost`. Guarantee: with alpha = 0 the network takes at most
/// `lowerBound()` plus (nodes - 1) bytes over the port's bandwidth; rebalance
/// and forward each move every byte at most once, mostly beside the network.
/// Complexity: O(n^2) for the slices and `solveAllToAll` on the nodes.
/// Fails: `check()` only.
/// Source: FAST (arXiv 2505.09764), from its description; the bound is
/// kernels.md section 6.
Result<HierarchicalSolution>
solveHierarchical(const HierarchicalProblem &problem);

/// The solution as transfers over the devices' network ports and inside links
/// (each apart in both directions): a round crosses the network after the one
/// before it and its own hand-overs, and is forwarded after it; traffic inside
/// the nodes follows the last rebalance and shares their links fairly.
TaskGraph hierarchicalGraph(const HierarchicalProblem &problem,
                            const HierarchicalSolution &solution);

} // namespace moec::plan

#endif // MOEC_PLAN_HIERARCHICALALLTOALL_H
