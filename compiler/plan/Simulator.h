//===- Simulator.h - Run a task graph on paper ----------------------------===//
//
// Part of moec. Predicts when every task of a graph starts and ends.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_SIMULATOR_H
#define MOEC_PLAN_SIMULATOR_H

#include "plan/Result.h"
#include "plan/TaskGraph.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// One task on one of its resources. A transfer through two links is two
/// events; a task without resources is one, with resource -1.
struct TimelineEvent {
  int32_t task = 0;
  int32_t resource = -1;
  double start = 0, end = 0; ///< seconds; a transfer starts with its latency
  bool operator==(const TimelineEvent &) const = default;
};

struct Timeline {
  std::vector<TimelineEvent> events; ///< by task id, then as in the task
  std::vector<double> start, end;    ///< of each task
  double makespan = 0;
};

/// Discrete-event simulation with fluid transfers.
///
/// A task becomes ready when its last dependency ends. A processor runs ready
/// tasks one at a time, first ready first, ties by lowest id. Transfers share
/// links max-min fairly: rates are recomputed whenever a transfer starts or
/// ends, by filling all rates evenly and freezing those whose link is full.
///
/// Guarantee: deterministic. Exact up to rounding for the model above; real
/// links differ by protocol overheads that belong into the bandwidths.
/// Complexity: O(log T) an event, and O(F log F) for each start or end of a
/// transfer, F transfers being active.
/// Fails: `TaskGraph::check`.
/// Source: progressive filling, Bertsekas and Gallager, Data Networks, 6.5.2.
Result<Timeline> simulate(const TaskGraph &graph);

} // namespace moec::plan

#endif // MOEC_PLAN_SIMULATOR_H
