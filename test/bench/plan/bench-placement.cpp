//===- bench-placement.cpp - Placement on recorded routing ----------------===//
//
// Part of moec. Tables on standard output:
//   gem     gpt-oss-20b steps x device speeds: chosen on the first half of each
//           trace, reported on the second, as step time over EPLB's
//   spare   the same with one slot more on every device
//   uneven  the same as gem, but a device may hold twice its share
//   short   every recording, whole and in short windows
//   eplb    deepseek-r1 counts: EPLB's own metric, and duplicates on a device
//   time    seconds to plan 58 layers x 256 experts, 288 slots, 32 devices
// Usage: bench-placement [gem|spare|uneven|short|eplb|time ...]
// (all without arguments)
//
//===----------------------------------------------------------------------===//

#include "BenchTraces.h"
#include "ShortRecordings.h"

#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSolvers.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <future>
#include <random>
#include <set>

using namespace moec::bench;
using namespace moec::plan;

/// Processor time: the planners use one thread, and other programs may run.
static double secondsOf(auto work) {
  std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// Seconds of one case on the held-out half.
struct CaseCosts {
  double linear = 0, eplb = 0, average = 0, best = 0;
  double hindsight = 0; ///< the same search on the held-out half itself
  double bound = 0;     ///< no placement is faster
};

/// One row of the table: relative to EPLB, means over the cases.
static void printRow(const std::string &name,
                     const std::vector<CaseCosts> &cases) {
  const double n = static_cast<double>(cases.size());
  double linear = 0, average = 0, best = 0, worst = 0, hindsight = 0, bound = 0;
  int losses = 0;
  for (const CaseCosts &c : cases) {
    losses += c.best > c.eplb * (1 + 1e-9);
    linear += c.linear / c.eplb / n;
    average += c.average / c.eplb / n;
    best += c.best / c.eplb / n;
    worst = std::max(worst, c.best / c.eplb);
    hindsight += c.hindsight / c.eplb / n;
    bound += c.bound / c.eplb / n;
  }
  std::printf("%-42s %5zu %8.3f %8.3f %8.3f %8.3f %9.3f %8.3f %6d\n",
              name.c_str(), cases.size(), linear, average, best, worst,
              hindsight, bound, losses);
}

/// `room`: how many times its share of the slots a device may hold.
static CaseCosts runCase(const TraceSplit &split,
                         const std::vector<double> &speeds, int64_t slots,
                         int64_t room) {
  Topology topology = Topology::uniform(static_cast<int64_t>(speeds.size()));
  for (size_t g = 0; g < speeds.size(); ++g)
    topology.devices[g].speed = speeds[g];
  PlacementProblem fit = makePlacementProblem(topology, split.fit, slots);
  for (int64_t &capacity : fit.capacity)
    capacity *= room;
  PlacementProblem rest = fit.on(split.heldOut);
  return {placeLinear(fit)->cost(rest),
          placeByEplb(fit, 1, false)->cost(rest),
          placeByAverage(fit)->cost(rest),
          solvePlacement(fit, PlacementStrategy::Best)->placement.cost(rest),
          placeByStep(rest)->cost(rest),
          placementBound(rest)};
}

/// Speeds of `devices` GPUs drawn from measured relative times.
static std::vector<double> draw(const std::vector<double> &relativeTimes,
                                int64_t devices, std::mt19937_64 &random) {
  std::vector<double> speeds;
  for (int64_t g = 0; g < devices; ++g)
    speeds.push_back(1 / relativeTimes[random() % relativeTimes.size()]);
  return speeds;
}

using Speeds = std::vector<std::vector<double>>; ///< [cases][devices]

static Speeds oneSlow(int64_t devices) {
  Speeds result(3, std::vector<double>(devices, 1));
  result[0][0] = result[1][devices / 2] = result[2][devices - 1] = 0.85;
  return result;
}

/// Devices drawn from two measured clusters.
static Speeds measuredSpread(int64_t devices) {
  const std::string folder = sharedFolder() + "/data/variability/";
  std::mt19937_64 random(1);
  Speeds result;
  for (const char *file : {"sgemm-longhorn-agg.csv", "frontera-resnet-agg.csv"})
    result.push_back(
        draw(relativeMedians(folder + file, "perf", "uuid"), devices, random));
  return result;
}

struct GemTrace {
  std::string name;
  TraceSplit split;
};

/// Layers are placed one by one; half of them show the same in half the time.
static TraceSplit everySecondLayer(RoutingTrace trace) {
  RoutingTrace half;
  for (size_t l = 0; l < trace.layers.size(); l += 2)
    half.layers.push_back(std::move(trace.layers[l]));
  return splitTrace(half, 0.5);
}

static std::vector<GemTrace> gemTraces() {
  std::vector<GemTrace> result;
  for (GptOssTrace &trace : gptOssTraces()) {
    result.push_back({trace.set + " stream 64",
                      everySecondLayer(std::move(trace.stream))});
    result.push_back({trace.set + " decode " + std::to_string(trace.places),
                      everySecondLayer(std::move(trace.decode))});
  }
  return result;
}

/// `spare` slots beside one for each expert, on every device.
static void benchGem(int64_t spare, int64_t room) {
  std::printf("\nheld-out step time over EPLB's, %ld spare slots a device, "
              "room for %ld times its share, every second layer "
              "(means of cases; worst: of best)\n"
              "%-42s %5s %8s %8s %8s %8s %9s %8s %6s\n",
              static_cast<long>(spare), static_cast<long>(room), "trace", "cases", "linear", "average",
              "best", "worst", "hindsight", "bound", "losses");
  for (const GemTrace &trace : gemTraces())
    for (int64_t devices : {4, 8}) {
      const std::pair<const char *, Speeds> rows[] = {
          {"equal", {std::vector<double>(devices, 1)}},
          {"one at 0.85", oneSlow(devices)},
          {"measured spread", measuredSpread(devices)}};
      for (const auto &[what, speeds] : rows) {
        std::vector<std::future<CaseCosts>> cases;
        for (const std::vector<double> &speed : speeds)
          cases.push_back(std::async(std::launch::async, runCase,
                                     std::cref(trace.split), std::cref(speed),
                                     32 + spare * devices, room));
        std::vector<CaseCosts> costs;
        for (std::future<CaseCosts> &one : cases)
          costs.push_back(one.get());
        printRow(trace.name + " x" + std::to_string(devices) + " " + what,
                 costs);
        std::fflush(stdout);
      }
    }
}

static int64_t duplicatesOf(const Placement &placement) {
  int64_t duplicates = 0;
  for (const LayerPlacement &layer : placement.layers)
    for (const std::vector<int32_t> &held : layer.devices)
      duplicates += static_cast<int64_t>(
          held.size() - std::set<int32_t>(held.begin(), held.end()).size());
  return duplicates;
}

static void benchEplb() {
  std::printf("max/mean of average device load, mean over 58 layers\n"
              "%-24s %9s %8s %8s %8s %6s %6s %6s\n",
              "file", "slots", "eplb", "best", "bound", "worse", "dups",
              "ours");
  for (std::string file :
       {"decode_in1800out100", "decode_in2000out100", "prefill_in1024",
        "prefill_in2000out100", "prefill_in4096"}) {
    RoutingTrace trace = readCounts(
        sharedFolder() + "/data/routing/deepseek-r1/" + file + ".json");
    for (auto [slots, devices] : {std::pair<int64_t, int64_t>{256, 8},
                                  {256, 32},
                                  {272, 16},
                                  {288, 32},
                                  {320, 64},
                                  {384, 128}}) {
      PlacementProblem problem =
          makePlacementProblem(Topology::uniform(devices), trace, slots);
      Placement eplb = *placeByEplb(problem, 1, false);
      Placement best =
          solvePlacement(problem, PlacementStrategy::Best)->placement;
      double metric[3] = {0, 0, 0};
      int worse = 0;
      for (size_t l = 0; l < trace.layers.size(); ++l) {
        double a = maxOverMean(trace.layers[l], eplb.layers[l]);
        double b = maxOverMean(trace.layers[l], best.layers[l]);
        worse += b > a * (1 + 1e-12);
        metric[0] += a;
        metric[1] += b;
        metric[2] +=
            b * placementBound(problem, static_cast<int64_t>(l)) /
            layerCost(problem, static_cast<int64_t>(l), best.layers[l]);
      }
      const double n = static_cast<double>(trace.layers.size());
      std::printf("%-24s %5ld/%-3ld %8.4f %8.4f %8.4f %6d %6ld %6ld\n",
                  file.c_str(), static_cast<long>(slots),
                  static_cast<long>(devices), metric[0] / n, metric[1] / n,
                  metric[2] / n, worse, static_cast<long>(duplicatesOf(eplb)),
                  static_cast<long>(duplicatesOf(best)));
    }
  }
}

static void benchTime() {
  RoutingTrace trace = readCounts(
      sharedFolder() + "/data/routing/deepseek-r1/prefill_in4096.json");
  PlacementProblem problem =
      makePlacementProblem(Topology::uniform(32), trace, 288);
  std::printf("58 layers x 256 experts -> 288 slots on 32 devices\n");
  for (PlacementStrategy s :
       {PlacementStrategy::Linear, PlacementStrategy::EplbGlobal,
        PlacementStrategy::Average, PlacementStrategy::Step,
        PlacementStrategy::Best}) {
    double fastest = 1e9;
    for (int run = 0; run < 3; ++run)
      fastest = std::min(fastest,
                         secondsOf([&] { (void)solvePlacement(problem, s); }));
    std::printf("  %-10s %8.1f ms\n", std::string(strategyName(s)).c_str(),
                1e3 * fastest);
  }
}

int main(int argc, char **argv) {
  if (sharedFolder().empty()) {
    std::printf("no shared data; set MOEC_SHARED\n");
    return 0;
  }
  std::set<std::string> tables(argv + 1, argv + argc);
  auto wanted = [&](const char *name) {
    return tables.empty() || tables.contains(name);
  };
  if (wanted("gem"))
    benchGem(0, 1);
  if (wanted("spare"))
    benchGem(1, 1);
  if (wanted("uneven"))
    benchGem(0, 2);
  if (wanted("short"))
    benchShortRecordings();
  if (wanted("eplb"))
    benchEplb();
  if (wanted("time"))
    benchTime();
  return 0;
}
