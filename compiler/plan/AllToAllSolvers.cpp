#include "plan/AllToAllSolvers.h"

#include "plan/AllToAllRounds.h"

#include <algorithm>
#include <cmath>
#include <utility>

using namespace moec::plan;

AllToAllSolution moec::plan::oneToOneRounds(const AllToAllProblem &problem,
                                            int64_t quantum) {
  const int32_t n = problem.size();
  const double fastest =
      n ? *std::max_element(problem.bandwidth.begin(), problem.bandwidth.end())
        : 0;
  // Very uneven ports and very much traffic: keep sums of ticks below 2^61.
  quantum = std::max(quantum, static_cast<int64_t>(std::ldexp(
                                  problem.oneToOneBound() * fastest, -61)));
  // A tick is the time of one quantum on the fastest port.
  auto bytesPerTick = [&](int32_t src, int32_t dst) {
    double slower = std::min(problem.bandwidth[src], problem.bandwidth[dst]);
    return static_cast<long double>(quantum) * slower / fastest;
  };
  SquareMatrix ticks(n);
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst)
      if (src != dst)
        ticks(src, dst) = static_cast<int64_t>(
            std::ceil(problem.traffic(src, dst) / bytesPerTick(src, dst)));
  AllToAllSolution solution{decompose(ticks), std::vector<int32_t>(n, 1)};
  // Bytes sent after some ticks: rounded down, and all at the last tick.
  SquareMatrix done(n), sent(n);
  for (Round &round : solution.rounds) {
    for (Send &send : round.sends) {
      int64_t after = done(send.src, send.dst) += send.bytes;
      int64_t total = problem.traffic(send.src, send.dst);
      int64_t bytes = static_cast<int64_t>(
          std::floor(after * bytesPerTick(send.src, send.dst)));
      if (after == ticks(send.src, send.dst) || bytes > total)
        bytes = total;
      send.bytes = bytes - std::exchange(sent(send.src, send.dst), bytes);
    }
    std::erase_if(round.sends, [](const Send &s) { return s.bytes == 0; });
  }
  std::erase_if(solution.rounds,
                [](const Round &r) { return r.sends.empty(); });
  timeRounds(problem, solution);
  return solution;
}

/// Equal ports need no ticks: units are bytes and stay exact at any size.
static AllToAllSolution equalPortRounds(const AllToAllProblem &problem) {
  const int32_t n = problem.size();
  SquareMatrix bytes(n);
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst)
      if (src != dst)
        bytes(src, dst) = problem.traffic(src, dst);
  AllToAllSolution solution{decompose(std::move(bytes)),
                            std::vector<int32_t>(n, 1)};
  timeRounds(problem, solution);
  return solution;
}

void moec::plan::timeRounds(const AllToAllProblem &problem,
                            AllToAllSolution &solution) {
  for (Round &round : solution.rounds)
    round.seconds = roundSeconds(problem, round.sends);
}

static Result<AllToAllSolution> verified(const AllToAllProblem &problem,
                                         AllToAllSolution solution) {
  if (Status status = solution.verify(problem); !status)
    return status.error();
  return solution;
}

Result<AllToAllSolution>
moec::plan::solveBirkhoff(const AllToAllProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  return verified(problem, problem.equalPorts() ? equalPortRounds(problem)
                                                : unitPortRounds(problem));
}

Result<AllToAllSolution>
moec::plan::solveOneToOne(const AllToAllProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  return verified(problem, problem.equalPorts() ? equalPortRounds(problem)
                                                : oneToOneRounds(problem, 1));
}

Result<AllToAllSolution>
moec::plan::solveRotation(const AllToAllProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  const int32_t n = problem.size();
  AllToAllSolution solution{{}, std::vector<int32_t>(n, 1)};
  for (int32_t shift = 1; shift < n; ++shift) {
    Round round;
    for (int32_t src = 0; src < n; ++src) {
      int32_t dst = (src + shift) % n;
      if (int64_t bytes = problem.traffic(src, dst))
        round.sends.push_back({src, dst, bytes});
    }
    if (!round.sends.empty())
      solution.rounds.push_back(std::move(round));
  }
  timeRounds(problem, solution);
  return verified(problem, std::move(solution));
}
