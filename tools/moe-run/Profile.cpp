//===- Profile.cpp - Where a run spends its time --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Profile.h"

#include <algorithm>
#include <string_view>

namespace moec::run {

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

RunProfile profileRuns(Model &model, const std::vector<HostTensor> &inputs,
                       int64_t runs, int64_t warmup) {
  using Ranks = std::vector<std::vector<Step>>;
  std::vector<Ranks> all;
  RunProfile result;
  model.setProfiling(true);
  result.timing = timeRuns(model, inputs, runs, warmup, [&] {
    Ranks &ranks = all.emplace_back();
    for (int64_t rank = 0; rank < model.ranks(); ++rank) {
      std::span<const Step> steps = model.profile(rank);
      ranks.emplace_back(steps.begin(), steps.end());
    }
  });
  model.setProfiling(false);
  auto seconds = [](const Ranks &ranks) {
    return ranks[0].back().begin + ranks[0].back().seconds;
  };
  auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(
      all.begin(), middle, all.end(),
      [&](const Ranks &a, const Ranks &b) { return seconds(a) < seconds(b); });
  result.ranks = std::move(*middle);
  return result;
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static bool isPhase(const Step &step, std::string_view phase) {
  return step.phase == phase;
}

/// On several ranks an exchange lies between or behind the parts of a combine.
static bool belongsToCombine(const Step &step) {
  return isPhase(step, "combine") || isPhase(step, "exchange");
}

/// One past the last step of each layer.
static std::vector<size_t> endsOfLayers(std::span<const Step> steps) {
  std::vector<size_t> ends;
  bool isCombining = false, callHasEnd = false;
  for (size_t i = 0; i < steps.size(); ++i) {
    bool isLast = i + 1 == steps.size();
    isCombining = isCombining || isPhase(steps[i], "combine");
    if (isCombining && (isLast || !belongsToCombine(steps[i + 1]))) {
      ends.push_back(i + 1);
      isCombining = false;
      callHasEnd = true;
    }
    if (!isLast && steps[i + 1].layer == steps[i].layer)
      continue;
    if (steps[i].layer >= 0 && !callHasEnd && !isCombining)
      ends.push_back(i + 1);
    callHasEnd = false;
  }
  return ends;
}

std::vector<std::string> layersOf(std::span<const Step> steps) {
  std::vector<size_t> ends = endsOfLayers(steps);
  if (ends.empty())
    return std::vector<std::string>(steps.size(), "all");
  std::vector<std::string> labels(steps.size(), "end");
  size_t begin = 0;
  for (size_t layer = 0; layer < ends.size(); ++layer)
    for (; begin < ends[layer]; ++begin)
      labels[begin] = std::to_string(layer);
  return labels;
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

namespace {

template <typename List, typename Name, typename Make>
auto &entryOf(List &list, Name name, const std::string &wanted, Make make) {
  for (auto &entry : list)
    if (entry.*name == wanted)
      return entry;
  list.push_back(make());
  return list.back();
}

PhaseWork &phaseOf(std::vector<PhaseWork> &phases, const std::string &name) {
  return entryOf(phases, &PhaseWork::phase, name,
                 [&] { return PhaseWork{name, {}}; });
}

} // namespace

std::vector<LayerWork> byLayer(const std::vector<std::vector<Step>> &ranks) {
  std::vector<LayerWork> layers;
  for (const std::vector<Step> &steps : ranks) {
    std::vector<std::string> labels = layersOf(steps);
    for (size_t i = 0; i < steps.size(); ++i) {
      const Step &step = steps[i];
      bool isHead = labels[i] == "end" && isPhase(step, "dense");
      LayerWork &layer = entryOf(layers, &LayerWork::layer, labels[i],
                                 [&] { return LayerWork{labels[i], {}}; });
      Work &work = phaseOf(layer.phases, isHead ? "head" : step.phase).work;
      work.seconds += step.seconds / static_cast<double>(ranks.size());
      work.flops += static_cast<double>(step.flops);
      work.bytes += static_cast<double>(step.bytes);
    }
  }
  return layers;
}

std::vector<PhaseWork> byPhase(const std::vector<LayerWork> &layers) {
  std::vector<PhaseWork> phases;
  for (const LayerWork &layer : layers)
    for (const PhaseWork &part : layer.phases) {
      Work &sum = phaseOf(phases, part.phase).work;
      sum.seconds += part.work.seconds;
      sum.flops += part.work.flops;
      sum.bytes += part.work.bytes;
    }
  return phases;
}

double shareOf(const Work &work, const Limits &limits) {
  if (work.seconds <= 0)
    return 0;
  double share = 0;
  if (limits.flops > 0)
    share = std::max(share, work.flops / work.seconds / limits.flops);
  if (limits.bytes > 0)
    share = std::max(share, work.bytes / work.seconds / limits.bytes);
  return share;
}

} // namespace moec::run
