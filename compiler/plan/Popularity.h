//===- Popularity.h - Which experts the next layer will be asked for ------===//
//
// Part of moec. Lina's estimate (USENIX ATC'23, §5): tokens that took the same
// path through the last layers mostly choose the same experts next. A path is
// the token's first-ranked expert in each of the last `length` layers; its
// histogram counts the experts its tokens chose in the following layer. With
// length 1 it is the transition matrix between neighbouring layers.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_POPULARITY_H
#define MOEC_PLAN_POPULARITY_H

#include "plan/Result.h"
#include "plan/Routing.h"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace moec::plan {

class PathHistograms {
public:
  /// Counts a trace with token ids whose layers all hold the same tokens, in
  /// model order. Memory: one histogram per path seen. O(tokens layers length).
  static Result<PathHistograms> profile(const RoutingTrace &trace,
                                        int64_t length);

  int64_t pathLength() const { return length; }
  int64_t layers() const { return static_cast<int64_t>(experts.size()); }

  /// How often each expert of `layer` followed the path (first-ranked experts
  /// of the layers before it, the nearest last; only the last `length` count).
  /// A path never seen falls back to its longest seen suffix, down to the
  /// layer's overall popularity. [experts of `layer`]
  const std::vector<int64_t> &histogram(int64_t layer,
                                        std::span<const int32_t> path) const;

  /// The likeliest `topK` experts of `layer` after the path with their
  /// probabilities, likeliest first (ties to the lowest id). At most `topK`,
  /// and none where nothing was counted.
  struct Guess {
    int32_t expert;
    double probability;
  };
  std::vector<Guess> guess(int64_t layer, std::span<const int32_t> path,
                           int64_t topK) const;

  /// Expected share of the batch's token-expert pairs that goes to each expert
  /// of `layer`, [experts]: Lina's equation 1 without its factor N. Sums to 1
  /// exactly when the `topK` likeliest experts hold all of every histogram.
  /// `batch` holds ids of at least the layers before `layer`.
  Result<std::vector<double>> popularity(const RoutingTrace &batch,
                                         int64_t layer, int64_t topK) const;

  /// Share of the batch's tokens whose first-ranked expert in `layer` is the
  /// likeliest one of their path.
  Result<double> accuracy(const RoutingTrace &batch, int64_t layer) const;

private:
  Status checkBatch(const RoutingTrace &batch, int64_t layer,
                    int64_t layersNeeded) const;

  int64_t length = 0;
  std::vector<int64_t> experts; ///< [layers]
  /// [layers] from a path, of 0 to `length` experts, to its histogram.
  std::vector<std::map<std::vector<int32_t>, std::vector<int64_t>>> counts;
};

} // namespace moec::plan

#endif // MOEC_PLAN_POPULARITY_H
