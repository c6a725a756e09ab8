#include "plan/HierarchicalAllToAll.h"

#include "plan/AllToAllSolvers.h"
#include "plan/HierarchicalCarrier.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace moec::plan;

static bool isBandwidth(double value) {
  return std::isfinite(value) && value > 0;
}

Status HierarchicalProblem::check() const {
  if (Status status = traffic.check(); !status)
    return status;
  if (devicesPerNode < 1 || size() % devicesPerNode != 0)
    return invalid("the traffic is between " + std::to_string(size()) +
                   " devices, which are no whole number of nodes of " +
                   std::to_string(devicesPerNode) +
                   "; use the flat solvers for unequal nodes");
  if (!isBandwidth(networkBandwidth) || !isBandwidth(intraBandwidth))
    return invalid("the bandwidths are " + digits(networkBandwidth) +
                   " (network) and " + digits(intraBandwidth) +
                   " (inside a node) bytes/s; expected positive finite "
                   "numbers");
  if (!std::isfinite(alpha) || alpha < 0)
    return invalid("the cost of a round is " + digits(alpha) +
                   " s; expected a finite number, 0 or more");
  return success();
}

namespace {

/// Bytes out of and into each of some ports.
struct PortSums {
  std::vector<int64_t> out, in;
  explicit PortSums(int32_t ports) : out(ports, 0), in(ports, 0) {}
  void add(int32_t from, int32_t to, int64_t bytes) {
    out[from] += bytes;
    in[to] += bytes;
  }
  void add(const PortSums &other) {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] += other.out[i];
      in[i] += other.in[i];
    }
  }
  double largest() const {
    int64_t most = 0;
    for (size_t i = 0; i < out.size(); ++i)
      most = std::max({most, out[i], in[i]});
    return static_cast<double>(most);
  }
};

/// Calls `visit(src, dst, bytes)` for all messages between two devices.
template <typename Visit>
void forEachMessage(const TrafficMatrix &traffic, Visit visit) {
  const int32_t n = static_cast<int32_t>(traffic.size());
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst)
      if (int64_t bytes = traffic(src, dst); bytes && src != dst)
        visit(src, dst, bytes);
}

} // namespace

/// Seconds that traffic inside nodes needs.
static double localSeconds(const HierarchicalProblem &problem) {
  PortSums local(problem.size());
  forEachMessage(problem.traffic, [&](int32_t src, int32_t dst, int64_t bytes) {
    if (problem.nodeOf(src) == problem.nodeOf(dst))
      local.add(src, dst, bytes);
  });
  return local.largest() / problem.intraBandwidth;
}

double HierarchicalProblem::lowerBound() const {
  PortSums network(nodes());
  forEachMessage(traffic, [&](int32_t src, int32_t dst, int64_t bytes) {
    if (nodeOf(src) != nodeOf(dst))
      network.add(nodeOf(src), nodeOf(dst), bytes);
  });
  double seconds = network.largest() / (devicesPerNode * networkBandwidth);
  return std::max(seconds > 0 ? seconds + alpha : 0, localSeconds(*this));
}

double HierarchicalProblem::withoutRebalancing() const {
  PortSums network(size());
  forEachMessage(traffic, [&](int32_t src, int32_t dst, int64_t bytes) {
    if (nodeOf(src) != nodeOf(dst))
      network.add(src, dst, bytes);
  });
  double seconds = network.largest() / networkBandwidth;
  return std::max(seconds > 0 ? seconds + alpha : 0, localSeconds(*this));
}

TrafficMatrix moec::plan::laneTraffic(const HierarchicalProblem &problem,
                                      const std::vector<Slice> &slices) {
  const int32_t lanes = problem.devicesPerNode, nodes = problem.nodes();
  std::vector<int64_t> bytes(int64_t{nodes} * nodes * lanes, 0);
  TrafficMatrix fullest(nodes);
  for (const Slice &slice : slices) {
    int32_t from = problem.nodeOf(slice.src), to = problem.nodeOf(slice.dst);
    int64_t pair = int64_t{from} * nodes + to;
    int64_t sum = bytes[pair * lanes + slice.lane] += slice.bytes;
    fullest(from, to) = std::max(fullest(from, to), sum);
  }
  return fullest;
}

