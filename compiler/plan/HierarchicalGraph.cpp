#include "plan/HierarchicalCarrier.h"

#include <map>
#include <string>

using namespace moec::plan;

namespace {

class GraphBuilder {
public:
  explicit GraphBuilder(const HierarchicalProblem &problem) : problem(problem) {
    for (const char *name : {"net out", "net in", "inside out", "inside in"})
      for (int32_t i = 0; i < problem.size(); ++i)
        graph.addLink(name + (" " + std::to_string(i)),
                      name[0] == 'n' ? problem.networkBandwidth
                                     : problem.intraBandwidth);
  }

  void addRound(const std::vector<Slice> &pieces) {
    // By sender and receiver; slices of one lane cross the network together.
    std::map<std::pair<int32_t, int32_t>, int64_t> first, across, last;
    for (const Slice &piece : pieces) {
      int32_t out = problem.laneOut(piece), in = problem.laneIn(piece);
      across[{out, in}] += piece.bytes;
      if (piece.src != out)
        first[{piece.src, out}] += piece.bytes;
      if (piece.dst != in)
        last[{in, piece.dst}] += piece.bytes;
    }
    rebalanced = send("rebalance", first, Inside, 0, {rebalanced});
    crossed =
        send("network", across, Network, problem.alpha, {rebalanced, crossed});
    send("forward", last, Inside, 0, {crossed});
  }

  TaskGraph finish() {
    std::map<std::pair<int32_t, int32_t>, int64_t> local;
    for (int32_t src = 0; src < problem.size(); ++src)
      for (int32_t dst = 0; dst < problem.size(); ++dst)
        if (src != dst && problem.nodeOf(src) == problem.nodeOf(dst) &&
            problem.traffic(src, dst) > 0)
          local[{src, dst}] = problem.traffic(src, dst);
    send("local", local, Inside, 0, {rebalanced});
    return std::move(graph);
  }

private:
  enum Links { Network = 0, Inside = 2 };

  /// Returns the task that ends when all of the transfers have.
  int32_t send(const std::string &what,
               const std::map<std::pair<int32_t, int32_t>, int64_t> &transfers,
               Links links, double latency, std::vector<int32_t> after) {
    std::erase(after, -1);
    std::vector<int32_t> tasks = after;
    const int32_t n = problem.size();
    for (const auto &[ends, bytes] : transfers)
      tasks.push_back(graph.addTransfer(
          what + " " + std::to_string(ends.first) + "->" +
              std::to_string(ends.second),
          {links * n + ends.first, (links + 1) * n + ends.second}, bytes,
          latency, after));
    return graph.addBarrier(what + " done", tasks);
  }

  const HierarchicalProblem &problem;
  TaskGraph graph;
  int32_t rebalanced = -1, crossed = -1; // the last barrier of each kind
};

} // namespace

TaskGraph moec::plan::hierarchicalGraph(const HierarchicalProblem &problem,
                                        const HierarchicalSolution &solution) {
  GraphBuilder builder(problem);
  RoundCarrier carrier(problem, solution.slices);
  for (const Round &round : solution.rounds.rounds) {
    std::vector<Slice> pieces;
    carrier.carry(round, [&](const Slice &piece) { pieces.push_back(piece); });
    builder.addRound(pieces);
  }
  return builder.finish();
}
