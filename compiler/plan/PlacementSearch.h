//===- PlacementSearch.h - Local search from given placements -------------===//
//
// Part of moec. Internal: what placeByStep and replan share.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENTSEARCH_H
#define MOEC_PLAN_PLACEMENTSEARCH_H

#include "plan/PlacementSolvers.h"
#include "plan/PlacementState.h"

namespace moec::plan {

/// Calls `visit(change)` for every change that takes load from device `g`:
/// drops a replica there, moves, copies or swaps an expert to another device,
/// or turns another device's spare replica into one of its experts. Stops when
/// `visit` returns false.
template <typename Visit>
bool forEachChange(const PlacementProblem &problem, const PlacementState &state,
                   int32_t g, Visit visit) {
  for (int32_t e : state.placement().devices[g])
    if (state.replicas(e) > 1 && !visit({{{{g, e, -1}, {}}}}))
      return false;
  // Device by device: the state remembers what it found out about a pair.
  for (int32_t h = 0; h < problem.devices(); ++h)
    for (int32_t e : state.placement().devices[g]) {
      if (h == g || state.holds(h, e))
        continue;
      if (state.hasRoom(h)) {
        if (!visit({{{{g, e, -1}, {h, -1, e}}}}))
          return false;
        if (state.withinBudget() && !visit({{{{h, -1, e}, {}}}}))
          return false;
      }
      for (int32_t f : state.placement().devices[h]) {
        if (!state.holds(g, f) && !visit({{{{g, e, f}, {h, f, e}}}}))
          return false;
        if (state.replicas(f) > 1 && !visit({{{{h, f, e}, {}}}}))
          return false;
      }
    }
  return true;
}

/// Searches one layer from the cheapest of `seeds` (each valid); returns a
/// placement that costs no more than any of them.
LayerPlacement searchLayer(const PlacementProblem &problem, int64_t layer,
                           const std::vector<LayerPlacement> &seeds,
                           const SearchOptions &options);

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENTSEARCH_H
