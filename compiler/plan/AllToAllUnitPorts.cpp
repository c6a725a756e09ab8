#include "plan/AllToAllRounds.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

using namespace moec::plan;

/// Bandwidths are measured doubles: B / u just below a whole number is that
/// number.
static int32_t unitsIn(double bandwidth, double unit, int64_t most) {
  double count = std::floor(bandwidth / unit * (1 + 1e-12));
  return static_cast<int32_t>(std::clamp<double>(count, 1, most));
}

UnitPorts moec::plan::chooseUnitPorts(const AllToAllProblem &problem) {
  const int32_t n = problem.size();
  const int64_t limit = std::max(512, 4 * n);
  std::vector<int64_t> bytes(n);
  for (int32_t i = 0; i < n; ++i)
    bytes[i] = std::max(problem.traffic.sent(i), problem.traffic.received(i));
  UnitPorts best;
  auto consider = [&](double unit, int64_t mostOfOne) {
    UnitPorts ports{unit, {}, 0};
    int64_t sum = 0;
    for (int32_t i = 0; i < n && sum <= limit; ++i) {
      ports.count.push_back(unitsIn(problem.bandwidth[i], unit, mostOfOne));
      sum += ports.count[i];
      int64_t piece = (bytes[i] + ports.count[i] - 1) / ports.count[i];
      ports.makespan =
          std::max(ports.makespan, static_cast<double>(piece) / unit);
    }
    const bool better =
        best.unit == 0 || ports.makespan < best.makespan * (1 - 1e-12) ||
        (ports.makespan <= best.makespan * (1 + 1e-12) && unit > best.unit);
    if (sum <= limit && better)
      best = std::move(ports);
  };
  const std::set<double> speeds(problem.bandwidth.begin(),
                                problem.bandwidth.end());
  const double sum =
      std::accumulate(problem.bandwidth.begin(), problem.bandwidth.end(), 0.0);
  for (double speed : speeds)
    for (int64_t k = 1; static_cast<double>(k) * sum / speed <= limit + n; ++k)
      if (speed / k <= *speeds.begin() * (1 + 1e-12))
        consider(speed / k, limit);
  if (n > 0 && best.unit == 0) // too uneven: fast ports run below their speed
    consider(*speeds.begin(), limit / n);
  return best;
}

namespace {

/// Lays messages in a line and cuts it into equal pieces, one for each unit
/// port of a device.
class Cutter {
public:
  Cutter(int64_t total, int32_t count, int32_t firstPort)
      : pieceBytes(total / count), longer(total % count), port(firstPort),
        room(pieceBytes + (longer > 0)) {}

  /// Calls `place(port, bytes)` for every part of the next message.
  template <typename Place> void cut(int64_t bytes, Place place) {
    while (bytes > 0) {
      if (room == 0) {
        ++port;
        room = pieceBytes + (--longer > 0);
        continue;
      }
      int64_t part = std::min(bytes, room);
      place(port, part);
      bytes -= part;
      room -= part;
    }
  }

private:
  int64_t pieceBytes, longer; // the first `longer` pieces have a byte more
  int32_t port;
  int64_t room;
};

} // namespace

/// The traffic between unit ports; `owner` gives the device of each.
static SquareMatrix spreadOverUnits(const AllToAllProblem &problem,
                                    const UnitPorts &units,
                                    std::vector<int32_t> &owner) {
  const int32_t n = problem.size();
  std::vector<Cutter> senders, receivers;
  for (int32_t i = 0; i < n; ++i) {
    int32_t first = static_cast<int32_t>(owner.size());
    senders.emplace_back(problem.traffic.sent(i), units.count[i], first);
    receivers.emplace_back(problem.traffic.received(i), units.count[i], first);
    owner.insert(owner.end(), units.count[i], i);
  }
  SquareMatrix result(static_cast<int32_t>(owner.size()));
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst)
      if (src != dst)
        senders[src].cut(problem.traffic(src, dst),
                         [&](int32_t out, int64_t part) {
                           receivers[dst].cut(part, [&](int32_t in, int64_t b) {
                             result(out, in) += b;
                           });
                         });
  return result;
}

AllToAllSolution moec::plan::unitPortRounds(const AllToAllProblem &problem) {
  UnitPorts units = chooseUnitPorts(problem);
  std::vector<int32_t> owner;
  SquareMatrix spread = spreadOverUnits(problem, units, owner);
  AllToAllSolution solution{decompose(std::move(spread)), units.count};
  for (Round &round : solution.rounds) {
    for (Send &send : round.sends)
      send = {owner[send.src], owner[send.dst], send.bytes};
    // One send for all unit ports that join the same two devices.
    std::sort(round.sends.begin(), round.sends.end(),
              [](const Send &a, const Send &b) {
                return std::pair(a.src, a.dst) < std::pair(b.src, b.dst);
              });
    size_t kept = 0;
    for (const Send &send : round.sends)
      if (kept && round.sends[kept - 1].src == send.src &&
          round.sends[kept - 1].dst == send.dst)
        round.sends[kept - 1].bytes += send.bytes;
      else
        round.sends[kept++] = send;
    round.sends.resize(kept);
  }
  timeRounds(problem, solution);
  return solution;
}
