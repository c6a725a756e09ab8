#include "plan/AllToAllRounds.h"

#include <algorithm>
#include <numeric>

using namespace moec::plan;

namespace {

/// Bytes and peers of one port in one round, in one direction.
struct Use {
  int64_t bytes = 0;
  int32_t peers = 0;
};

/// Moves the sends of short rounds into the others, as long as they get longer
/// by less than what the round saves.
class Dissolver {
public:
  Dissolver(const AllToAllProblem &problem, AllToAllSolution &solution)
      : problem(problem), solution(solution), n(problem.size()),
        uses(solution.rounds.size() * 2 * n) {
    for (size_t r = 0; r < solution.rounds.size(); ++r)
      for (const Send &send : solution.rounds[r].sends) {
        add(out(r, send.src), send.bytes, 1);
        add(in(r, send.dst), send.bytes, 1);
      }
  }

  void run() {
    std::vector<size_t> order(solution.rounds.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      double left = solution.rounds[a].seconds;
      double right = solution.rounds[b].seconds;
      return left == right ? a < b : left < right;
    });
    for (size_t round : order)
      if (solution.rounds[round].seconds <= problem.alpha)
        dissolve(round);
    std::erase_if(solution.rounds,
                  [](const Round &round) { return round.sends.empty(); });
  }

private:
  struct Move {
    size_t host;
    Send send;
    double oldSeconds;
    bool joined; // the host sent between the same devices already
  };

  Use &out(size_t round, int32_t port) { return uses[round * 2 * n + port]; }
  Use &in(size_t round, int32_t port) { return uses[round * 2 * n + n + port]; }
  static void add(Use &use, int64_t bytes, int32_t peers) {
    use.bytes += bytes;
    use.peers += peers;
  }

  Send *find(size_t round, const Send &send) {
    // A sender without bytes here, or a receiver, cannot be part of it.
    if (out(round, send.src).peers == 0 || in(round, send.dst).peers == 0)
      return nullptr;
    for (Send &other : solution.rounds[round].sends)
      if (other.src == send.src && other.dst == send.dst)
        return &other;
    return nullptr;
  }

  double secondsWith(size_t round, const Send &send) {
    double needed =
        std::max(static_cast<double>(out(round, send.src).bytes + send.bytes) /
                     problem.bandwidth[send.src],
                 static_cast<double>(in(round, send.dst).bytes + send.bytes) /
                     problem.bandwidth[send.dst]);
    return std::max(needed, solution.rounds[round].seconds);
  }

  bool takes(size_t round, const Send &send) {
    return (out(round, send.src).peers < solution.portUnits[send.src] &&
            in(round, send.dst).peers < solution.portUnits[send.dst]) ||
           find(round, send);
  }

  void dissolve(size_t round) {
    const double budget = solution.rounds[round].seconds + problem.alpha;
    double spent = 0;
    std::vector<Move> moves;
    for (const Send &send : solution.rounds[round].sends) {
      size_t best = round;
      double growth = budget - spent;
      for (size_t host = 0; host < solution.rounds.size(); ++host) {
        if (host == round || solution.rounds[host].sends.empty())
          continue;
        double longer = secondsWith(host, send) - solution.rounds[host].seconds;
        if (longer < growth && takes(host, send)) {
          growth = longer;
          best = host;
        }
      }
      if (best == round)
        return undo(moves);
      spent += growth;
      moves.push_back(move(best, send));
    }
    for (const Send &send : solution.rounds[round].sends) {
      add(out(round, send.src), -send.bytes, -1);
      add(in(round, send.dst), -send.bytes, -1);
    }
    solution.rounds[round] = {};
  }

  Move move(size_t host, const Send &send) {
    Round &round = solution.rounds[host];
    Move result{host, send, round.seconds, false};
    round.seconds = secondsWith(host, send);
    if (Send *same = find(host, send)) {
      same->bytes += send.bytes;
      result.joined = true;
    } else {
      round.sends.push_back(send);
    }
    add(out(host, send.src), send.bytes, !result.joined);
    add(in(host, send.dst), send.bytes, !result.joined);
    return result;
  }

  void undo(const std::vector<Move> &moves) {
    for (auto move = moves.rbegin(); move != moves.rend(); ++move) {
      Round &round = solution.rounds[move->host];
      const Send &send = move->send;
      if (move->joined)
        find(move->host, send)->bytes -= send.bytes;
      else
        round.sends.pop_back();
      add(out(move->host, send.src), -send.bytes, -!move->joined);
      add(in(move->host, send.dst), -send.bytes, -!move->joined);
      round.seconds = move->oldSeconds;
    }
  }

  const AllToAllProblem &problem;
  AllToAllSolution &solution;
  const size_t n;
  std::vector<Use> uses; // [rounds][out, in][n]
};

} // namespace

AllToAllSolution moec::plan::dissolveRounds(const AllToAllProblem &problem,
                                            AllToAllSolution solution) {
  const double rounds = static_cast<double>(solution.rounds.size());
  if (problem.alpha > 0 && problem.size() * rounds * rounds <= 2e8)
    Dissolver(problem, solution).run();
  return solution;
}

/// Units worth trying: a quantum of q bytes costs up to n * q bytes and saves
/// rounds of alpha, so the time of q lies around alpha, up to whole messages.
static std::vector<int64_t> quantaToTry(const AllToAllProblem &problem) {
  int64_t largest = 0;
  for (int32_t src = 0; src < problem.size(); ++src)
    for (int32_t dst = 0; dst < problem.size(); ++dst)
      if (src != dst)
        largest = std::max(largest, problem.traffic(src, dst));
  const double fastest =
      *std::max_element(problem.bandwidth.begin(), problem.bandwidth.end());
  std::vector<int64_t> quanta;
  for (double factor = 1.0 / 16; factor <= 16; factor *= 2) {
    double quantum = factor * problem.alpha * fastest;
    if (quantum >= 2 && quantum < static_cast<double>(largest))
      quanta.push_back(static_cast<int64_t>(quantum));
  }
  if (largest > 1)
    quanta.push_back(largest);
  return quanta;
}

Result<AllToAllSolution>
moec::plan::solveAllToAll(const AllToAllProblem &problem) {
  Result<AllToAllSolution> best = solveBirkhoff(problem);
  if (!best || problem.alpha == 0 || best->rounds.empty())
    return best;
  double bestCost = best->cost(problem);
  auto offer = [&](AllToAllSolution solution) {
    solution = dissolveRounds(problem, std::move(solution));
    double cost = solution.cost(problem);
    if (cost < bestCost && solution.verify(problem)) {
      bestCost = cost;
      best = std::move(solution);
    }
  };
  offer(AllToAllSolution(*best));
  if (!problem.equalPorts())
    offer(oneToOneRounds(problem, 1));
  if (Result<AllToAllSolution> rotation = solveRotation(problem))
    offer(std::move(*rotation));
  for (int64_t quantum : quantaToTry(problem))
    offer(oneToOneRounds(problem, quantum));
  return best;
}
