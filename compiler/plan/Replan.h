//===- Replan.h - A better placement with few weights copied --------------===//
//
// Part of moec. After a device is lost or the routing has drifted: the best
// placement that copies at most M experts' weights.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_REPLAN_H
#define MOEC_PLAN_REPLAN_H

#include "plan/PlacementSolvers.h"

#include <cstdint>

namespace moec::plan {

struct ReplanProblem {
  /// The new situation. A lost device has capacity 0.
  PlacementProblem now;
  /// What the devices hold; need not fit the new situation.
  Placement old;
  /// Most slots, over all layers, that may hold an expert which their device
  /// did not hold before. Dropping a replica copies nothing and is free.
  int64_t maxMoves = 0;

  /// `now` is well formed and `old` has its layers, devices and experts.
  Status check() const;
};

struct ReplanSolution {
  Placement placement;
  int64_t moves = 0; ///< weights copied, over all layers

  /// Valid for `now`, and `moves` is true and within the limit.
  Status verify(const ReplanProblem &problem) const;
  double cost(const ReplanProblem &problem) const {
    return placement.cost(problem.now);
  }
  bool operator==(const ReplanSolution &) const = default;
};

/// First repairs: drops what does not fit, places experts that have no device
/// left where they finish first (at the cost of a spare replica where no slot
/// is free). Then takes, over all layers, the change with the largest gain per
/// copied expert until none gains or the moves are spent. Where a placement
/// computed from nothing (`placeByStep`) is within the limit and better, that.
/// Never worse than the repaired placement. Infeasible when the repair alone
/// needs more moves than allowed, or the machine cannot hold the experts.
/// O(moves (E^2 + E G) steps).
Result<ReplanSolution> replan(const ReplanProblem &problem,
                              const SearchOptions &options = {});

} // namespace moec::plan

#endif // MOEC_PLAN_REPLAN_H
