#include "target/Json.h"
#include "target/Routing.h"
#include "target/RoutingTraps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

using namespace moec;
using namespace moec::target;

/// Loads above this would let sums over steps and experts overflow.
static constexpr int64_t maxLoad = int64_t{1} << 44;

/// Loads of one layer in one step; all layers of a file have equally many.
static std::vector<int64_t> readLoads(const JsonValue &value,
                                      int64_t &experts) {
  std::vector<int64_t> loads = value.integers("loads per expert", 0, maxLoad);
  int64_t found = static_cast<int64_t>(loads.size());
  if (experts == 0)
    experts = found;
  if (found != experts || found == 0 || found > maxExperts)
    value.fail(fmt::format("{} experts; expected {}", found,
                           experts ? std::to_string(experts)
                                   : "1 to " + std::to_string(maxExperts)));
  return loads;
}

/// [layers][experts] of one step, appended to `trace`.
static void addStep(const JsonValue &step, plan::RoutingTrace &trace,
                    int64_t &experts) {
  std::vector<JsonValue> rows = step.items("layers");
  if (rows.empty() || rows.size() > static_cast<size_t>(maxLayers))
    step.fail(
        fmt::format("{} layers; expected 1 to {}", rows.size(), maxLayers));
  if (trace.layers.empty())
    for (size_t i = 0; i < rows.size(); ++i)
      trace.layers.push_back({static_cast<int64_t>(i), 0, 0, {}, {}});
  if (rows.size() != trace.layers.size())
    step.fail(fmt::format("{} layers; the first step has {}", rows.size(),
                          trace.layers.size()));
  for (size_t i = 0; i < rows.size(); ++i) {
    trace.layers[i].stepLoads.push_back(readLoads(rows[i], experts));
    trace.layers[i].experts = experts;
  }
}

static bool isIdle(const plan::LayerRouting &layer) {
  std::vector<int64_t> totals = layer.totals();
  return std::all_of(totals.begin(), totals.end(),
                     [](int64_t load) { return load == 0; });
}

static RoutingFile readLogicalCount(const JsonValue &root) {
  root.expectKeys(
      {"logical_count", "rank", "average_utilization_rate_over_window"});
  JsonValue counts = root.need("logical_count");
  std::vector<JsonValue> outer = counts.items("layers");
  if (outer.empty())
    counts.fail("the list is empty; expected [layers][experts]");
  std::vector<JsonValue> inner = outer[0].items("experts");
  bool hasSteps = !inner.empty() && inner[0].isArray();
  RoutingFile result;
  result.format = "SGLang logical_count";
  int64_t experts = 0;
  if (hasSteps)
    for (const JsonValue &step : outer)
      addStep(step, result.trace, experts);
  else
    addStep(counts, result.trace, experts);
  // Dense layers are rows of zeros.
  size_t all = result.trace.layers.size();
  std::erase_if(result.trace.layers, isIdle);
  if (result.trace.layers.empty())
    counts.fail("every count is 0; nothing was recorded");
  if (size_t dense = all - result.trace.layers.size())
    result.warnings.push_back(fmt::format(
        "{} of {} layers have no load and count as dense", dense, all));
  return result;
}

/// OLMoE: {domain: {"expert_counts": {"layers", "counts"}, ...}}; every domain
/// is one step.
static RoutingFile readDomains(const JsonValue &root) {
  RoutingFile result;
  result.format = "OLMoE expert_counts";
  std::vector<std::string> domains;
  std::vector<int64_t> layers;
  int64_t experts = 0;
  for (auto it = root.raw().begin(); it != root.raw().end(); ++it) {
    JsonValue counts = root.need(it.key()).need("expert_counts");
    JsonValue ids = counts.need("layers");
    std::vector<int64_t> own = ids.integers("layer ids", 0, maxLayers - 1);
    if (!domains.empty() && own != layers)
      ids.fail("other layers than the first domain has");
    layers = own;
    addStep(counts.need("counts"), result.trace, experts);
    if (layers.size() != result.trace.layers.size())
      ids.fail(fmt::format("{} layer ids for {} rows of counts", layers.size(),
                           result.trace.layers.size()));
    domains.push_back(it.key().substr(0, 40));
  }
  for (size_t i = 0; i < layers.size(); ++i)
    result.trace.layers[i].layer = layers[i];
  result.warnings.push_back(fmt::format(
      "each domain is one step ({}); the cross-layer matrices, which pair "
      "experts of equal rank only, are not read",
      fmt::join(domains, ", ")));
  return result;
}

static RoutingFile readOwn(const JsonValue &root) {
  root.expectKeys({"format", "layers"});
  RoutingFile result;
  result.format = "moec-routing/1";
  JsonValue layers = root.need("layers");
  for (const JsonValue &item : layers.items("layers")) {
    item.expectKeys({"layer", "experts", "top_k", "step_loads"});
    plan::LayerRouting layer;
    layer.layer = item.need("layer").integer(0, int64_t{1} << 20);
    layer.experts = item.need("experts").integer(1, maxExperts);
    layer.topK = item.need("top_k").integer(0, layer.experts);
    for (const JsonValue &step : item.need("step_loads").items("steps"))
      layer.stepLoads.push_back(readLoads(step, layer.experts));
    result.trace.layers.push_back(std::move(layer));
  }
  if (result.trace.layers.empty())
    layers.fail("the list is empty; nothing was recorded");
  return result;
}

static RoutingFile readRoot(const JsonValue &root) {
  if (auto format = root.find("format")) {
    if (format->string() != "moec-routing/1")
      format->fail(fmt::format("format '{}' is not known; expected "
                               "moec-routing/1",
                               format->string().substr(0, 40)));
    return readOwn(root);
  }
  if (root.find("logical_count"))
    return readLogicalCount(root);
  if (root.isObject() && !root.raw().empty() &&
      root.need(root.raw().begin().key()).find("expert_counts"))
    return readDomains(root);
  root.fail("no routing statistics: expected an object with 'logical_count' "
            "(SGLang), 'format' (moec-routing/1), or domains with "
            "'expert_counts' (OLMoE)");
}

Result<RoutingFile> moec::target::parseCounts(std::string text,
                                              const std::string &file) {
  return guarded([&] {
    JsonDocument document(std::move(text), file);
    RoutingFile result = readRoot(document.root());
    for (const std::string &trap : findTraps(result.trace))
      result.warnings.push_back(trap);
    return result;
  });
}

std::string moec::target::printRouting(const plan::RoutingTrace &trace) {
  std::string out = "{\"format\": \"moec-routing/1\", \"layers\": [";
  const char *layerSeparator = "\n";
  for (const plan::LayerRouting &layer : trace.layers) {
    out += fmt::format("{}  {{\"layer\": {}, \"experts\": {}, \"top_k\": {}, "
                       "\"step_loads\": [",
                       layerSeparator, layer.layer, layer.experts, layer.topK);
    layerSeparator = ",\n";
    const char *stepSeparator = "\n";
    for (const std::vector<int64_t> &loads : layer.stepLoads) {
      out += fmt::format("{}    [{}]", stepSeparator, fmt::join(loads, ", "));
      stepSeparator = ",\n";
    }
    out += "]}";
  }
  return out + "\n]}\n";
}
