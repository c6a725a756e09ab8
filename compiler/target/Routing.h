//===- Routing.h - Routing statistics from files --------------------------===//
//
// Part of moec. Every format becomes a `plan::RoutingTrace`; README.md beside
// this file describes the formats. Sizes are checked before they are used. A
// file that can be read but smells (copied layers, profiling rows, ...) gives
// warnings that name the trap and the place.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_ROUTING_H
#define MOEC_TARGET_ROUTING_H

#include "plan/Routing.h"
#include "target/FileError.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moec::target {

struct RoutingOptions {
  /// Number of experts of the model, where a file of ids does not say it;
  /// 0: one more than the largest id.
  int64_t experts = 0;
  /// Tokens of per-token ids that run together in one step; 0: the steps of
  /// the file, or `defaultStepTokens` where it has none.
  int64_t stepTokens = 0;
};
inline constexpr int64_t defaultStepTokens = 64;

/// Bounds that keep a hostile file from filling memory.
inline constexpr int64_t maxExperts = 4096;
inline constexpr int64_t maxLayers = 1024;
inline constexpr int64_t maxTopK = 64;
inline constexpr int64_t maxLoads = int64_t{1} << 27; ///< steps x experts, all

struct RoutingFile {
  plan::RoutingTrace trace;          ///< satisfies `check()`, has a layer
  std::string format;                ///< what the file was recognised as
  std::vector<std::string> warnings; ///< one sentence each, for the user
};

/// Reads any of the formats below, recognised by its content.
Result<RoutingFile> readRouting(const std::string &path,
                                const RoutingOptions &options = {});
Result<RoutingFile> parseRouting(std::string bytes, const std::string &file,
                                 const RoutingOptions &options = {});

/// Counts as JSON: SGLang's `logical_count` ([layers][experts], or with steps
/// in front), OLMoE's per-domain counts, and our own moec-routing/1.
Result<RoutingFile> parseCounts(std::string text, const std::string &file);

/// A NumPy array of expert ids: [tokens, layers, k], [steps, layers, tokens,
/// k], or [layers, tokens, k] where the second extent can be no layer count.
/// The largest value of an unsigned type, or -1, marks a hole.
Result<RoutingFile> parseIdArray(std::string_view bytes,
                                 const std::string &file,
                                 const RoutingOptions &options = {});

/// JSONL route log as patched vLLM servers write it: one row per token and
/// layer; `token_idx` starts again at 0 with every forward call.
Result<RoutingFile> parseRouteLog(std::string_view text,
                                  const std::string &file,
                                  const RoutingOptions &options = {});

/// The moec-routing/1 file of the loads of `trace` (ids are not written).
std::string printRouting(const plan::RoutingTrace &trace);

/// The steps of all files behind each other. Fails when they do not have the
/// same layers.
Result<RoutingFile> concatenate(const std::vector<RoutingFile> &files);

} // namespace moec::target

#endif // MOEC_TARGET_ROUTING_H
