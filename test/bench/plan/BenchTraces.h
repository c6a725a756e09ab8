//===- BenchTraces.h - Recorded routing for the placement benchmark -------===//
//
// Part of moec. Readers that know exactly the files below shared/data and no
// other; real input goes through compiler/target.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_BENCH_PLAN_BENCHTRACES_H
#define MOEC_BENCH_PLAN_BENCHTRACES_H

#include "plan/Routing.h"

#include <string>
#include <vector>

namespace moec::bench {

/// The folder of shared data: MOEC_SHARED, or "../shared" above the checkout.
std::string sharedFolder();

/// Per-token ids uint8 [tokens][layers][k] of a .npy file (version 1).
struct TokenIds {
  int64_t tokens = 0, layers = 0, k = 0;
  std::vector<uint8_t> ids;
};
TokenIds readIds(const std::string &path);

struct Sequence {
  int64_t offset = 0, tokens = 0;
};
/// The sequences of one shard of gpt-oss-20b/index.json, in file order.
std::vector<Sequence> readSequences(const std::string &index,
                                    const std::string &shard);

/// Tokens in file order, or in the order in which a decoder with `batch`
/// places generates them: every place works through its next sequence, and a
/// step is one token of each. Cut into steps of `batch` tokens.
plan::RoutingTrace consecutiveSteps(const TokenIds &ids, int64_t experts,
                                    int64_t batch);
plan::RoutingTrace decodeSteps(const TokenIds &ids,
                               const std::vector<Sequence> &sequences,
                               int64_t experts, int64_t batch);

/// Layers with any load of an SGLang `logical_count` file.
plan::RoutingTrace readCounts(const std::string &path);

/// A column of numbers, grouped by another column's text, of a CSV file whose
/// fields hold no commas: the median of every group over the median of all.
std::vector<double> relativeMedians(const std::string &path,
                                    const std::string &value,
                                    const std::string &group);

} // namespace moec::bench

#endif // MOEC_BENCH_PLAN_BENCHTRACES_H
