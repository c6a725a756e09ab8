#include "plan/Popularity.h"

#include <algorithm>
#include <numeric>
#include <string>

using namespace moec::plan;

static std::string str(int64_t value) { return std::to_string(value); }

/// First-ranked experts of the `length` layers before `layer`, or of as many as
/// there are; shorter where a hole (-1) cuts the path.
static std::vector<int32_t> pathOf(const RoutingTrace &trace, int64_t token,
                                   int64_t layer, int64_t length) {
  std::vector<int32_t> path;
  for (int64_t l = layer - 1; l >= std::max<int64_t>(0, layer - length); --l) {
    int32_t e = trace.layers[l].ids[token * trace.layers[l].topK];
    if (e < 0)
      break;
    path.insert(path.begin(), e);
  }
  return path;
}

static Status checkIds(const RoutingTrace &trace, int64_t layers) {
  if (Status status = trace.check(); !status)
    return status;
  if (static_cast<int64_t>(trace.layers.size()) < layers)
    return invalid("popularity: the trace has " + str(trace.layers.size()) +
                   " layers; " + str(layers) + " are needed");
  for (int64_t l = 0; l < layers; ++l) {
    const LayerRouting &layer = trace.layers[l];
    if (layer.tokens() == 0)
      return invalid("popularity: layer " + str(layer.layer) +
                         " has no token ids; record ids, not counts",
                     {layer.layer});
    if (layer.tokens() != trace.layers[0].tokens())
      return invalid("popularity: layer " + str(layer.layer) + " has " +
                         str(layer.tokens()) + " tokens and layer " +
                         str(trace.layers[0].layer) + " has " +
                         str(trace.layers[0].tokens()) +
                         "; paths need the same tokens in every layer",
                     {layer.layer});
  }
  return success();
}

Result<PathHistograms> PathHistograms::profile(const RoutingTrace &trace,
                                               int64_t length) {
  if (length < 1)
    return invalid("popularity: the path length is " + str(length) +
                   "; it must be at least 1");
  if (Status status =
          checkIds(trace, static_cast<int64_t>(trace.layers.size()));
      !status)
    return status.error();
  PathHistograms result;
  result.length = length;
  result.counts.resize(trace.layers.size());
  for (size_t l = 0; l < trace.layers.size(); ++l) {
    const LayerRouting &layer = trace.layers[l];
    result.experts.push_back(layer.experts);
    auto &counts = result.counts[l];
    counts[{}].resize(layer.experts);
    for (int64_t token = 0; token < layer.tokens(); ++token) {
      std::vector<int32_t> path =
          pathOf(trace, token, static_cast<int64_t>(l), length);
      // Every suffix too, so that an unseen path has something to fall back to.
      for (size_t skip = 0; skip <= path.size(); ++skip) {
        std::vector<int64_t> &histogram = counts[std::vector<int32_t>(
            path.begin() + static_cast<int64_t>(skip), path.end())];
        histogram.resize(layer.experts);
        for (int64_t i = token * layer.topK; i < (token + 1) * layer.topK; ++i)
          if (layer.ids[i] >= 0)
            ++histogram[layer.ids[i]];
      }
    }
  }
  return result;
}

const std::vector<int64_t> &
PathHistograms::histogram(int64_t layer, std::span<const int32_t> path) const {
  std::vector<int32_t> key(path.begin(), path.end());
  if (static_cast<int64_t>(key.size()) > length)
    key.erase(key.begin(), key.end() - length);
  // The empty path is always there.
  while (!counts[layer].contains(key))
    key.erase(key.begin());
  return counts[layer].at(key);
}

std::vector<PathHistograms::Guess>
PathHistograms::guess(int64_t layer, std::span<const int32_t> path,
                      int64_t topK) const {
  const std::vector<int64_t> &count = histogram(layer, path);
  const int64_t total = std::accumulate(count.begin(), count.end(), int64_t{0});
  std::vector<int32_t> order(count.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return count[a] != count[b] ? count[a] > count[b] : a < b;
  });
  std::vector<Guess> result;
  for (int32_t e : order)
    if (static_cast<int64_t>(result.size()) < topK && count[e] > 0)
      result.push_back(
          {e, static_cast<double>(count[e]) / static_cast<double>(total)});
  return result;
}

Status PathHistograms::checkBatch(const RoutingTrace &batch, int64_t layer,
                                  int64_t layersNeeded) const {
  if (layer < 0 || layer >= layers())
    return invalid("popularity: layer " + str(layer) + " was not profiled; " +
                       str(layers()) + " layers were",
                   {layer});
  return checkIds(batch, std::max<int64_t>(layersNeeded, 1));
}

Result<std::vector<double>>
PathHistograms::popularity(const RoutingTrace &batch, int64_t layer,
                           int64_t topK) const {
  if (Status status = checkBatch(batch, layer, layer); !status)
    return status.error();
  const int64_t tokens = batch.layers[0].tokens();
  std::vector<double> share(experts[layer], 0);
  for (int64_t token = 0; token < tokens; ++token)
    for (const Guess &g :
         guess(layer, pathOf(batch, token, layer, length), topK))
      share[g.expert] += g.probability / static_cast<double>(tokens);
  return share;
}

Result<double> PathHistograms::accuracy(const RoutingTrace &batch,
                                        int64_t layer) const {
  if (Status status = checkBatch(batch, layer, layer + 1); !status)
    return status.error();
  const LayerRouting &truth = batch.layers[layer];
  int64_t right = 0;
  for (int64_t token = 0; token < truth.tokens(); ++token) {
    std::vector<Guess> first =
        guess(layer, pathOf(batch, token, layer, length), 1);
    right += !first.empty() && first[0].expert == truth.ids[token * truth.topK];
  }
  return static_cast<double>(right) / static_cast<double>(truth.tokens());
}
