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

/// Per-token ids uint8 [tokens][layers][k] of a .npy file (version 1); 255
/// marks a hole.
struct TokenIds {
  int64_t tokens = 0, layers = 0, k = 0;
  std::vector<uint8_t> ids;
};
TokenIds readIds(const std::string &path);

/// The same of a file with ids [outer][layers][inner][k]: token i of inner and
/// o of outer is token o * inner + i.
TokenIds readStackedIds(const std::string &path, int64_t outer, int64_t layers,
                        int64_t inner, int64_t k);

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

/// A data set of gpt-oss-20b as a stream of 64 tokens a step, and as a decoder
/// runs it with a place for every fourth sequence.
struct GptOssTrace {
  std::string set;
  int64_t places = 0;
  plan::RoutingTrace stream, decode;
};
std::vector<GptOssTrace> gptOssTraces();

/// Layers with any load of an SGLang `logical_count` file.
plan::RoutingTrace readCounts(const std::string &path);

/// `expert_counts` of every domain of a file of olmoe-mixtral, one step each.
std::vector<plan::RoutingTrace> readDomains(const std::string &path);

/// The log of qwen15-moe-vllm-log: one layer, a step is a forward call.
plan::RoutingTrace readCalls(const std::string &path, int64_t experts);

/// A column of numbers, grouped by another column's text, of a CSV file whose
/// fields hold no commas: the median of every group over the median of all.
std::vector<double> relativeMedians(const std::string &path,
                                    const std::string &value,
                                    const std::string &group);

} // namespace moec::bench

#endif // MOEC_BENCH_PLAN_BENCHTRACES_H
