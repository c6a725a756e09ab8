//===- Replication.h - Lina's replicas and packing for one layer ----------===//
//
// Part of moec. From the estimated popularity of a layer's experts to replicas
// on devices, and the check after the gate that asks for a new plan (Lina,
// USENIX ATC'23, §5; rounding and ties, which the paper leaves open, are ours).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_REPLICATION_H
#define MOEC_PLAN_REPLICATION_H

#include "plan/Placement.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

struct ReplicationProblem {
  /// [experts] expected share of the layer's load; not negative, sum <= 1 (up
  /// to rounding). `PathHistograms::popularity` makes it.
  std::vector<double> popularity;
  int64_t devices = 0;      ///< N, all equal
  int64_t maxPerDevice = 4; ///< experts a device may hold, Lina's limit

  Status check() const;
};

/// Replicas of every expert: floor(N p), at least one; then one more for
/// popular experts (N p > 1) by largest remainder of N p while slots last.
/// [experts]
std::vector<int64_t> replicaCounts(const ReplicationProblem &problem);

/// Packs replicas, each with an even share of its expert's load, first fit
/// decreasing into devices of capacity 1 (a device's fair share). What fits
/// nowhere goes to the least loaded device with room; experts without expected
/// load to the device with the fewest experts. Never two replicas of an expert
/// on one device; a replica without a place is left out. O(S (N + log S)) for
/// S replicas. Infeasible when the experts outnumber the slots.
Result<LayerPlacement> placeByPopularity(const ReplicationProblem &problem);

/// True when the 2k most popular experts of the estimate and of the gate are
/// different sets (ties to the lowest id).
bool needsReplan(const std::vector<double> &estimated,
                 const std::vector<int64_t> &actual, int64_t k);

/// What a layer runs with once its gate has spoken.
struct LinaDecision {
  LayerPlacement placement;
  bool replanned = false; ///< the check fired and a new plan was computed
};

/// Lina's second phase: keeps `planned` when `needsReplan` says no; otherwise
/// plans with the true counts, and takes that plan where its highest device
/// load is below the old one's.
Result<LinaDecision> confirmOrReplan(const ReplicationProblem &problem,
                                     const LayerPlacement &planned,
                                     const std::vector<int64_t> &actual,
                                     int64_t k);

/// Tokens of `count` that replica `r` of `replicas` gets: token j goes to
/// replica j mod replicas.
int64_t replicaShare(int64_t count, int64_t replicas, int64_t r);

} // namespace moec::plan

#endif // MOEC_PLAN_REPLICATION_H
