#include "plan/Routing.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>

using namespace moec::plan;

std::vector<int64_t> LayerRouting::totals() const {
  std::vector<int64_t> sum(experts, 0);
  for (const std::vector<int64_t> &loads : stepLoads)
    for (int64_t e = 0; e < experts; ++e)
      sum[e] += loads[e];
  return sum;
}

Status LayerRouting::check() const {
  std::string who = "layer " + std::to_string(layer) + ": ";
  if (experts <= 0)
    return invalid(who + "the number of experts is " + std::to_string(experts) +
                       "; it must be positive",
                   {layer});
  if (topK < 0 || topK > experts)
    return invalid(who + "top-k is " + std::to_string(topK) + " of " +
                       std::to_string(experts) + " experts",
                   {layer});
  for (const std::vector<int64_t> &loads : stepLoads) {
    if (static_cast<int64_t>(loads.size()) != experts)
      return invalid(who + "a step has loads of " +
                         std::to_string(loads.size()) + " experts; expected " +
                         std::to_string(experts),
                     {layer});
    if (std::any_of(loads.begin(), loads.end(),
                    [](int64_t v) { return v < 0; }))
      return invalid(who + "a load is negative", {layer});
  }
  for (int32_t id : ids)
    if (id < -1 || id >= experts)
      return invalid(who + "expert id " + std::to_string(id) +
                         " is not in 0.." + std::to_string(experts - 1),
                     {layer, id});
  return success();
}

Status RoutingTrace::check() const {
  for (const LayerRouting &layer : layers)
    if (Status status = layer.check(); !status)
      return status;
  return success();
}

TraceSplit moec::plan::splitTrace(const RoutingTrace &trace, double fraction) {
  TraceSplit result;
  result.split =
      !trace.layers.empty() &&
      std::all_of(trace.layers.begin(), trace.layers.end(),
                  [](const LayerRouting &l) { return l.steps() > 1; });
  if (!result.split) {
    result.fit = result.heldOut = trace;
    return result;
  }
  for (const LayerRouting &layer : trace.layers) {
    int64_t cut =
        static_cast<int64_t>(fraction * static_cast<double>(layer.steps()));
    cut = std::clamp<int64_t>(cut, 1, layer.steps() - 1);
    LayerRouting fit{layer.layer, layer.experts, layer.topK, {}, {}};
    LayerRouting rest = fit;
    fit.stepLoads.assign(layer.stepLoads.begin(),
                         layer.stepLoads.begin() + cut);
    rest.stepLoads.assign(layer.stepLoads.begin() + cut, layer.stepLoads.end());
    if (!layer.ids.empty()) {
      std::vector<int64_t> begins = stepBegins(layer);
      int64_t tokens =
          begins.empty() ? layer.tokens() * cut / layer.steps() : begins[cut];
      fit.ids.assign(layer.ids.begin(),
                     layer.ids.begin() + tokens * layer.topK);
      rest.ids.assign(layer.ids.begin() + tokens * layer.topK, layer.ids.end());
    }
    result.fit.layers.push_back(std::move(fit));
    result.heldOut.layers.push_back(std::move(rest));
  }
  return result;
}

std::vector<int64_t> moec::plan::stepBegins(const LayerRouting &layer) {
  if (layer.tokens() == 0)
    return {};
  std::vector<int64_t> begins = {0};
  int64_t token = 0;
  for (const std::vector<int64_t> &loads : layer.stepLoads) {
    int64_t left = std::accumulate(loads.begin(), loads.end(), int64_t{0});
    for (; left > 0 && token < layer.tokens(); ++token)
      for (int64_t i = token * layer.topK; i < (token + 1) * layer.topK; ++i)
        left -= layer.ids[i] >= 0;
    if (left != 0)
      return {};
    begins.push_back(token);
  }
  for (size_t i = token * layer.topK; i < layer.ids.size(); ++i)
    if (layer.ids[i] >= 0)
      return {};
  begins.back() = layer.tokens();
  return begins;
}

/// Adds a step of `count` tokens of [begin, end), each at most once.
static void addStep(LayerRouting &layer, int64_t begin, int64_t end,
                    int64_t count, std::mt19937_64 &random) {
  std::vector<int64_t> loads(layer.experts, 0);
  // Floyd's choice of `count` out of n: the i-th draw is among the first
  // n - count + i + 1; where it was drawn before, the last of those is new.
  std::set<int64_t> drawn;
  for (int64_t last = end - count; last < end; ++last) {
    int64_t token =
        begin + static_cast<int64_t>(random() %
                                     static_cast<uint64_t>(last - begin + 1));
    drawn.insert(drawn.contains(token) ? last : token);
  }
  for (int64_t token : drawn)
    for (int64_t i = 0; i < layer.topK; ++i) {
      int32_t id = layer.ids[token * layer.topK + i];
      layer.ids.push_back(id);
      if (id >= 0)
        ++loads[id];
    }
  layer.stepLoads.push_back(std::move(loads));
}

/// Draws of each kind for a recorded step: with more of them a plan fits less
/// of the noise, which matters less, and costs more time, in a long trace.
static int64_t drawsPerStep(int64_t steps) {
  constexpr int64_t kMost = 4, kEnough = 4096;
  return std::clamp<int64_t>(kEnough / std::max<int64_t>(steps, 1), 1, kMost);
}

void moec::plan::addResampledSteps(RoutingTrace &trace, uint64_t seed) {
  for (LayerRouting &layer : trace.layers) {
    std::mt19937_64 random(seed);
    const std::vector<int64_t> begins = stepBegins(layer);
    const int64_t draws = drawsPerStep(layer.steps());
    for (size_t t = 0; t + 2 < begins.size(); ++t)
      for (int64_t draw = 0; draw < draws; ++draw) {
        addStep(layer, begins[t], begins[t + 2],
                (begins[t + 2] - begins[t]) / 2, random);
        addStep(layer, 0, begins.back(), begins[t + 1] - begins[t], random);
      }
  }
}

void moec::plan::groupIntoSteps(RoutingTrace &trace, int64_t stepTokens) {
  for (LayerRouting &layer : trace.layers) {
    if (layer.ids.empty() || layer.topK == 0)
      continue;
    layer.stepLoads.clear();
    for (int64_t begin = 0; begin < layer.tokens(); begin += stepTokens) {
      int64_t end = std::min(layer.tokens(), begin + stepTokens);
      std::vector<int64_t> loads(layer.experts, 0);
      for (int64_t i = begin * layer.topK; i < end * layer.topK; ++i)
        if (layer.ids[i] >= 0)
          ++loads[layer.ids[i]];
      layer.stepLoads.push_back(std::move(loads));
    }
  }
}
