//===- Timing.cpp - How long a run takes ----------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Timing.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>

namespace moec::run {

Timing timeRuns(Model &model, const std::vector<HostTensor> &inputs,
                int64_t runs, int64_t warmup,
                const std::function<void()> &afterRun) {
  using Clock = std::chrono::steady_clock;
  for (int64_t i = 0; i < warmup; ++i)
    model.run(inputs);
  std::vector<double> times;
  for (int64_t i = 0; i < runs; ++i) {
    auto begin = Clock::now();
    model.run(inputs);
    std::chrono::duration<double, std::milli> time = Clock::now() - begin;
    times.push_back(time.count());
    afterRun();
  }
  std::sort(times.begin(), times.end());
  size_t middle = times.size() / 2;
  double median = times.size() % 2 ? times[middle]
                                   : (times[middle - 1] + times[middle]) / 2;
  double sum = std::accumulate(times.begin(), times.end(), 0.0);
  return {median,       times.front(), sum / static_cast<double>(runs),
          times.back(), runs,          warmup};
}

std::string timingText(const Timing &timing, const Model &model) {
  return rt::concat("median ", timing.medianMs, " ms, min ", timing.minMs,
                    " ms, mean ", timing.meanMs, " ms of ", timing.runs,
                    " runs on ", model.ranks(), " ranks with ",
                    model.threadsPerRank(), " threads");
}

std::string timingJson(const Timing &timing, const Model &model,
                       const std::string &dataSet) {
  nlohmann::ordered_json json = {
      {"median_ms", timing.medianMs},
      {"min_ms", timing.minMs},
      {"mean_ms", timing.meanMs},
      {"max_ms", timing.maxMs},
      {"runs", timing.runs},
      {"warmup", timing.warmup},
      {"ranks", model.ranks()},
      {"threads_per_rank", model.threadsPerRank()},
  };
  if (!dataSet.empty())
    json["data_set"] = dataSet;
  return json.dump();
}

} // namespace moec::run
