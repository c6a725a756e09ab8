//===- AllToAll.h - The order in which ranks exchange bytes ---------------===//
//
// Part of moec. An all-to-all is cut into rounds; in a round every port sends
// to and receives from few others, so that no receiver is flooded. Rounds run
// one after the other.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_ALLTOALL_H
#define MOEC_PLAN_ALLTOALL_H

#include "plan/Result.h"
#include "plan/Traffic.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// Devices behind one non-blocking switch, each with a full-duplex port.
struct AllToAllProblem {
  TrafficMatrix traffic;         ///< bytes from row to column
  std::vector<double> bandwidth; ///< bytes/s of each port, [n]
  double alpha = 0;              ///< seconds that every round costs on top

  int32_t size() const { return static_cast<int32_t>(traffic.size()); }
  bool equalPorts() const;
  /// Traffic as `TrafficMatrix::check`; one positive finite bandwidth a port,
  /// all within a factor of 10^12; alpha finite and not negative.
  Status check() const;

  /// max_i max(sum_j d_ij / B_i, sum_j d_ji / B_i), plus one alpha if anything
  /// is sent at all: no schedule of any kind is faster.
  double lowerBound() const;
  /// max over ports of the sum of d_ij / min(B_i, B_j), plus alpha times the
  /// number of its peers: no schedule is faster in which a port sends to one
  /// and receives from one peer at a time, and a round costs alpha. With equal
  /// ports and alpha = 0 the same as `lowerBound()`.
  double oneToOneBound() const;
};

struct Send {
  int32_t src = 0, dst = 0;
  int64_t bytes = 0;
  bool operator==(const Send &) const = default;
};

/// Sends that run at the same time, each at a constant rate.
struct Round {
  double seconds = 0; ///< without alpha
  std::vector<Send> sends;
  bool operator==(const Round &) const = default;
};

/// The least time in which all sends can run at once: the largest of bytes out
/// or in of a port over its bandwidth. With one send a port this is
/// max bytes / min(B_src, B_dst).
double roundSeconds(const AllToAllProblem &problem,
                    const std::vector<Send> &sends);

struct AllToAllSolution {
  std::vector<Round> rounds;
  /// How many peers a port may send to (and receive from) in a round, [n]. All
  /// ones: every round is a partial permutation.
  std::vector<int32_t> portUnits;

  /// Every byte of the traffic is sent exactly once; no send is empty or local;
  /// no port has more than `portUnits` peers in a round; no round is shorter
  /// than its ports need.
  Status verify(const AllToAllProblem &problem) const;
  /// Sum of the rounds' seconds.
  double makespan() const;
  /// Real cost: makespan plus alpha per round.
  double cost(const AllToAllProblem &problem) const;
  bool operator==(const AllToAllSolution &) const = default;
};

/// Sum over rounds of the largest send, in bytes: with equal ports and one peer
/// a round this is the makespan in whole bytes, free of rounding.
int64_t makespanBytes(const AllToAllSolution &solution);

/// The same rounds with every send turned round. Solves the transposed traffic
/// in the same time, since ports are full duplex: a combine is the reverse of
/// its dispatch.
AllToAllSolution reversed(const AllToAllSolution &solution);

} // namespace moec::plan

#endif // MOEC_PLAN_ALLTOALL_H
