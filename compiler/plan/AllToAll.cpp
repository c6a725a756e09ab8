#include "plan/AllToAll.h"

#include <algorithm>
#include <cmath>

using namespace moec::plan;

/// Rounds of seconds are compared with this relative slack.
static constexpr double tolerance = 1e-9;

bool AllToAllProblem::equalPorts() const {
  return std::all_of(bandwidth.begin(), bandwidth.end(),
                     [&](double value) { return value == bandwidth.front(); });
}

Status AllToAllProblem::check() const {
  if (Status status = traffic.check(); !status)
    return status;
  if (static_cast<int64_t>(bandwidth.size()) != traffic.size())
    return invalid("the traffic is between " + std::to_string(traffic.size()) +
                   " devices, but " + std::to_string(bandwidth.size()) +
                   " port bandwidths are given; give one for each device");
  for (int32_t i = 0; i < size(); ++i)
    if (!std::isfinite(bandwidth[i]) || bandwidth[i] <= 0)
      return invalid("the port bandwidth of device " + std::to_string(i) +
                         " is " + digits(bandwidth[i]) +
                         " bytes/s; expected a positive finite number",
                     {i});
  auto [slowest, fastest] =
      std::minmax_element(bandwidth.begin(), bandwidth.end());
  if (!bandwidth.empty() && *fastest / *slowest > 1e12)
    return invalid("port bandwidths range from " + digits(*slowest) + " to " +
                   digits(*fastest) +
                   " bytes/s, more than a factor of 10^12; give all in the "
                   "same unit");
  if (!std::isfinite(alpha) || alpha < 0)
    return invalid("the cost of a round is " + digits(alpha) +
                   " s; expected a finite number, 0 or more");
  return success();
}

double AllToAllProblem::lowerBound() const {
  double bound = 0;
  for (int32_t i = 0; i < size(); ++i) {
    int64_t bytes = std::max(traffic.sent(i), traffic.received(i));
    bound = std::max(bound, static_cast<double>(bytes) / bandwidth[i]);
  }
  return bound > 0 ? bound + alpha : 0;
}

double AllToAllProblem::oneToOneBound() const {
  if (equalPorts() && alpha == 0)
    return lowerBound(); // one division, so that both are the same double
  const int32_t n = size();
  std::vector<double> out(n, 0), in(n, 0);
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst) {
      if (src == dst || traffic(src, dst) == 0)
        continue;
      double seconds = static_cast<double>(traffic(src, dst)) /
                           std::min(bandwidth[src], bandwidth[dst]) +
                       alpha;
      out[src] += seconds;
      in[dst] += seconds;
    }
  double bound = 0;
  for (int32_t i = 0; i < n; ++i)
    bound = std::max({bound, out[i], in[i]});
  return bound;
}

double moec::plan::roundSeconds(const AllToAllProblem &problem,
                                const std::vector<Send> &sends) {
  const int32_t n = problem.size();
  std::vector<int64_t> load(2 * n, 0);
  double seconds = 0;
  for (const Send &send : sends) {
    int64_t out = load[send.src] += send.bytes;
    int64_t in = load[n + send.dst] += send.bytes;
    seconds = std::max({seconds,
                        static_cast<double>(out) / problem.bandwidth[send.src],
                        static_cast<double>(in) / problem.bandwidth[send.dst]});
  }
  return seconds;
}

static std::string nameSend(const Send &send) {
  return std::to_string(send.bytes) + " bytes from " +
         std::to_string(send.src) + " to " + std::to_string(send.dst);
}

namespace {

struct PortLoad {
  int64_t bytes = 0;
  int32_t peers = 0;
};

/// Checks one round after the other and keeps what is still to be sent.
class RoundChecker {
public:
  RoundChecker(const AllToAllProblem &problem,
               const std::vector<int32_t> &portUnits)
      : problem(problem), portUnits(portUnits), left(problem.traffic),
        out(problem.size()), in(problem.size()) {}

