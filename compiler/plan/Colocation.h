//===- Colocation.h - Two models on the same devices ----------------------===//
//
// Part of moec. While one model computes, the other communicates. Every device
// holds one expert of each model; which two, and where, decides how long a
// layer of both takes.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_COLOCATION_H
#define MOEC_PLAN_COLOCATION_H

#include "plan/Result.h"
#include "plan/TaskGraph.h"
#include "plan/Traffic.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// What one MoE layer of a model costs, by expert. An expert's device holds the
/// tokens that start there too, so its sends and receives move with it.
struct ExpertCosts {
  std::vector<int64_t> sent, received; ///< dispatch bytes, [n]
  /// Seconds of gate, FFN and aggregation, row-major [n experts, n devices].
  std::vector<double> gate, ffn, aggregate;

  int32_t size() const { return static_cast<int32_t>(sent.size()); }
  /// Arrays of n and n*n non-negative finite numbers for `devices` == n.
  Status check(int64_t devices) const;
  /// Costs of experts whose times scale with the devices' relative `speed`:
  /// seconds at speed 1 for each expert, [n].
  static ExpertCosts scaled(const TrafficMatrix &traffic,
                            const std::vector<double> &gate,
                            const std::vector<double> &ffn,
                            const std::vector<double> &aggregate,
                            const std::vector<double> &speed);
};

/// |X| of Aurora's Table 2: every phase's maximum over the devices, seconds.
/// A combine is the reverse of its dispatch, so |C| == |N| for each model.
struct PhaseTimes {
  double gateA = 0, gateB = 0, ffnA = 0, ffnB = 0, aggregateA = 0,
         aggregateB = 0;
  double dispatchA = 0, dispatchB = 0; ///< |N^a|, |N^b|
  double bothDispatches = 0;           ///< |N^a + N^b|
  double allFour = 0;                  ///< |N^a + N^b + C^a + C^b|
};

/// When the phases of both models end; `total` is the time of one layer.
struct LayerTimeline {
  double dispatchA = 0, ffnA = 0, dispatchB = 0, ffnB = 0, combineA = 0,
         aggregateA = 0, combineB = 0, aggregateB = 0, total = 0;
};

/// Table 2 of Aurora (arXiv 2410.17043) as printed. It lets a combine end
/// before the FFN that feeds it has: where compute dominates, no program can
/// run like that.
LayerTimeline tableTwo(const PhaseTimes &phases);

/// The same with the missing dependencies: an exchange starts when its compute
/// has ended. Equal to `tableTwo` where the printed times respect that, never
/// shorter.
LayerTimeline dependentTimeline(const PhaseTimes &phases);

enum class ExchangeStart {
  AsPrinted, ///< `tableTwo`
  AfterFfn,  ///< `dependentTimeline`
};

/// Appends one layer of both models, phase by phase, to a graph: `device` (a
/// processor) takes one compute phase at a time; an exchange is a delay, and
/// one that shares the network ends when the sum of all traffic up to it
/// allows. Starts after task `after` (-1: at once). Returns the layer's last
/// task.
int32_t addColocatedLayer(TaskGraph &graph, int32_t device,
                          const PhaseTimes &phases, ExchangeStart start,
                          int32_t after);

struct ColocationProblem {
  ExpertCosts a, b;
  std::vector<double> bandwidth; ///< bytes/s of each device's port, [n]

  int32_t size() const { return static_cast<int32_t>(bandwidth.size()); }
  /// Costs that fit the devices, positive finite bandwidths.
  Status check() const;
  /// `tableTwo` of the smallest value that each phase can have alone:
  /// bottleneck assignments for phases of one model; for shared exchanges the
  /// bottleneck pairing at the fastest port and all bytes over all ports.
  /// O(n^3).
  double lowerBound() const;
};

struct ColocationSolution {
  std::vector<int32_t> deviceOfA, deviceOfB; ///< of each expert, permutations

  PhaseTimes phases(const ColocationProblem &problem) const;
  /// Two permutations of the devices.
  Status verify(const ColocationProblem &problem) const;
  /// `tableTwo(phases).total`.
  double cost(const ColocationProblem &problem) const;
  /// The expert of b that shares its device with each expert of a.
  std::vector<int32_t> partnersOfA() const;
  bool operator==(const ColocationSolution &) const = default;
};

} // namespace moec::plan

#endif // MOEC_PLAN_COLOCATION_H
