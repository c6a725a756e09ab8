#include "target/RoutingTraps.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

using namespace moec::plan;

/// Shorter runs of equal rows, and copies of less data, happen by chance.
static constexpr int64_t minRun = 64;
static constexpr int64_t minPairs = 64;

static int64_t pairsOf(const LayerRouting &layer) {
  std::vector<int64_t> totals = layer.totals();
  return std::accumulate(totals.begin(), totals.end(), int64_t{0});
}

static void findCopies(const RoutingTrace &trace,
                       std::vector<std::string> &out) {
  std::map<std::pair<std::vector<int32_t>, std::vector<std::vector<int64_t>>>,
           int64_t>
      first;
  int64_t copies = 0;
  std::string example;
  for (const LayerRouting &layer : trace.layers) {
    if (pairsOf(layer) < minPairs)
      continue;
    auto [it, added] =
        first.emplace(std::pair(layer.ids, layer.stepLoads), layer.layer);
    if (!added && copies++ == 0)
      example =
          fmt::format("layer {} is equal to layer {}", layer.layer, it->second);
  }
  if (copies)
    out.push_back(fmt::format(
        "copied layers: {} of {} layers are exact copies of others ({}); a "
        "recording does not repeat itself, leave the copies out",
        copies, trace.layers.size(), example));
}

/// Number of rows of `layer` inside runs of at least `minRun` equal rows.
static int64_t rowsInRuns(const LayerRouting &layer) {
  int64_t inRuns = 0, run = 0;
  auto row = [&](int64_t t) { return layer.ids.begin() + t * layer.topK; };
  for (int64_t t = 0; t < layer.tokens(); ++t) {
    bool same = t > 0 && std::equal(row(t), row(t) + layer.topK, row(t - 1));
    bool hole = *row(t) < 0;
    run = same && !hole ? run + 1 : 1;
    if (run >= minRun)
      inRuns += run == minRun ? minRun : 1;
  }
  return inRuns;
}

static void findRuns(const RoutingTrace &trace, std::vector<std::string> &out) {
  int64_t layers = 0, worst = 0;
  const LayerRouting *where = nullptr;
  for (const LayerRouting &layer : trace.layers)
    if (int64_t rows = rowsInRuns(layer); rows > 0) {
      ++layers;
      if (rows > worst) {
        worst = rows;
        where = &layer;
      }
    }
  if (where)
    out.push_back(fmt::format(
        "dummy rows: {} of {} rows of layer {} stand in runs of {} or more "
        "equal rows ({} layers have such runs); engines write them while they "
        "profile memory, remove them",
        worst, where->tokens(), where->layer, minRun, layers));
}

static void findHoles(const RoutingTrace &trace,
                      std::vector<std::string> &out) {
  size_t holes = 0, ids = 0;
  for (const LayerRouting &layer : trace.layers) {
    ids += layer.ids.size();
    holes +=
        static_cast<size_t>(std::count(layer.ids.begin(), layer.ids.end(), -1));
  }
  if (holes)
    out.push_back(fmt::format("dropped records: {} of {} ids are holes ({:.1f} "
                              "%)",
                              holes, ids,
                              100. * static_cast<double>(holes) /
                                  static_cast<double>(ids)));
  auto less = [](const LayerRouting &a, const LayerRouting &b) {
    return pairsOf(a) < pairsOf(b);
  };
  auto [low, high] =
      std::minmax_element(trace.layers.begin(), trace.layers.end(), less);
  if (!holes && low != trace.layers.end() && pairsOf(*low) != pairsOf(*high))
    out.push_back(fmt::format(
        "dropped records: layer {} counts {} token-expert pairs, layer {} "
        "counts {}; every layer sees the same tokens, so records are missing "
        "or the recording windows differ",
        low->layer, pairsOf(*low), high->layer, pairsOf(*high)));
}

static void findRepeats(const RoutingTrace &trace,
                        std::vector<std::string> &out) {
  int64_t repeats = 0;
  std::vector<int32_t> row;
  for (const LayerRouting &layer : trace.layers)
    for (int64_t t = 0; t < layer.tokens(); ++t) {
      auto begin = layer.ids.begin() + t * layer.topK;
      row.assign(begin, begin + layer.topK);
      std::sort(row.begin(), row.end());
      auto firstId = std::upper_bound(row.begin(), row.end(), -1);
      repeats += std::adjacent_find(firstId, row.end()) != row.end();
    }
  if (repeats)
    out.push_back(fmt::format("repeated experts: {} rows name an expert twice; "
                              "a router picks k different ones",
                              repeats));
}

/// The size of a cliff in the loads of a layer: the number of experts k such
/// that k experts of similar load take at least 15 % of the tokens each, and
/// the next one less than 0.55 of the last of them.
static std::optional<int64_t> cliffOf(const LayerRouting &layer) {
  std::vector<int64_t> loads = layer.totals();
  std::sort(loads.rbegin(), loads.rend());
  double total = static_cast<double>(pairsOf(layer));
  int64_t least = layer.topK ? layer.topK : 2;
  int64_t most = layer.topK ? layer.topK : 16;
  for (int64_t k = least; k <= most && k <= layer.experts / 8; ++k) {
    double last = static_cast<double>(loads[k - 1]);
    double tokens = total / static_cast<double>(k);
    if (static_cast<double>(loads[k]) < 0.55 * last &&
        static_cast<double>(loads[0]) < 1.6 * last && last > 0.15 * tokens)
      return k;
  }
  return std::nullopt;
}

static void findCliffs(const RoutingTrace &trace,
                       std::vector<std::string> &out) {
  // A single layer may do so by nature; padding shows in several, and always
  // with the same number of experts, the k of the router.
  std::map<int64_t, std::vector<int64_t>> bySize;
  for (const LayerRouting &layer : trace.layers)
    if (std::optional<int64_t> size = cliffOf(layer))
      bySize[*size].push_back(layer.layer);
  for (const auto &[size, layers] : bySize)
    if (layers.size() >= 2)
      out.push_back(fmt::format(
          "padding cliff: in {} layers (the first is {}) exactly {} experts "
          "stand far above all others; repeated or padding tokens do that",
          layers.size(), layers.front(), size));
}

std::vector<std::string> moec::target::findTraps(const RoutingTrace &trace) {
  std::vector<std::string> warnings;
  findCopies(trace, warnings);
  findRuns(trace, warnings);
  findHoles(trace, warnings);
  findRepeats(trace, warnings);
  findCliffs(trace, warnings);
  return warnings;
}