/// The rounds' problem: nodes as devices, one lane as their port.
static AllToAllProblem laneProblem(const HierarchicalProblem &problem,
                                   const std::vector<Slice> &slices) {
  return {laneTraffic(problem, slices),
          std::vector<double>(problem.nodes(), problem.networkBandwidth),
          problem.alpha};
}

static std::string nameSlice(const Slice &slice) {
  return "slice of " + std::to_string(slice.bytes) + " bytes from " +
         std::to_string(slice.src) + " to " + std::to_string(slice.dst) +
         " on lane " + std::to_string(slice.lane);
}

Status HierarchicalSolution::verify(const HierarchicalProblem &problem) const {
  TrafficMatrix left = problem.traffic;
  const int32_t n = problem.size();
  for (const Slice &slice : slices) {
    if (slice.src < 0 || slice.src >= n || slice.dst < 0 || slice.dst >= n ||
        slice.lane < 0 || slice.lane >= problem.devicesPerNode ||
        slice.bytes <= 0 ||
        problem.nodeOf(slice.src) == problem.nodeOf(slice.dst))
      return violated(nameSlice(slice) +
                          ": expected a positive number between devices of two "
                          "nodes, on one of " +
                          std::to_string(problem.devicesPerNode) + " lanes",
                      {slice.src, slice.dst});
    if ((left(slice.src, slice.dst) -= slice.bytes) < 0)
      return violated(
          nameSlice(slice) + ": only " +
              std::to_string(left(slice.src, slice.dst) + slice.bytes) +
              " bytes are left to send",
          {slice.src, slice.dst});
  }
  Status complete = success();
  forEachMessage(left, [&](int32_t src, int32_t dst, int64_t bytes) {
    if (complete && problem.nodeOf(src) != problem.nodeOf(dst))
      complete = violated(std::to_string(bytes) + " bytes from " +
                              std::to_string(src) + " to " +
                              std::to_string(dst) + " are on no lane",
                          {src, dst});
  });
  if (!complete)
    return complete;
  return rounds.verify(laneProblem(problem, slices));
}

HierarchicalTimes
HierarchicalSolution::times(const HierarchicalProblem &problem) const {
  PortSums rebalance(problem.size()), forward(problem.size());
  RoundCarrier carrier(problem, slices);
  std::vector<double> arrivals, forwards;
  double inside = 0, network = 0; // when each is free again
  for (const Round &round : rounds.rounds) {
    PortSums first(problem.size()), last(problem.size());
    carrier.carry(round, [&](const Slice &piece) {
      int32_t out = problem.laneOut(piece), in = problem.laneIn(piece);
      if (piece.src != out)
        first.add(piece.src, out, piece.bytes);
      if (piece.dst != in)
        last.add(in, piece.dst, piece.bytes);
    });
    rebalance.add(first);
    forward.add(last);
    inside += first.largest() / problem.intraBandwidth;
    network = std::max(network, inside) + round.seconds + problem.alpha;
    forwards.push_back(last.largest() / problem.intraBandwidth);
    arrivals.push_back(network);
  }
  double busy = inside;
  for (size_t i = 0; i < forwards.size(); ++i) {
    inside = std::max(inside, arrivals[i]) + forwards[i];
    busy += forwards[i];
  }
  const double local = localSeconds(problem);
  return {rebalance.largest() / problem.intraBandwidth,
          rounds.cost(laneProblem(problem, slices)),
          forward.largest() / problem.intraBandwidth, local,
          std::max({inside, network, busy + local})};
}

double HierarchicalSolution::cost(const HierarchicalProblem &problem) const {
  return times(problem).overlapped;
}

namespace {

/// Shares the messages from one node to another over the lanes.
class LaneSharer {
public:
  LaneSharer(const HierarchicalProblem &problem, int32_t from, int32_t to,
             std::vector<Slice> &slices)
      : g(problem.devicesPerNode), first(from * g), last(to * g),
        slices(slices), left(g * g), room(g) {
    int64_t total = 0;
    for (int32_t a = 0; a < g; ++a)
      for (int32_t b = 0; b < g; ++b)
        total += left[a * g + b] = problem.traffic(first + a, last + b);
    // Odd bytes start at another lane for every pair of nodes.
    for (int32_t lane = 0; lane < g; ++lane)
      room[(lane + from + to) % g] = total / g + (lane < total % g);
  }

