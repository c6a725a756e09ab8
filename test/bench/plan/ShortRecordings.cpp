#include "ShortRecordings.h"

#include "BenchTraces.h"

#include "plan/Eplb.h"
#include "plan/PlacementSolvers.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <future>
#include <map>
#include <numeric>
#include <string>

using namespace moec::bench;
using namespace moec::plan;

namespace {

/// What is known, what comes, and on how many devices.
struct Case {
  std::string name;
  RoutingTrace seen, later;
  int64_t devices = 0;
};

} // namespace

static LayerRouting steps(const LayerRouting &layer, int64_t from, int64_t to) {
  LayerRouting result{layer.layer, layer.experts, layer.topK, {}, {}};
  result.stepLoads.assign(layer.stepLoads.begin() + from,
                          layer.stepLoads.begin() + to);
  if (std::vector<int64_t> begins = stepBegins(layer); !begins.empty())
    result.ids.assign(layer.ids.begin() + begins[from] * layer.topK,
                      layer.ids.begin() + begins[to] * layer.topK);
  return result;
}

/// Whole, all quarters, and every fifth sixteenth, of every `stride`-th layer.
static void addWindows(std::vector<Case> &cases, const std::string &name,
                       const RoutingTrace &trace, size_t stride) {
  const int64_t all = trace.layers.front().steps();
  for (auto [parts, every] : {std::pair<int64_t, int64_t>{1, 1}, {4, 1}, {16, 5}})
    for (int64_t k = 0; k < parts; k += every) {
      const int64_t from = all * k / parts, to = all * (k + 1) / parts;
      if (to - from < 2)
        continue;
      RoutingTrace window;
      for (size_t l = 0; l < trace.layers.size(); l += stride)
        window.layers.push_back(steps(trace.layers[l], from, to));
      TraceSplit split = splitTrace(window, 0.5);
      for (int64_t devices : {4, 8})
        cases.push_back({name, split.fit, split.heldOut, devices});
    }
}

/// Every choice of `seen` of the one-step traces, the others held out.
static void addChoices(std::vector<Case> &cases, const std::string &name,
                       const std::vector<RoutingTrace> &sets, int seen,
                       const std::vector<int64_t> &deviceCounts) {
  for (uint32_t choice = 0; choice < 1u << sets.size(); ++choice) {
    if (std::popcount(choice) != seen)
      continue;
    Case one{name, {}, {}, 0};
    for (size_t l = 0; l < sets.front().layers.size(); ++l) {
      LayerRouting none = sets.front().layers[l];
      none.stepLoads.clear();
      one.seen.layers.push_back(none);
      one.later.layers.push_back(none);
      for (size_t i = 0; i < sets.size(); ++i)
        (choice >> i & 1 ? one.seen : one.later)
            .layers[l]
            .stepLoads.push_back(sets[i].layers[l].stepLoads.front());
    }
    for (int64_t devices : deviceCounts) {
      one.devices = devices;
      cases.push_back(one);
    }
  }
}

static void addGptOss(std::vector<Case> &cases) {
  for (GptOssTrace &trace : gptOssTraces()) {
    addWindows(cases, trace.set + " stream", trace.stream, 6);
    addWindows(cases, trace.set + " decode", trace.decode, 6);
  }
}

/// Every eighth layer, scaled to equal totals: files differ in length by 30.
static std::vector<RoutingTrace> deepSeek(const std::string &folder) {
  std::vector<RoutingTrace> result;
  for (std::string file :
       {"decode_in1800out100", "decode_in2000out100", "prefill_in1024",
        "prefill_in2000out100", "prefill_in4096"}) {
    RoutingTrace all = readCounts(folder + file + ".json"), some;
    for (size_t l = 0; l < all.layers.size(); l += 8) {
      std::vector<int64_t> &loads = all.layers[l].stepLoads.front();
      double sum = std::accumulate(loads.begin(), loads.end(), 0.0);
      for (int64_t &load : loads)
        load = std::llround(1e7 * static_cast<double>(load) / sum);
      some.layers.push_back(all.layers[l]);
    }
    result.push_back(std::move(some));
  }
  return result;
}

