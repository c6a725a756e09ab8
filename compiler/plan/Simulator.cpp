#include "plan/Simulator.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <set>
#include <vector>

using namespace moec::plan;

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
/// Transfers whose ends differ by less than this fraction of the time end
/// together: rounding must not make steps of their own.
constexpr double simultaneous = 1e-12;

/// Transfers in progress and their max-min fair rates.
class Flows {
public:
  explicit Flows(const TaskGraph &graph)
      : graph(graph), bytesLeft(graph.tasks().size()),
        rate(graph.tasks().size(), 0), through(graph.resources().size()),
        changed(graph.resources().size(), 0),
        count(graph.resources().size(), 0), spare(graph.resources().size(), 0) {
  }

  void start(int32_t task) {
    active.push_back(task);
    bytesLeft[task] = static_cast<double>(graph.tasks()[task].bytes);
    for (int32_t link : graph.tasks()[task].resources) {
      through[link].push_back(task);
      touch(link);
    }
  }

  /// Seconds until the first transfer ends.
  double untilFirstEnd() {
    if (!stale.empty())
      shareLinks();
    double first = never;
    for (int32_t task : active)
      first = std::min(first, bytesLeft[task] / rate[task]);
    return first;
  }

  /// Moves time on by `seconds`, at most `untilFirstEnd()`; appends the
  /// transfers that end, which includes those that end within `slack` seconds.
  void advance(double seconds, double slack, std::vector<int32_t> &ended) {
    size_t kept = 0;
    for (int32_t task : active) {
      bytesLeft[task] -= seconds * rate[task];
      if (bytesLeft[task] <= rate[task] * slack) {
        ended.push_back(task);
        stop(task);
      } else {
        active[kept++] = task;
      }
    }
    active.resize(kept);
  }

  bool empty() const { return active.empty(); }

private:
  void touch(int32_t link) {
    if (!changed[link])
      stale.push_back(link);
    changed[link] = 1;
  }

  void stop(int32_t task) {
    for (int32_t link : graph.tasks()[task].resources) {
      std::erase(through[link], task);
      touch(link);
    }
  }

  /// Extends `stale` to all links that share a transfer, directly or not, with
  /// one of them; rates elsewhere stay. Their transfers' rates are reset.
  void collectAffected() {
    for (size_t i = 0; i < stale.size(); ++i)
      for (int32_t task : through[stale[i]]) {
        rate[task] = 0;
        for (int32_t link : graph.tasks()[task].resources)
          touch(link);
      }
  }

  /// Progressive filling: the link with the smallest share per transfer fixes
  /// the rate of its transfers; take them away and repeat. Shares only rise on
  /// the way, so a share in the heap that is out of date goes back with its new
  /// value.
  void shareLinks() {
    collectAffected();
    std::vector<Share> open;
    for (int32_t link : stale) {
      changed[link] = 0;
      const Resource &resource = graph.resources()[link];
      count[link] = static_cast<int32_t>(through[link].size());
      if (count[link] == 0)
        continue;
      spare[link] =
          resource.bandwidth / (1 + resource.incast * (count[link] - 1));
      open.emplace_back(spare[link] / count[link], link);
    }
    stale.clear();
    std::priority_queue<Share, std::vector<Share>, std::greater<>> shares(
        std::greater<>(), std::move(open));
    while (!shares.empty()) {
      auto [share, link] = shares.top();
      shares.pop();
      if (count[link] == 0)
        continue;
      if (double now = spare[link] / count[link]; now > share)
        shares.push({now, link});
      else
        fixRates(link, share);
    }
  }

  void fixRates(int32_t tightest, double share) {
    for (int32_t task : through[tightest]) {
      if (rate[task] > 0)
        continue;
      rate[task] = share;
      for (int32_t link : graph.tasks()[task].resources) {
        --count[link];
        spare[link] = std::max(spare[link] - share, 0.0);
      }
    }
  }

  using Share = std::pair<double, int32_t>; // per transfer, of a link

  const TaskGraph &graph;
  std::vector<int32_t> active;               // transfers in progress
  std::vector<double> bytesLeft, rate;       // [tasks]
  std::vector<std::vector<int32_t>> through; // [links] their transfers
  std::vector<int32_t> stale;   // links whose rates are to be shared
  std::vector<uint8_t> changed; // [links] in `stale`
  // [links], while rates are shared out:
  std::vector<int32_t> count; // transfers without a rate
  std::vector<double> spare;  // bandwidth not given away yet
};

/// Something that happens to a task at a known time.
struct Alarm {
  double time;
  int32_t task;
  bool operator>(const Alarm &other) const {
    return time != other.time ? time > other.time : task > other.task;
  }
};

