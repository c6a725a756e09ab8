//===- AllToAllBaselines.h - What others do, in the same cost model -------===//
//
// Part of moec. Schedules without a guarantee, to compare rounds with. A
// baseline that starts a message costs alpha each time, as a round does.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ALLTOALLBASELINES_H
#define MOEC_PLAN_ALLTOALLBASELINES_H

#include "plan/AllToAll.h"
#include "plan/TaskGraph.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moec::plan {

/// In which order a sender works through its messages, one after the other.
enum class SendOrder {
  ShortestFirst, ///< SJF: fewest bytes first, ties by receiver
  Random,        ///< a random order for each sender
  Rotation,      ///< receiver i + 1, i + 2, ... (mod n)
  AllAtOnce,     ///< no order: every message starts at time 0
};

/// The messages of each sender in that order, [n][messages]; `seed` is used by
/// Random only. A sender without traffic has none.
std::vector<std::vector<Send>> orderSends(const AllToAllProblem &problem,
                                          SendOrder order, uint64_t seed);

/// The all-to-all as transfers over one link for each port and direction.
/// Senders run on their own; messages that meet at a receiver share its port.
TaskGraph sendsGraph(const AllToAllProblem &problem,
                     const std::vector<std::vector<Send>> &messages,
                     SendOrder order);

/// Rounds one after the other, a barrier and alpha between them.
TaskGraph roundsGraph(const AllToAllProblem &problem,
                      const AllToAllSolution &solution);

/// Seconds until the last message ends when senders run on their own: fluid,
/// max-min fair ports. Fails on `check()`. Simulates every message: seconds at
/// 320 devices, more for AllAtOnce.
Result<double> simulateOrder(const AllToAllProblem &problem, SendOrder order,
                             uint64_t seed);

/// Aurora's Algorithm 1 (arXiv 2410.17043), taken literally: devices in
/// descending order of traffic place each message into the earliest time in
/// which both its ports are free, in pieces if need be. One peer at a time at
/// min(B_i, B_j). It can miss the bound: there is no matching in it. Returns
/// seconds, plus alpha times the most pieces a port sends. Fails on `check()`.
Result<double> greedyMakespan(const AllToAllProblem &problem);

struct BaselineCost {
  std::string name;
  double seconds = 0;
};

/// All of the above: "sjf", "random", "rotation", "all-at-once", "algorithm-1";
/// without "all-at-once" above 64 devices, where n^2 transfers share links.
Result<std::vector<BaselineCost>> baselineCosts(const AllToAllProblem &problem,
                                                uint64_t seed);

} // namespace moec::plan

#endif // MOEC_PLAN_ALLTOALLBASELINES_H