static std::vector<Case> allCases() {
  const std::string folder = sharedFolder() + "/data/routing/";
  std::vector<Case> cases;
  addGptOss(cases);
  const std::string flame = folder + "flame-moe-290m/",
                    mixtral = folder + "mixtral-8x7b-instruct/humaneval0_",
                    counts = folder + "olmoe-mixtral/";
  addWindows(cases, "flame decode",
             consecutiveSteps(readStackedIds(flame + "decode_ids_u8.npy", 10, 8,
                                             64, 6),
                              64, 64),
             1);
  addWindows(cases, "flame prefill",
             consecutiveSteps(readStackedIds(flame + "prefill_ids_u8.npy", 1, 8,
                                             2048, 6),
                              64, 64),
             1);
  for (int64_t batch : {1, 4, 8})
    addWindows(cases, "mixtral decode",
               consecutiveSteps(readIds(mixtral + "decode_ids_u8.npy"), 8,
                                batch),
               2);
  for (int64_t batch : {4, 16})
    addWindows(cases, "mixtral prefill",
               consecutiveSteps(readIds(mixtral + "prefill0_ids_u8.npy"), 8,
                                batch),
               2);
  addWindows(cases, "qwen1.5",
             readCalls(folder + "qwen15-moe-vllm-log/moe_routes_clean.jsonl",
                       60),
             1);
  for (int seen : {1, 3}) {
    addChoices(cases, "olmoe domains", readDomains(counts + "olmoe.json"), seen,
               {4, 8});
    addChoices(cases, "mixtral domains", readDomains(counts + "mistral.json"),
               seen, {4, 8});
  }
  for (int seen : {1, 2})
    addChoices(cases, "deepseek files", deepSeek(folder + "deepseek-r1/"), seen,
               {8, 32});
  return cases;
}

/// Step time over EPLB's on what comes; `slow` is the speed of the last device.
static double ratio(const Case &one, double slow) {
  Topology topology = Topology::uniform(one.devices);
  topology.devices.back().speed = slow;
  const int64_t experts = one.seen.layers.front().experts;
  PlacementProblem seen = makePlacementProblem(
      topology, one.seen,
      (experts + one.devices - 1) / one.devices * one.devices);
  PlacementProblem later = seen.on(one.later);
  return solvePlacement(seen, PlacementStrategy::Best)->placement.cost(later) /
         placeByEplb(seen, 1, false)->cost(later);
}

static void printRow(const std::string &name, const std::vector<double> &r) {
  auto above = [&](double mark) {
    return static_cast<int>(
        std::count_if(r.begin(), r.end(), [&](double v) { return v > mark; }));
  };
  std::printf("%-28s %5zu %8.4f %8.3f %6d %6d\n", name.c_str(), r.size(),
              std::accumulate(r.begin(), r.end(), 0.0) /
                  static_cast<double>(r.size()),
              *std::max_element(r.begin(), r.end()), above(1.002), above(1.01));
}

static const char *lengthOf(int64_t steps) {
  return steps < 2    ? "chosen on 1 step"
         : steps < 8  ? "chosen on 2 to 7 steps"
         : steps < 16 ? "chosen on 8 to 15 steps"
         : steps < 64 ? "chosen on 16 to 63 steps"
                      : "chosen on 64 steps or more";
}

void moec::bench::benchShortRecordings() {
  std::printf("\nheld-out step time over EPLB's: recordings, quarters and "
              "sixteenths; devices equal and the last at 0.85\n"
              "%-28s %5s %8s %8s %6s %6s\n",
              "recording", "cases", "mean", "worst", "> 0.2%", "> 1%");
  std::map<std::string, std::vector<double>> bySet, byLength;
  std::vector<double> all;
  for (const Case &one : allCases()) {
    std::future<double> slow =
        std::async(std::launch::async, ratio, std::cref(one), 0.85);
    for (double r : {ratio(one, 1), slow.get()}) {
      bySet[one.name].push_back(r);
      byLength[lengthOf(one.seen.layers.front().steps())].push_back(r);
      all.push_back(r);
    }
  }
  for (const auto &[name, ratios] : bySet)
    printRow(name, ratios);
  for (const auto &[name, ratios] : byLength)
    printRow(name, ratios);
  printRow("all", all);
}
