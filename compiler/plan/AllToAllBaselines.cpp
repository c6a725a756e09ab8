#include "plan/AllToAllBaselines.h"

#include "plan/Simulator.h"

#include <algorithm>
#include <numeric>
#include <random>

using namespace moec::plan;

std::vector<std::vector<Send>>
moec::plan::orderSends(const AllToAllProblem &problem, SendOrder order,
                       uint64_t seed) {
  const int32_t n = problem.size();
  std::mt19937_64 random(seed);
  std::vector<std::vector<Send>> messages(n);
  for (int32_t src = 0; src < n; ++src) {
    std::vector<Send> &own = messages[src];
    for (int32_t shift = 1; shift < n; ++shift) {
      int32_t dst = (src + shift) % n;
      if (int64_t bytes = problem.traffic(src, dst))
        own.push_back({src, dst, bytes});
    }
    if (order == SendOrder::ShortestFirst)
      std::sort(own.begin(), own.end(), [](const Send &a, const Send &b) {
        return std::pair(a.bytes, a.dst) < std::pair(b.bytes, b.dst);
      });
    if (order == SendOrder::Random) // Fisher-Yates: the same on every platform
      for (size_t i = own.size(); i > 1; --i)
        std::swap(own[i - 1], own[random() % i]);
  }
  return messages;
}

/// Links of the ports: [0, n) out, [n, 2n) in.
static TaskGraph portsGraph(const AllToAllProblem &problem) {
  TaskGraph graph;
  for (const char *direction : {"out", "in"})
    for (int32_t i = 0; i < problem.size(); ++i)
      graph.addLink(direction + std::to_string(i), problem.bandwidth[i]);
  return graph;
}

static int32_t addSend(TaskGraph &graph, const AllToAllProblem &problem,
                       const Send &send, double latency,
                       std::vector<int32_t> dependencies) {
  return graph.addTransfer(std::to_string(send.src) + "->" +
                               std::to_string(send.dst),
                           {send.src, problem.size() + send.dst}, send.bytes,
                           latency, std::move(dependencies));
}

TaskGraph moec::plan::sendsGraph(const AllToAllProblem &problem,
                                 const std::vector<std::vector<Send>> &messages,
                                 SendOrder order) {
  TaskGraph graph = portsGraph(problem);
  for (const std::vector<Send> &own : messages) {
    std::vector<int32_t> after;
    for (const Send &send : own) {
      int32_t task = addSend(graph, problem, send, problem.alpha, after);
      if (order != SendOrder::AllAtOnce)
        after = {task};
    }
  }
  return graph;
}

TaskGraph moec::plan::roundsGraph(const AllToAllProblem &problem,
                                  const AllToAllSolution &solution) {
  TaskGraph graph = portsGraph(problem);
  std::vector<int32_t> after;
  for (const Round &round : solution.rounds) {
    std::vector<int32_t> tasks;
    for (const Send &send : round.sends)
      tasks.push_back(addSend(graph, problem, send, problem.alpha, after));
    after = {graph.addBarrier("round end", std::move(tasks))};
  }
  return graph;
}

Result<double> moec::plan::simulateOrder(const AllToAllProblem &problem,
                                         SendOrder order, uint64_t seed) {
  if (Status status = problem.check(); !status)
    return status.error();
  Result<Timeline> timeline =
      simulate(sendsGraph(problem, orderSends(problem, order, seed), order));
  if (!timeline)
    return timeline.error();
  return timeline->makespan;
}

namespace {

/// The times at which a port is busy: disjoint, sorted.
class BusyTimes {
public:
  /// The end of the busy time that covers `time`, or `time` if it is free.
  double freeFrom(double time) const {
    auto it = after(time);
    return it != spans.begin() && std::prev(it)->second > time
               ? std::prev(it)->second
               : time;
  }
  /// The first busy time that starts after `time`.
  double busyFrom(double time, double otherwise) const {
    auto it = after(time);
    return it == spans.end() ? otherwise : it->first;
  }
  void add(double start, double end) {
    auto it = spans.insert(after(start), {start, end});
    if (auto next = std::next(it); next != spans.end() && next->first <= end) {
      it->second = next->second;
      it = std::prev(spans.erase(next));
    }
    if (it != spans.begin() && std::prev(it)->second >= it->first) {
      std::prev(it)->second = it->second;
      spans.erase(it);
    }
  }

private:
  using Span = std::pair<double, double>;
  std::vector<Span>::const_iterator after(double time) const {
    return std::upper_bound(
        spans.begin(), spans.end(), time,
        [](double value, const Span &span) { return value < span.first; });
  }
  std::vector<Span> spans;
};

class GreedySlots {
public:
  explicit GreedySlots(const AllToAllProblem &problem)
      : problem(problem), out(problem.size()), in(problem.size()),
        pieces(problem.size(), 0), placed(problem.size()) {}

  double run() {
    const int32_t n = problem.size();
    std::vector<double> busy(n);
    for (int32_t i = 0; i < n; ++i)
      busy[i] = static_cast<double>(std::max(problem.traffic.sent(i),
                                             problem.traffic.received(i))) /
                problem.bandwidth[i];
    std::vector<int32_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return busy[a] == busy[b] ? a < b : busy[a] > busy[b];
    });
    for (int32_t device : order)
      for (int32_t peer = 0; peer < n; ++peer) {
        place(device, peer);
        place(peer, device);
      }
    int32_t most = 0;
    for (int32_t count : pieces)
      most = std::max(most, count);
    return makespan + problem.alpha * most;
  }

private:
  void place(int32_t src, int32_t dst) {
    if (src == dst || placed(src, dst)++)
      return;
    double left = static_cast<double>(problem.traffic(src, dst)) /
                  std::min(problem.bandwidth[src], problem.bandwidth[dst]);
    for (double time = 0; left > 0;) {
      double start = std::max(out[src].freeFrom(time), in[dst].freeFrom(time));
      if (start > time) {
        time = start; // the other port may be busy by then
        continue;
      }
      double stop = time + left;
      stop = std::min(out[src].busyFrom(time, stop), stop);
      stop = std::min(in[dst].busyFrom(time, stop), stop);
      bool last = stop >= time + left;
      out[src].add(time, stop);
      in[dst].add(time, stop);
      ++pieces[src];
      makespan = std::max(makespan, stop);
      left = last ? 0 : left - (stop - time);
      time = stop;
    }
  }

  const AllToAllProblem &problem;
  std::vector<BusyTimes> out, in;
  std::vector<int32_t> pieces;
  TrafficMatrix placed; // 1 once a message has its place
  double makespan = 0;
};

} // namespace

Result<double> moec::plan::greedyMakespan(const AllToAllProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  return GreedySlots(problem).run();
}

Result<std::vector<BaselineCost>>
moec::plan::baselineCosts(const AllToAllProblem &problem, uint64_t seed) {
  std::vector<BaselineCost> result;
  for (auto [name, order] : {std::pair{"sjf", SendOrder::ShortestFirst},
                             {"random", SendOrder::Random},
                             {"rotation", SendOrder::Rotation},
                             {"all-at-once", SendOrder::AllAtOnce}}) {
    if (order == SendOrder::AllAtOnce && problem.size() > 64)
      continue;
    Result<double> seconds = simulateOrder(problem, order, seed);
    if (!seconds)
      return seconds.error();
    result.push_back({name, *seconds});
  }
  Result<double> greedy = greedyMakespan(problem);
  if (!greedy)
    return greedy.error();
  result.push_back({"algorithm-1", *greedy});
  return result;
}