  void share() {
    for (int32_t a = 0; a < g; ++a)
      give(a, a, a); // no hand-over at all
    for (int32_t a = 0; a < g; ++a)
      for (int32_t b = 0; b < g; ++b) {
        give(a, b, a); // no rebalance
        give(a, b, b); // no forward
      }
    for (int32_t a = 0; a < g; ++a)
      for (int32_t b = 0; b < g; ++b)
        for (int32_t lane = 0; lane < g && left[a * g + b]; ++lane)
          give(a, b, lane);
  }

private:
  void give(int32_t a, int32_t b, int32_t lane) {
    int64_t bytes = std::min(left[a * g + b], room[lane]);
    if (bytes == 0)
      return;
    left[a * g + b] -= bytes;
    room[lane] -= bytes;
    slices.push_back({first + a, last + b, lane, bytes});
  }

  int32_t g, first, last;
  std::vector<Slice> &slices;
  std::vector<int64_t> left; // [g sources, g destinations]
  std::vector<int64_t> room; // [lanes]
};

} // namespace

/// Longest rounds in the middle: sorted by time, dealt to both ends in turn.
static void rampUpAndDown(std::vector<Round> &rounds) {
  std::vector<size_t> order(rounds.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return rounds[a].seconds == rounds[b].seconds
               ? a < b
               : rounds[a].seconds < rounds[b].seconds;
  });
  std::vector<Round> result(rounds.size());
  size_t front = 0, back = rounds.size();
  for (size_t i = 0; i < order.size(); ++i)
    result[i % 2 ? --back : front++] = std::move(rounds[order[i]]);
  rounds = std::move(result);
}

/// Every round as `pieces` rounds of equal parts.
static AllToAllSolution splitRounds(const AllToAllSolution &solution,
                                    int64_t pieces) {
  AllToAllSolution result{{}, solution.portUnits};
  for (const Round &round : solution.rounds)
    for (int64_t piece = 0; piece < pieces; ++piece) {
      Round part;
      for (const Send &send : round.sends)
        if (int64_t bytes = send.bytes / pieces + (piece < send.bytes % pieces))
          part.sends.push_back({send.src, send.dst, bytes});
      if (!part.sends.empty())
        result.rounds.push_back(std::move(part));
    }
  return result;
}

/// Cuts rounds into up to 16 pieces where more overlap pays for their alpha.
static void splitWherePays(const HierarchicalProblem &problem,
                           HierarchicalSolution &solution) {
  const AllToAllProblem lanes = laneProblem(problem, solution.slices);
  HierarchicalSolution candidate = solution;
  double best = solution.cost(problem);
  const AllToAllSolution whole = solution.rounds;
  for (int64_t pieces = 2; pieces <= 16; pieces *= 2) {
    candidate.rounds = splitRounds(whole, pieces);
    for (Round &round : candidate.rounds.rounds)
      round.seconds = roundSeconds(lanes, round.sends);
    rampUpAndDown(candidate.rounds.rounds);
    if (double cost = candidate.cost(problem); cost < best) {
      best = cost;
      solution.rounds = candidate.rounds;
    }
  }
}

Result<HierarchicalSolution>
moec::plan::solveHierarchical(const HierarchicalProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  HierarchicalSolution solution;
  for (int32_t from = 0; from < problem.nodes(); ++from)
    for (int32_t to = 0; to < problem.nodes(); ++to)
      if (from != to)
        LaneSharer(problem, from, to, solution.slices).share();
  Result<AllToAllSolution> rounds =
      solveAllToAll(laneProblem(problem, solution.slices));
  if (!rounds)
    return rounds.error();
  solution.rounds = std::move(*rounds);
  rampUpAndDown(solution.rounds.rounds);
  splitWherePays(problem, solution);
  if (Status status = solution.verify(problem); !status)
    return status.error();
  return solution;
}
