//===- TaskGraph.h - What runs where, after what --------------------------===//
//
// Part of moec. The input of the simulator: tasks, the resources they occupy,
// and the tasks they wait for. Seconds, bytes, bytes per second.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_TASKGRAPH_H
#define MOEC_PLAN_TASKGRAPH_H

#include "plan/Result.h"
#include "plan/Topology.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moec::plan {

enum class ResourceKind {
  Processor, ///< one task at a time, in the order in which they become ready
  Link,      ///< any number of transfers, max-min fair shares of `bandwidth`
};

/// A device's compute unit, or a port, shared cable, memory channel.
struct Resource {
  std::string name;
  ResourceKind kind = ResourceKind::Processor;
  LatencyCurve curve;   ///< processors: seconds for a number of rows
  double bandwidth = 0; ///< links: bytes/s
  /// Links: k transfers at once share bandwidth / (1 + incast * (k - 1)). Zero:
  /// sharing is free. Positive: many senders into one port lose some of it.
  double incast = 0;
};

/// Compute occupies one processor for `seconds`. A transfer waits `latency`
/// and then moves `bytes` through all its links at once, at one rate; one
/// without links takes only its latency (a delay, or a barrier if that is 0).
struct Task {
  std::string name;
  std::vector<int32_t> resources;
  double seconds = 0;
  double latency = 0;
  int64_t bytes = 0;
  std::vector<int32_t> dependencies; ///< tasks that must have ended
};

/// Ids are dense: the order of the `add` calls, for resources and tasks apart.
class TaskGraph {
public:
  int32_t addProcessor(std::string name, LatencyCurve curve = {});
  int32_t addLink(std::string name, double bandwidth, double incast = 0);

  int32_t addCompute(std::string name, int32_t processor, double seconds,
                     std::vector<int32_t> dependencies = {});
  /// Compute whose time is what the processor's curve says for `rows`.
  /// `processor` must exist.
  int32_t addRows(std::string name, int32_t processor, int64_t rows,
                  std::vector<int32_t> dependencies = {});
  int32_t addTransfer(std::string name, std::vector<int32_t> links,
                      int64_t bytes, double latency,
                      std::vector<int32_t> dependencies = {});
  /// Ends when all its dependencies have.
  int32_t addBarrier(std::string name, std::vector<int32_t> dependencies);
  /// Makes `task` wait for `dependency` too. `task` must exist.
  void addDependency(int32_t task, int32_t dependency);

  const std::vector<Resource> &resources() const { return allResources; }
  const std::vector<Task> &tasks() const { return allTasks; }

  /// Ids exist, quantities are finite and not negative, bandwidths positive,
  /// a task uses one processor or else links, and nothing waits for itself.
  Status check() const;

private:
  Status checkTask(int32_t id) const;
  Status checkAcyclic() const;

  std::vector<Resource> allResources;
  std::vector<Task> allTasks;
};

} // namespace moec::plan

#endif // MOEC_PLAN_TASKGRAPH_H
