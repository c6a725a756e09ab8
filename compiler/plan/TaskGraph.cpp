#include "plan/TaskGraph.h"

#include <cmath>

using namespace moec::plan;

int32_t TaskGraph::addProcessor(std::string name, LatencyCurve curve) {
  allResources.push_back(
      {std::move(name), ResourceKind::Processor, std::move(curve)});
  return static_cast<int32_t>(allResources.size()) - 1;
}

int32_t TaskGraph::addLink(std::string name, double bandwidth, double incast) {
  allResources.push_back(
      {std::move(name), ResourceKind::Link, {}, bandwidth, incast});
  return static_cast<int32_t>(allResources.size()) - 1;
}

int32_t TaskGraph::addCompute(std::string name, int32_t processor,
                              double seconds,
                              std::vector<int32_t> dependencies) {
  allTasks.push_back(
      {std::move(name), {processor}, seconds, 0, 0, std::move(dependencies)});
  return static_cast<int32_t>(allTasks.size()) - 1;
}

int32_t TaskGraph::addRows(std::string name, int32_t processor, int64_t rows,
                           std::vector<int32_t> dependencies) {
  return addCompute(std::move(name), processor,
                    allResources[processor].curve(rows),
                    std::move(dependencies));
}

int32_t TaskGraph::addTransfer(std::string name, std::vector<int32_t> links,
                               int64_t bytes, double latency,
                               std::vector<int32_t> dependencies) {
  allTasks.push_back({std::move(name), std::move(links), 0, latency, bytes,
                      std::move(dependencies)});
  return static_cast<int32_t>(allTasks.size()) - 1;
}

int32_t TaskGraph::addBarrier(std::string name,
                              std::vector<int32_t> dependencies) {
  return addTransfer(std::move(name), {}, 0, 0, std::move(dependencies));
}

void TaskGraph::addDependency(int32_t task, int32_t dependency) {
  allTasks[task].dependencies.push_back(dependency);
}

static bool isQuantity(double value) {
  return std::isfinite(value) && value >= 0;
}

static bool isId(int32_t id, size_t count) {
  return id >= 0 && static_cast<size_t>(id) < count;
}

Status TaskGraph::check() const {
  for (size_t id = 0; id < allResources.size(); ++id) {
    const Resource &resource = allResources[id];
    std::string who = "resource '" + resource.name + "': ";
    if (resource.kind == ResourceKind::Link &&
        (!isQuantity(resource.bandwidth) || resource.bandwidth == 0))
      return invalid(who + "its bandwidth is " + digits(resource.bandwidth) +
                         " bytes/s; expected a positive finite number",
                     {static_cast<int64_t>(id)});
    if (!isQuantity(resource.incast))
      return invalid(who + "its incast loss is " + digits(resource.incast) +
                         "; expected a finite number, 0 or more",
                     {static_cast<int64_t>(id)});
  }
  for (size_t id = 0; id < allTasks.size(); ++id)
    if (Status status = checkTask(static_cast<int32_t>(id)); !status)
      return status;
  return checkAcyclic();
}

Status TaskGraph::checkTask(int32_t id) const {
  const Task &task = allTasks[id];
  std::string who = "task '" + task.name + "': ";
  for (int32_t resource : task.resources) {
    if (!isId(resource, allResources.size()))
      return invalid(who + "resource " + std::to_string(resource) +
                         " does not exist; there are " +
                         std::to_string(allResources.size()),
                     {id, resource});
    if (allResources[resource].kind == ResourceKind::Processor &&
        task.resources.size() > 1)
      return invalid(who + "it uses processor '" + allResources[resource].name +
                         "' and another resource; split it into two tasks",
                     {id, resource});
  }
  if (!isQuantity(task.seconds) || !isQuantity(task.latency) || task.bytes < 0)
    return invalid(who + "seconds, latency and bytes must be finite and not "
                         "negative",
                   {id});
  for (int32_t dependency : task.dependencies)
    if (!isId(dependency, allTasks.size()))
      return invalid(who + "it waits for task " + std::to_string(dependency) +
                         ", which does not exist; there are " +
                         std::to_string(allTasks.size()),
                     {id, dependency});
  return success();
}

/// Removes tasks whose dependencies are all removed; a rest is a cycle.
Status TaskGraph::checkAcyclic() const {
  std::vector<int32_t> waitsFor(allTasks.size(), 0), ready;
  std::vector<std::vector<int32_t>> successors(allTasks.size());
  for (size_t id = 0; id < allTasks.size(); ++id) {
    waitsFor[id] = static_cast<int32_t>(allTasks[id].dependencies.size());
    for (int32_t dependency : allTasks[id].dependencies)
      successors[dependency].push_back(static_cast<int32_t>(id));
    if (waitsFor[id] == 0)
      ready.push_back(static_cast<int32_t>(id));
  }
  size_t removed = 0;
  for (; !ready.empty(); ++removed) {
    int32_t task = ready.back();
    ready.pop_back();
    for (int32_t successor : successors[task])
      if (--waitsFor[successor] == 0)
        ready.push_back(successor);
  }
  for (size_t id = 0; removed < allTasks.size() && id < allTasks.size(); ++id)
    if (waitsFor[id] > 0)
      return invalid("task '" + allTasks[id].name +
                         "' waits for itself through its dependencies",
                     {static_cast<int64_t>(id)});
  return success();
}
