#include "plan/Simulator.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <set>

using namespace moec::plan;

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
/// Transfers whose ends differ by less than this fraction of the time end
/// together: rounding must not make steps of their own.
constexpr double simultaneous = 1e-12;

struct Flow {
  int32_t task;
  double bytesLeft;
  double rate = 0;
};

/// Transfers in progress and their max-min fair rates.
class Flows {
public:
  explicit Flows(const TaskGraph &graph)
      : graph(graph), through(graph.resources().size()),
        count(graph.resources().size(), 0), spare(graph.resources().size(), 0) {
  }

  void start(int32_t task) {
    flows.push_back({task, static_cast<double>(graph.tasks()[task].bytes)});
    stale = true;
  }

  /// Seconds until the first transfer ends.
  double untilFirstEnd() {
    if (stale)
      shareLinks();
    double first = never;
    for (const Flow &flow : flows)
      first = std::min(first, flow.bytesLeft / flow.rate);
    return first;
  }

  /// Moves time on by `seconds`, at most `untilFirstEnd()`; appends the
  /// transfers that end, which includes those that end within `slack` seconds.
  void advance(double seconds, double slack, std::vector<int32_t> &ended) {
    size_t kept = 0;
    for (Flow &flow : flows) {
      flow.bytesLeft -= seconds * flow.rate;
      if (flow.bytesLeft <= flow.rate * slack)
        ended.push_back(flow.task);
      else
        flows[kept++] = flow;
    }
    stale |= kept != flows.size();
    flows.resize(kept);
  }

  bool empty() const { return flows.empty(); }

private:
  /// Progressive filling: the link with the smallest share per transfer fixes
  /// the rate of its transfers; take them away and repeat. Shares only rise on
  /// the way, so a share in the heap that is out of date goes back with its new
  /// value.
  void shareLinks() {
    std::vector<int32_t> used;
    for (size_t id = 0; id < flows.size(); ++id) {
      flows[id].rate = 0;
      for (int32_t link : graph.tasks()[flows[id].task].resources) {
        if (through[link].empty())
          used.push_back(link);
        through[link].push_back(static_cast<int32_t>(id));
      }
    }
    std::priority_queue<Share, std::vector<Share>, std::greater<>> shares;
    for (int32_t link : used) {
      const Resource &resource = graph.resources()[link];
      count[link] = static_cast<int32_t>(through[link].size());
      spare[link] =
          resource.bandwidth / (1 + resource.incast * (count[link] - 1));
      shares.push({spare[link] / count[link], link});
    }
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
    for (int32_t link : used)
      through[link].clear();
    stale = false;
  }

  void fixRates(int32_t tightest, double share) {
    for (int32_t id : through[tightest]) {
      if (flows[id].rate > 0)
        continue;
      flows[id].rate = share;
      for (int32_t link : graph.tasks()[flows[id].task].resources) {
        --count[link];
        spare[link] = std::max(spare[link] - share, 0.0);
      }
    }
  }

  using Share = std::pair<double, int32_t>; // per transfer, of a link

  const TaskGraph &graph;
  std::vector<Flow> flows;
  // Of each link, while rates are shared out:
  std::vector<std::vector<int32_t>> through; // its transfers
  std::vector<int32_t> count;                // those without a rate
  std::vector<double> spare;                 // bandwidth not given away yet
  bool stale = false;
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
