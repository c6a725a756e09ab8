#include "plan/AllToAllRounds.h"

#include <algorithm>
#include <bit>
#include <numeric>

using namespace moec::plan;

namespace {

/// Bytes and peers of one port in one round, in one direction.
struct Use {
  int64_t bytes = 0;
  int32_t peers = 0;
};

/// Sets of rounds as bits, one for each port and direction.
class RoundSets {
public:
  RoundSets(size_t sets, size_t rounds)
      : words((rounds + 63) / 64), bits(sets * words) {}

  void assign(size_t set, size_t round, bool in) {
    uint64_t &word = bits[set * words + round / 64];
    const uint64_t bit = uint64_t{1} << (round % 64);
    word = in ? word | bit : word & ~bit;
  }
  uint64_t word(size_t set, size_t index) const {
    return bits[set * words + index];
  }

  const size_t words;

private:
  std::vector<uint64_t> bits;
};

/// Moves the sends of short rounds into the others, as long as they get longer
/// by less than what the round saves.
class Dissolver {
public:
  Dissolver(const AllToAllProblem &problem, AllToAllSolution &solution)
      : problem(problem), solution(solution), n(problem.size()),
        uses(solution.rounds.size() * 2 * n),
        open(2 * n + 1, solution.rounds.size()), firstHost(n * n, -1) {
    for (size_t r = 0; r < solution.rounds.size(); ++r) {
      open.assign(alive, r, true);
      for (size_t port = 0; port < n; ++port) {
        open.assign(1 + port, r, true);
        open.assign(1 + n + port, r, true);
      }
      for (size_t i = 0; i < solution.rounds[r].sends.size(); ++i) {
        const Send &send = solution.rounds[r].sends[i];
        use(r, send, send.bytes, 1);
        host(send, r, i);
      }
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
  /// A send of a pair: where it stands, and the pair's next one.
  struct Host {
    size_t round, send;
    int32_t next;
  };
  static constexpr size_t alive = 0; // the set of rounds not dissolved

  Use &out(size_t round, int32_t port) { return uses[round * 2 * n + port]; }
  Use &in(size_t round, int32_t port) { return uses[round * 2 * n + n + port]; }

  /// Adds bytes and peers to both ports of the send.
  void use(size_t round, const Send &send, int64_t bytes, int32_t peers) {
    for (Use *port : {&out(round, send.src), &in(round, send.dst)}) {
      port->bytes += bytes;
      port->peers += peers;
    }
    open.assign(1 + send.src, round,
                out(round, send.src).peers < solution.portUnits[send.src]);
    open.assign(1 + n + send.dst, round,
                in(round, send.dst).peers < solution.portUnits[send.dst]);
  }

  int32_t &firstHostOf(const Send &send) {
    return firstHost[send.src * n + send.dst];
  }
  void host(const Send &send, size_t round, size_t index) {
    hosts.push_back({round, index, firstHostOf(send)});
    firstHostOf(send) = static_cast<int32_t>(hosts.size()) - 1;
  }

  Send *find(size_t round, const Send &send) {
    for (int32_t h = firstHostOf(send); h >= 0; h = hosts[h].next)
      if (hosts[h].round == round)
        return &solution.rounds[round].sends[hosts[h].send];
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

  /// The round that gets least longer, by less than `growth`, which is set to
  /// by how much; `none` without one. Where the pair is served already the
  /// send takes no port, so that comes first.
  size_t bestHost(const Send &send, double &growth, size_t none) {
    size_t best = none;
    auto consider = [&](size_t round) {
      double longer = secondsWith(round, send) - solution.rounds[round].seconds;
      if (longer < growth) {
        growth = longer;
        best = round;
      }
    };
    for (int32_t h = firstHostOf(send); h >= 0; h = hosts[h].next)
      if (open.word(alive, hosts[h].round / 64) >> (hosts[h].round % 64) & 1)
        consider(hosts[h].round);
    for (size_t w = 0; w < open.words && growth > 0; ++w)
      for (uint64_t bits = open.word(alive, w) & open.word(1 + send.src, w) &
                           open.word(1 + n + send.dst, w);
           bits && growth > 0; bits &= bits - 1)
        consider(w * 64 + std::countr_zero(bits));
    return best;
  }

  void dissolve(size_t round) {
    const double budget = solution.rounds[round].seconds + problem.alpha;
    double spent = 0;
    std::vector<Move> moves;
    open.assign(alive, round, false);
    for (const Send &send : solution.rounds[round].sends) {
      double growth = budget - spent;
      size_t best = bestHost(send, growth, round);
      if (best == round) {
        undo(moves);
        open.assign(alive, round, true);
        return;
      }
      spent += growth;
      moves.push_back(move(best, send));
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
      this->host(send, host, round.sends.size());
      round.sends.push_back(send);
    }
    use(host, send, send.bytes, !result.joined);
    return result;
  }

  void undo(const std::vector<Move> &moves) {
    for (auto move = moves.rbegin(); move != moves.rend(); ++move) {
      Round &round = solution.rounds[move->host];
      const Send &send = move->send;
      if (move->joined) {
        find(move->host, send)->bytes -= send.bytes;
      } else {
        round.sends.pop_back();
        firstHostOf(send) = hosts.back().next;
        hosts.pop_back();
      }
      use(move->host, send, -send.bytes, -!move->joined);
      round.seconds = move->oldSeconds;
    }
  }

  const AllToAllProblem &problem;
  AllToAllSolution &solution;
  const size_t n;
  std::vector<Use> uses; // [rounds][out, in][n]
  /// The rounds alive, then those where a port may send to one more peer, [n],
  /// and those where it may receive from one more, [n].
  RoundSets open;
  std::vector<Host> hosts;        // of all pairs
  std::vector<int32_t> firstHost; // [n x n] the last one added, -1: none
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
