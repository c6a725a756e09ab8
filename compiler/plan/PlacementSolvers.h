//===- PlacementSolvers.h - Solvers of the placement problem --------------===//
//
// Part of moec. Every solver checks its problem first and verifies its result
// before it returns it; it fails with `InvalidInput` on a malformed problem and
// `Infeasible` where its own preconditions do not hold. All are deterministic:
// ties go to the lowest id and the seed is an option.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENTSOLVERS_H
#define MOEC_PLAN_PLACEMENTSOLVERS_H

#include "plan/Placement.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moec::plan {

/// Contiguous blocks of experts, as most engines do by default. Blocks are as
/// even as the capacities allow. O(L E). No replicas.
Result<Placement> placeLinear(const PlacementProblem &problem);

/// Expert e on device e mod G; a full device is skipped. O(L E). No replicas.
Result<Placement> placeRoundRobin(const PlacementProblem &problem);

/// Longest processing time first on average loads: replicates greedily within
/// the slot budget, then gives each replica, heaviest first, to the device with
/// room that would finish first. Speeds and curves count. O(L S (G + log S)).
/// On equal devices within 4/3 of the optimum without capacity limits (Graham
/// 1969); capacity limits void the guarantee.
Result<Placement> placeByAverage(const PlacementProblem &problem);

struct SearchOptions {
  uint64_t seed = 1; ///< of the perturbed restarts
  /// Candidate changes one layer may evaluate, over all its restarts; it
  /// restarts until they are spent or the lower bound is met. A count, not a
  /// clock, so that a run can be repeated.
  int64_t evaluations = 40000;
};

/// GEM's step-level objective (arXiv 2605.19945, reconstructed) with replicas:
/// local search over swaps, moves, and added or dropped replicas from the best
/// of the seeds below. Anytime: never worse on the problem's trace than
/// `placeByAverage`, `placeLinear`, nor EPLB's map without its duplicates.
/// O(steps) a candidate, O(E^2 + E G) candidates a pass.
Result<Placement> placeByStep(const PlacementProblem &problem,
                              const SearchOptions &options = {});

/// `placeByStep` on the problem's steps and several times as many resampled
/// ones (`addResampledSteps`): costs a little more on the trace and less on the
/// steps that follow it. The same where there are no token ids.
Result<Placement> placeByResampledSteps(const PlacementProblem &problem,
                                        const SearchOptions &options = {});

/// Branch and bound; the optimum of the objective, replicas included. Fails as
/// `Infeasible` when a layer needs more than `nodeLimit` search nodes:
/// exponential, meant for about 8 experts on 4 devices.
Result<Placement> placeExactly(const PlacementProblem &problem,
                               int64_t nodeLimit = 2000000);

enum class PlacementStrategy {
  Linear,
  RoundRobin,
  EplbHierarchical,
  EplbGlobal,
  Average,   ///< placeByAverage
  Step,      ///< placeByStep
  Resampled, ///< placeByResampledSteps
  Exact,
  Best,
};
std::string_view strategyName(PlacementStrategy strategy);
/// "linear", "round-robin", "eplb", "eplb-hierarchical", "average", "step",
/// "resampled", "exact", "best".
std::optional<PlacementStrategy> strategyFromName(std::string_view name);

/// What `solvePlacement` decided and against what.
struct PlacementChoice {
  Placement placement;
  PlacementStrategy chosen = PlacementStrategy::Linear;
  double objective = 0; ///< of the placement, on the problem's trace
  double bound = 0;     ///< no placement of this problem costs less
  /// Objective of every baseline that applies, by its name.
  std::vector<std::pair<std::string, double>> baselines;
  /// One sentence: what was compared, and "no gain" where linear stays.
  std::string reason;
};

struct PlacementOptions {
  SearchOptions search;
  int64_t expertGroups = 1; ///< EPLB's groups (hierarchical policy)
};

/// Runs one strategy. `Best` keeps EPLB's map (averages, where EPLB does not
/// apply) unless the search or another one gains more than its standard error
/// in cross-validation over contiguous parts of the trace, and falls back to
/// linear when nothing gains.
Result<PlacementChoice> solvePlacement(const PlacementProblem &problem,
                                       PlacementStrategy strategy,
                                       const PlacementOptions &options = {});

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENTSOLVERS_H