class Simulation {
public:
  explicit Simulation(const TaskGraph &graph)
      : graph(graph), flows(graph), waitsFor(graph.tasks().size()),
        successors(graph.tasks().size()), queues(graph.resources().size()),
        busy(graph.resources().size(), 0) {
    timeline.start.assign(graph.tasks().size(), 0);
    timeline.end.assign(graph.tasks().size(), 0);
  }

  Timeline run() {
    const auto &tasks = graph.tasks();
    for (size_t id = 0; id < tasks.size(); ++id) {
      waitsFor[id] = static_cast<int32_t>(tasks[id].dependencies.size());
      for (int32_t dependency : tasks[id].dependencies)
        successors[dependency].push_back(static_cast<int32_t>(id));
    }
    for (size_t id = 0; id < tasks.size(); ++id)
      if (waitsFor[id] == 0)
        makeReady(static_cast<int32_t>(id));
    startQueued();
    while (!alarms.empty() || !flows.empty())
      step();
    writeEvents();
    return std::move(timeline);
  }

private:
  bool isCompute(int32_t task) const {
    const std::vector<int32_t> &used = graph.tasks()[task].resources;
    return used.size() == 1 &&
           graph.resources()[used[0]].kind == ResourceKind::Processor;
  }

  void makeReady(int32_t task) {
    if (isCompute(task)) {
      queues[graph.tasks()[task].resources[0]].insert({now, task});
      touched.push_back(graph.tasks()[task].resources[0]);
      return;
    }
    timeline.start[task] = now;
    alarms.push({now + graph.tasks()[task].latency, task});
  }

  /// Idle processors take their first ready task. Runs once all tasks that
  /// become ready at this time are queued, so that ties go to the lowest id.
  void startQueued() {
    for (int32_t processor : touched) {
      auto &queue = queues[processor];
      if (busy[processor] || queue.empty())
        continue;
      int32_t task = queue.begin()->second;
      queue.erase(queue.begin());
      busy[processor] = 1;
      timeline.start[task] = now;
      alarms.push({now + graph.tasks()[task].seconds, task});
    }
    touched.clear();
  }

  void finish(int32_t task) {
    timeline.end[task] = now;
    timeline.makespan = std::max(timeline.makespan, now);
    if (isCompute(task)) {
      busy[graph.tasks()[task].resources[0]] = 0;
      touched.push_back(graph.tasks()[task].resources[0]);
    }
    for (int32_t successor : successors[task])
      if (--waitsFor[successor] == 0)
        makeReady(successor);
  }

  /// A compute task or a delay ends; a transfer begins to flow.
  void ring(int32_t task) {
    if (!isCompute(task) && graph.tasks()[task].bytes > 0 &&
        !graph.tasks()[task].resources.empty())
      flows.start(task);
    else
      finish(task);
  }

  void step() {
    double nextAlarm = alarms.empty() ? never : alarms.top().time;
    double nextEnd = flows.empty() ? never : now + flows.untilFirstEnd();
    double then = std::min(nextAlarm, nextEnd);
    ended.clear();
    if (!flows.empty())
      flows.advance(then - now, then * simultaneous, ended);
    now = then;
    std::sort(ended.begin(), ended.end());
    for (int32_t task : ended)
      finish(task);
    while (!alarms.empty() && alarms.top().time <= now) {
      int32_t task = alarms.top().task;
      alarms.pop();
      ring(task);
    }
    startQueued();
  }

  void writeEvents() {
    for (size_t id = 0; id < graph.tasks().size(); ++id) {
      auto add = [&](int32_t resource) {
        timeline.events.push_back({static_cast<int32_t>(id), resource,
                                   timeline.start[id], timeline.end[id]});
      };
      for (int32_t resource : graph.tasks()[id].resources)
        add(resource);
      if (graph.tasks()[id].resources.empty())
        add(-1);
    }
  }

  const TaskGraph &graph;
  Flows flows;
  std::vector<int32_t> waitsFor;
  std::vector<std::vector<int32_t>> successors;
  std::vector<std::set<std::pair<double, int32_t>>> queues; // ready, by time
  std::vector<uint8_t> busy;
  std::priority_queue<Alarm, std::vector<Alarm>, std::greater<>> alarms;
  std::vector<int32_t> touched, ended;
  double now = 0;
  Timeline timeline;
};

} // namespace

Result<Timeline> moec::plan::simulate(const TaskGraph &graph) {
  if (Status status = graph.check(); !status)
    return status.error();
  return Simulation(graph).run();
}
