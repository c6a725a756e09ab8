//===- HierarchicalCarrier.h - Slices round by round ----------------------===//
//
// Part of moec. Internal: what the timing and the task graph of a hierarchical
// all-to-all share.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_HIERARCHICALCARRIER_H
#define MOEC_PLAN_HIERARCHICALCARRIER_H

#include "plan/HierarchicalAllToAll.h"

#include <algorithm>

namespace moec::plan {

/// What the slices send in each round: those of a lane go in order.
class RoundCarrier {
public:
  RoundCarrier(const HierarchicalProblem &problem,
               const std::vector<Slice> &slices)
      : problem(problem), queues(int64_t{problem.nodes()} * problem.nodes() *
                                 problem.devicesPerNode) {
    for (const Slice &slice : slices)
      queue(problem.nodeOf(slice.src), problem.nodeOf(slice.dst), slice.lane)
          .push_back(slice);
    for (std::vector<Slice> &own : queues)
      std::reverse(own.begin(), own.end()); // the next one is at the back
  }

  /// Calls `visit` for the part of every slice that the next round carries.
  template <typename Visit> void carry(const Round &round, Visit visit) {
    for (const Send &send : round.sends)
      for (int32_t lane = 0; lane < problem.devicesPerNode; ++lane) {
        std::vector<Slice> &own = queue(send.src, send.dst, lane);
        for (int64_t left = send.bytes; left > 0 && !own.empty();) {
          Slice &next = own.back();
          int64_t bytes = std::min(left, next.bytes);
          visit(Slice{next.src, next.dst, lane, bytes});
          left -= bytes;
          if ((next.bytes -= bytes) == 0)
            own.pop_back();
        }
      }
  }

private:
  std::vector<Slice> &queue(int32_t from, int32_t to, int32_t lane) {
    int64_t pair = int64_t{from} * problem.nodes() + to;
    return queues[pair * problem.devicesPerNode + lane];
  }

  const HierarchicalProblem &problem;
  std::vector<std::vector<Slice>> queues; // [nodes, nodes, lanes]
};

} // namespace moec::plan

#endif // MOEC_PLAN_HIERARCHICALCARRIER_H
