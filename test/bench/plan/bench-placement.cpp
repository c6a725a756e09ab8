//===- bench-placement.cpp - Placement on recorded routing ----------------===//
//
// Part of moec. Three tables on standard output:
//   gem     gpt-oss-20b decode steps x device speeds: chosen on the first half
//           of each trace, reported on the second, as step time over EPLB's
//   eplb    deepseek-r1 counts: EPLB's own metric, and duplicates on a device
//   time    seconds to plan 58 layers x 256 experts, 288 slots, 32 devices
// Usage: bench-placement [gem|eplb|time ...]   (all without arguments)
//
//===----------------------------------------------------------------------===//

#include "BenchTraces.h"

#include "plan/Eplb.h"
#include "plan/PlacementBounds.h"
#include "plan/PlacementSolvers.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
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

/// Running figures of one row of the table.
struct Tally {
  int cases = 0, losses = 0;
  double linear = 0, average = 0, best = 0, worst = 0, bound = 0;

  void add(double eplbCost, double linearCost, double averageCost,
           double bestCost, double boundCost) {
    ++cases;
    losses += bestCost > eplbCost * (1 + 1e-9);
    linear += linearCost / eplbCost;
    average += averageCost / eplbCost;
    best += bestCost / eplbCost;
    worst = std::max(worst, bestCost / eplbCost);
    bound += boundCost / eplbCost;
  }
  void print(const std::string &name) const {
    std::printf("%-44s %5d %8.3f %8.3f %8.3f %8.3f %8.3f %6d\n", name.c_str(),
                cases, linear / cases, average / cases, best / cases, worst,
                bound / cases, losses);
  }
};

static void runCase(const TraceSplit &split, const std::vector<double> &speeds,
                    Tally &tally) {
  Topology topology = Topology::uniform(static_cast<int64_t>(speeds.size()));
  for (size_t g = 0; g < speeds.size(); ++g)
    topology.devices[g].speed = speeds[g];
  PlacementProblem fit = makePlacementProblem(topology, split.fit, 32);
  PlacementProblem rest = fit.on(split.heldOut);
  Result<PlacementChoice> best = solvePlacement(fit, PlacementStrategy::Best);
  if (!best) {
    std::printf("%s\n", best.error().message.c_str());
    return;
  }
  tally.add(placeByEplb(fit, 1, false)->cost(rest),
            placeLinear(fit)->cost(rest), placeByAverage(fit)->cost(rest),
            best->placement.cost(rest), placementBound(rest));
}

/// Speeds of `devices` GPUs drawn from measured relative times.
static std::vector<double> draw(const std::vector<double> &relativeTimes,
                                int64_t devices, std::mt19937_64 &random) {
  std::vector<double> speeds;
  for (int64_t g = 0; g < devices; ++g)
    speeds.push_back(1 / relativeTimes[random() % relativeTimes.size()]);
  return speeds;
}

static void benchGem() {
  const std::string data = sharedFolder() + "/data/";
  const std::string gptOss = data + "routing/gpt-oss-20b/";
  const std::vector<std::pair<std::string, std::vector<double>>> clusters = {
      {"longhorn", relativeMedians(data + "variability/sgemm-longhorn-agg.csv",
                                   "perf", "uuid")},
      {"frontera", relativeMedians(data + "variability/frontera-resnet-agg.csv",
                                   "perf", "uuid")}};
  std::printf("held-out step time over EPLB's (mean of cases; worst for best)\n"
              "%-44s %5s %8s %8s %8s %8s %8s %6s\n",
              "trace", "cases", "linear", "average", "best", "worst", "bound",
              "losses");
  for (std::string set :
       {"gpqa_diamond", "gpqa_main", "mmlu_pro_validation", "mmlu_validation",
        "sorry_bench_base", "tulu3_persona_if"}) {
    TokenIds ids = readIds(gptOss + "ids_" + set + ".npy");
    std::vector<Sequence> sequences =
        readSequences(gptOss + "index.json", "ids_" + set + ".npy");
    for (bool decode : {false, true}) {
      const int64_t batch =
          decode ? std::min<int64_t>(64,
                                     static_cast<int64_t>(sequences.size()) / 4)
                 : 64;
      if (batch < 16)
        continue; // too few sequences to decode together
      TraceSplit split =
          splitTrace(decode ? decodeSteps(ids, sequences, 32, batch)
                            : consecutiveSteps(ids, 32, batch),
                     0.5);
      std::string name =
          set + (decode ? " decode " : " stream ") + std::to_string(batch);
      for (int64_t devices : {4, 8}) {
        std::string row = name + " x" + std::to_string(devices) + " ";
        std::vector<double> equal(devices, 1);
        Tally none, slow, real;
        runCase(split, equal, none);
        for (int64_t g : {int64_t{0}, devices / 2, devices - 1}) {
          std::vector<double> speeds = equal;
          speeds[g] = 0.85;
          runCase(split, speeds, slow);
        }
        std::mt19937_64 random(1);
        for (const auto &[cluster, times] : clusters)
          runCase(split, draw(times, devices, random), real);
        none.print(row + "equal");
        slow.print(row + "one at 0.85");
        real.print(row + "measured spread");
        std::fflush(stdout);
      }
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
    benchGem();
  if (wanted("eplb"))
    benchEplb();
  if (wanted("time"))
    benchTime();
  return 0;
}
