#include "target/Npy.h"
#include "target/Routing.h"
#include "target/RoutingTraps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace moec;
using namespace moec::target;

namespace {
/// How the extents of an array are read.
struct Layout {
  int64_t steps = 0;            ///< 0: the array has no extent for steps
  int64_t layers, tokens, topK; ///< `tokens` per step when there are steps
  bool layersFirst = false;
};
} // namespace

static Layout layoutOf(const NpyArray &array, const std::string &file) {
  const std::vector<int64_t> &s = array.shape();
  Layout layout;
  if (s.size() == 4)
    layout = {s[0], s[1], s[2], s[3]};
  else if (s.size() == 3 && s[1] > maxLayers && s[0] <= maxLayers)
    layout = {0, s[0], s[1], s[2], true};
  else if (s.size() == 3)
    layout = {0, s[1], s[0], s[2]};
  else
    throw FileError{file, 0, 0, "",
                    fmt::format("shape ({}); expected [tokens, layers, k] or "
                                "[steps, layers, tokens, k]",
                                fmt::join(s, ", "))};
  if (layout.layers > maxLayers || layout.topK > maxTopK)
    throw FileError{file, 0, 0, "",
                    fmt::format("shape ({}): {} layers and k = {}; at most {} "
                                "layers and k = {} are read",
                                fmt::join(s, ", "), layout.layers, layout.topK,
                                maxLayers, maxTopK)};
  return layout;
}

/// Copies the ids into layers; sets the expert count from the largest id.
static plan::RoutingTrace copyIds(const NpyArray &array, const Layout &layout,
                                  const std::string &file,
                                  const RoutingOptions &options) {
  plan::RoutingTrace trace;
  // 255 is a real expert only of a model that is known to have it.
  bool unsignedHole = !(array.isByte() && options.experts > 255);
  int64_t rows = layout.tokens * std::max<int64_t>(layout.steps, 1);
  for (int64_t l = 0; l < layout.layers; ++l) {
    trace.layers.push_back({l, 0, layout.topK, {}, {}});
    trace.layers.back().ids.reserve(rows * layout.topK);
  }
  int64_t limit = options.experts ? options.experts : maxExperts;
  int64_t largest = -1;
  for (int64_t i = 0; i < array.size(); ++i) {
    int64_t id = array.at(i, unsignedHole);
    if (id < -1 || id >= limit)
      throw FileError{file, 0, 0, "",
                      fmt::format("element {} is {}; an expert id is from 0 to "
                                  "{}, or -1 for a hole",
                                  i, id, limit - 1)};
    largest = std::max(largest, id);
    int64_t row = i / layout.topK;
    int64_t layer = layout.layersFirst ? row / layout.tokens
                    : layout.steps     ? row / layout.tokens % layout.layers
                                       : row % layout.layers;
    trace.layers[layer].ids.push_back(static_cast<int32_t>(id));
  }
  if (largest < 0)
    throw FileError{file, 0, 0, "",
                    "every id is a hole; no token names an "
                    "expert"};
  for (plan::LayerRouting &layer : trace.layers)
    layer.experts = options.experts ? options.experts : largest + 1;
  return trace;
}

Result<RoutingFile> moec::target::parseIdArray(std::string_view bytes,
                                               const std::string &file,
                                               const RoutingOptions &options) {
  return guarded([&] {
    NpyArray array(bytes, file);
    Layout layout = layoutOf(array, file);
    RoutingFile result;
    result.format = "npy expert ids";
    result.trace = copyIds(array, layout, file, options);
    int64_t stepTokens = options.stepTokens ? options.stepTokens
                         : layout.steps     ? layout.tokens
                                            : defaultStepTokens;
    const plan::LayerRouting &first = result.trace.layers.front();
    if (layout.topK > first.experts)
      throw FileError{file, 0, 0, "",
                      fmt::format("k = {}, but the ids name only {} experts",
                                  layout.topK, first.experts)};
    int64_t steps = (first.tokens() + stepTokens - 1) / stepTokens;
    if (steps > maxLoads / first.experts / layout.layers)
      throw FileError{file, 0, 0, "",
                      fmt::format("{} steps of {} tokens, {} layers and {} "
                                  "experts are too many; use larger steps",
                                  steps, stepTokens, layout.layers,
                                  first.experts)};
    groupIntoSteps(result.trace, stepTokens);
    if (layout.layersFirst)
      result.warnings.push_back(fmt::format(
          "read as [layers, tokens, k]: {} would be too many layers",
          layout.tokens));
    if (!options.experts)
      result.warnings.push_back(fmt::format(
          "the file does not say how many experts there are; {} by its "
          "largest id",
          first.experts));
    for (const std::string &trap : findTraps(result.trace))
      result.warnings.push_back(trap);
    return result;
  });
}
