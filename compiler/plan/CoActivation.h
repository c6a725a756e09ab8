//===- CoActivation.h - Experts that the same token asks for --------------===//
//
// Part of moec. A token's copies for several experts of one node cross the
// network once, so experts that are chosen together belong on one node.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_COACTIVATION_H
#define MOEC_PLAN_COACTIVATION_H

#include "plan/Placement.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// [experts x experts], row-major, symmetric: tokens that chose both experts;
/// the diagonal counts the tokens of an expert. All zero without token ids.
std::vector<int64_t> coActivation(const LayerRouting &routing);

/// Expected copies of tokens that leave their node: the sum over tokens of the
/// nodes that hold a replica it uses, times (N-1)/N because the token's own
/// node is as likely any of the N. 0 without token ids or with one node.
double crossNodeCopies(const PlacementProblem &problem, int64_t layer,
                       const LayerPlacement &placement);

/// Groups experts that are chosen together on one node: heaviest expert first,
/// to the node that holds most of its companions among those with room whose
/// load stays within a tenth of its fair share by speed; inside the node to the
/// device that would finish first. No replicas. A seed without guarantee.
/// O(E^2 + tokens k^2).
LayerPlacement groupByCoActivation(const PlacementProblem &problem,
                                   int64_t layer);

/// Keeps `crossNodeCopies` up to date while experts change places. Unowned: the
/// problem must outlive it.
class CopyCounter {
public:
  /// `maxTokens` bounds the work of one change: of longer traces an evenly
  /// strided sample is counted and scaled up; 0 counts all.
  CopyCounter(const PlacementProblem &problem, int64_t layer,
              int64_t maxTokens = 0);

  /// False when there is nothing to count: no ids or one node.
  bool active() const { return !tokensOf.empty(); }
  double copies() const { return static_cast<double>(visits) * scale; }
  /// Expert `e` now lives on these devices (ascending).
  void setHomes(int32_t e, const std::vector<int32_t> &devices);

private:
  void count(int32_t e, int64_t sign);

  const PlacementProblem &problem;
  int64_t nodes = 0;
  double scale = 1;
  int64_t visits = 0; ///< (token, node) pairs with at least one use
  struct Use {
    int32_t token; ///< index in the sample
    int64_t rank;  ///< how many tokens reached the expert before
  };
  std::vector<std::vector<Use>> tokensOf;     ///< [experts]
  std::vector<std::vector<int32_t>> homeNode; ///< [experts][replica]
  std::vector<int16_t> uses;                  ///< [sample x nodes]
};

} // namespace moec::plan

#endif // MOEC_PLAN_COACTIVATION_H