  Status checkRound(int64_t id, const Round &round) {
    const std::string who = "round " + std::to_string(id) + ": ";
    double needed = 0;
    for (const Send &send : round.sends) {
      if (Status status = checkSend(id, who, send); !status)
        return status;
      for (auto [load, port, verb] :
           {Use{&out[send.src], send.src, " sends to "},
            Use{&in[send.dst], send.dst, " receives from "}}) {
        load->bytes += send.bytes;
        if (++load->peers > portUnits[port])
          return violated(who + "device " + std::to_string(port) + verb +
                              std::to_string(load->peers) +
                              " peers; its port takes " +
                              std::to_string(portUnits[port]),
                          {id, port});
        needed = std::max(needed, static_cast<double>(load->bytes) /
                                      problem.bandwidth[port]);
      }
    }
    for (const Send &send : round.sends)
      out[send.src] = in[send.dst] = PortLoad{};
    if (!(round.seconds >= needed * (1 - tolerance)) ||
        !std::isfinite(round.seconds))
      return violated(who + "it lasts " + digits(round.seconds) +
                          " s, but its ports need " + digits(needed) + " s",
                      {id});
    return success();
  }

  Status checkAllSent() const {
    for (int32_t src = 0; src < problem.size(); ++src)
      for (int32_t dst = 0; dst < problem.size(); ++dst)
        if (src != dst && left(src, dst) != 0)
          return violated(nameSend({src, dst, left(src, dst)}) +
                              " are never sent",
                          {src, dst});
    return success();
  }

private:
  Status checkSend(int64_t id, const std::string &who, const Send &send) {
    const int32_t n = problem.size();
    if (send.src < 0 || send.src >= n || send.dst < 0 || send.dst >= n ||
        send.src == send.dst || send.bytes <= 0)
      return violated(who + nameSend(send) +
                          ": expected a positive number between two different "
                          "devices below " +
                          std::to_string(n),
                      {id});
    int64_t &rest = left(send.src, send.dst);
    if (send.bytes > rest)
      return violated(who + nameSend(send) + ", but only " +
                          std::to_string(rest) + " are left to send",
                      {id, send.src, send.dst});
    rest -= send.bytes;
    return success();
  }

  struct Use {
    PortLoad *load;
    int32_t port;
    const char *verb;
  };

  const AllToAllProblem &problem;
  const std::vector<int32_t> &portUnits;
  TrafficMatrix left;
  std::vector<PortLoad> out, in;
};

} // namespace

Status AllToAllSolution::verify(const AllToAllProblem &problem) const {
  if (static_cast<int32_t>(portUnits.size()) != problem.size())
    return violated("the rounds are for " + std::to_string(portUnits.size()) +
                    " devices; the problem has " +
                    std::to_string(problem.size()));
  RoundChecker checker(problem, portUnits);
  for (size_t id = 0; id < rounds.size(); ++id)
    if (Status status =
            checker.checkRound(static_cast<int64_t>(id), rounds[id]);
        !status)
      return status;
  return checker.checkAllSent();
}

double AllToAllSolution::makespan() const {
  double sum = 0;
  for (const Round &round : rounds)
    sum += round.seconds;
  return sum;
}

double AllToAllSolution::cost(const AllToAllProblem &problem) const {
  return makespan() + problem.alpha * static_cast<double>(rounds.size());
}

int64_t moec::plan::makespanBytes(const AllToAllSolution &solution) {
  int64_t sum = 0;
  for (const Round &round : solution.rounds) {
    int64_t largest = 0;
    for (const Send &send : round.sends)
      largest = std::max(largest, send.bytes);
    sum += largest;
  }
  return sum;
}

AllToAllSolution moec::plan::reversed(const AllToAllSolution &solution) {
  AllToAllSolution result = solution;
  for (Round &round : result.rounds)
    for (Send &send : round.sends)
      std::swap(send.src, send.dst);
  return result;
}
