#include "plan/PairRounds.h"

#include "plan/Matching.h"

#include <algorithm>
#include <numeric>
#include <utility>

using namespace moec::plan;

static std::string str(int64_t value) { return std::to_string(value); }

Status PairRounds::verify(const AllToAllProblem &problem) const {
  const int32_t n = problem.size();
  std::vector<bool> met(int64_t{n} * n, false);
  for (size_t r = 0; r < to.size(); ++r) {
    if (static_cast<int32_t>(to[r].size()) != n)
      return violated("round " + str(r) + " has " + str(to[r].size()) +
                      " destinations for " + str(n) + " ranks");
    std::vector<bool> taken(n, false);
    for (int32_t i = 0; i < n; ++i) {
      int32_t j = to[r][i];
      if (j == -1)
        continue;
      if (j < 0 || j >= n || taken[j] || met[int64_t{i} * n + j])
        return violated("round " + str(r) + " sends from rank " + str(i) +
                            " to rank " + str(j) +
                            ", which is no rank or already served",
                        {static_cast<int64_t>(r), i, j});
      taken[j] = met[int64_t{i} * n + j] = true;
    }
  }
  auto missing = std::find(met.begin(), met.end(), false) - met.begin();
  if (missing < int64_t{n} * n)
    return violated("rank " + str(missing / n) + " never sends to rank " +
                        str(missing % n),
                    {missing / n, missing % n});
  return success();
}

/// Seconds of sending a whole part; 0 to itself.
static double sendSeconds(const AllToAllProblem &problem, int32_t i,
                          int32_t j) {
  if (i == j)
    return 0;
  return static_cast<double>(problem.traffic(i, j)) /
         std::min(problem.bandwidth[i], problem.bandwidth[j]);
}

double PairRounds::cost(const AllToAllProblem &problem) const {
  double seconds = 0;
  for (const std::vector<int32_t> &round : to) {
    double slowest = 0;
    for (int32_t i = 0; i < problem.size(); ++i)
      if (round[i] >= 0)
        slowest = std::max(slowest, sendSeconds(problem, i, round[i]));
    if (slowest > 0)
      seconds += slowest + problem.alpha;
  }
  return seconds;
}

PairRounds moec::plan::rotation(int32_t n) {
  PairRounds rounds;
  for (int32_t r = 0; r < n; ++r) {
    rounds.to.emplace_back(n);
    for (int32_t i = 0; i < n; ++i)
      rounds.to.back()[i] = (i + r) % n;
  }
  return rounds;
}

namespace {
struct Edge {
  int32_t from, to;
  double seconds;
};
} // namespace

/// Perfect matchings one after another, each from the first edges in the order
/// of `edges` that contain one.
static PairRounds peel(int32_t n, std::vector<Edge> edges) {
  PairRounds rounds;
  rounds.to.emplace_back(n);
  std::iota(rounds.to.front().begin(), rounds.to.front().end(), 0);
  while (!edges.empty()) {
    BipartiteMatcher matcher(n);
    bool perfect = matcher.maximize();
    for (size_t e = 0; e < edges.size() && !perfect; ++e)
      if (matcher.addEdge(edges[e].from, edges[e].to))
        perfect = matcher.maximize();
    rounds.to.push_back(matcher.columns());
    const std::vector<int32_t> &taken = rounds.to.back();
    std::erase_if(
        edges, [&](const Edge &edge) { return taken[edge.from] == edge.to; });
  }
  return rounds;
}

Result<PairRounds> moec::plan::solvePairRounds(const AllToAllProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  const int32_t n = problem.size();
  std::vector<Edge> edges;
  for (int32_t i = 0; i < n; ++i)
    for (int32_t j = 0; j < n; ++j)
      if (i != j)
        edges.push_back({i, j, sendSeconds(problem, i, j)});
  PairRounds best = rotation(n);
  double bestCost = best.cost(problem);
  for (bool heavyFirst : {true, false}) {
    std::sort(edges.begin(), edges.end(), [&](const Edge &a, const Edge &b) {
      if (a.seconds != b.seconds)
        return (a.seconds > b.seconds) == heavyFirst;
      return std::pair(a.from, a.to) < std::pair(b.from, b.to);
    });
    PairRounds rounds = peel(n, edges);
    if (double cost = rounds.cost(problem); cost < bestCost * (1 - 1e-9)) {
      best = std::move(rounds);
      bestCost = cost;
    }
  }
  if (Status status = best.verify(problem); !status)
    return status.error();
  return best;
}
