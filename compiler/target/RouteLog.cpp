#include "target/Json.h"
#include "target/Routing.h"
#include "target/RoutingTraps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace moec;
using namespace moec::target;

namespace {
class RouteLogReader {
public:
  RouteLogReader(const std::string &file, const RoutingOptions &options)
      : file(file), options(options) {}

  RoutingFile run(std::string_view text) {
    for (int line = 1; !text.empty(); ++line) {
      size_t end = std::min(text.find('\n'), text.size());
      readLine(text.substr(0, end), line);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (layers.empty())
      throw FileError{file, 0, 0, "", "the log has no row with 'topk_ids'"};
    return finish();
  }

private:
  struct Layer {
    plan::LayerRouting routing;
    std::vector<int64_t> stepEnds; ///< tokens before each later step
    int64_t previous = -1;         ///< token_idx of the last row
  };

  void readLine(std::string_view text, int line) {
    if (text.find_first_not_of(" \t\r") == std::string_view::npos)
      return;
    JsonDocument document(std::string(text), file, line);
    JsonValue row = document.root();
    std::optional<JsonValue> type = row.find("type");
    if (type && type->string() != "route")
      return; // metadata
    int64_t id = row.need("layer").integer(0, maxLayers - 1);
    JsonValue choice = row.need("topk_ids");
    int64_t limit = options.experts ? options.experts : maxExperts;
    std::vector<int64_t> ids = choice.integers("expert ids", -1, limit - 1);
    Layer &layer = layers[id];
    if (layer.routing.topK == 0) {
      layer.routing.layer = id;
      layer.routing.topK = static_cast<int64_t>(ids.size());
    }
    if (ids.empty() || ids.size() > static_cast<size_t>(maxTopK) ||
        static_cast<int64_t>(ids.size()) != layer.routing.topK)
      choice.fail(fmt::format("{} ids; expected {}", ids.size(),
                              layer.routing.topK
                                  ? std::to_string(layer.routing.topK)
                                  : "1 to " + std::to_string(maxTopK)));
    if (auto token = row.find("token_idx"))
      place(layer, token->integer(0, int64_t{1} << 40));
    for (int64_t expert : ids) {
      layer.routing.ids.push_back(static_cast<int32_t>(expert));
      largest = std::max(largest, expert);
    }
  }

  /// A token index that does not grow begins a forward call; one that jumps
  /// ahead shows records that were dropped.
  void place(Layer &layer, int64_t token) {
    if (layer.previous >= 0 && token <= layer.previous)
      layer.stepEnds.push_back(layer.routing.tokens());
    int64_t expected = token <= layer.previous ? 0 : layer.previous + 1;
    jumps += token != expected;
    layer.previous = token;
  }

  RoutingFile finish() {
    RoutingFile result;
    result.format = "route log";
    int64_t loads = 0;
    for (auto &[id, layer] : layers) {
      plan::LayerRouting &routing = layer.routing;
      routing.experts = options.experts ? options.experts
                                        : std::max(largest + 1, routing.topK);
      if (options.stepTokens)
        loads += (routing.tokens() / options.stepTokens + 1) * routing.experts;
      else
        loads +=
            static_cast<int64_t>(layer.stepEnds.size() + 1) * routing.experts;
      if (loads > maxLoads)
        throw FileError{file, 0, 0, "",
                        "the log has too many steps; use larger steps"};
      if (!options.stepTokens)
        fillSteps(layer);
      result.trace.layers.push_back(std::move(routing));
    }
    if (options.stepTokens)
      groupIntoSteps(result.trace, options.stepTokens);
    if (jumps)
      result.warnings.push_back(fmt::format(
          "dropped records: token_idx jumps ahead {} times", jumps));
    for (const std::string &trap : findTraps(result.trace))
      result.warnings.push_back(trap);
    return result;
  }

  static void fillSteps(Layer &layer) {
    plan::LayerRouting &routing = layer.routing;
    layer.stepEnds.push_back(routing.tokens());
    int64_t token = 0;
    for (int64_t end : layer.stepEnds) {
      std::vector<int64_t> loads(routing.experts, 0);
      for (; token < end; ++token)
        for (int64_t k = 0; k < routing.topK; ++k)
          if (int32_t id = routing.ids[token * routing.topK + k]; id >= 0)
            ++loads[id];
      routing.stepLoads.push_back(std::move(loads));
    }
  }

  const std::string &file;
  const RoutingOptions &options;
  std::map<int64_t, Layer> layers;
  int64_t largest = 0;
  int64_t jumps = 0;
};
} // namespace

Result<RoutingFile> moec::target::parseRouteLog(std::string_view text,
                                                const std::string &file,
                                                const RoutingOptions &options) {
  return guarded([&] { return RouteLogReader(file, options).run(text); });
}
