//===- PlacementSearch.h - Local search from given placements -------------===//
//
// Part of moec. Internal: what placeByStep and replan share.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENTSEARCH_H
#define MOEC_PLAN_PLACEMENTSEARCH_H

#include "plan/PlacementSolvers.h"

namespace moec::plan {

/// Searches one layer from the cheapest of `seeds` (each valid); returns a
/// placement that costs no more than any of them. `stepWeight` as in
/// PlacementState.
LayerPlacement searchLayer(const PlacementProblem &problem, int64_t layer,
                           const std::vector<LayerPlacement> &seeds,
                           const SearchOptions &options, double stepWeight);

/// The whole problem with a given step weight; 1 is `placeByStep`.
Result<Placement> placeBySearch(const PlacementProblem &problem,
                                const SearchOptions &options,
                                double stepWeight);

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENTSEARCH_H
