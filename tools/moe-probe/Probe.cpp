#include "Probe.h"

#include "../moe-plan/Arguments.h"
#include "Measure.h"
#include "MeasureLinks.h"
#include "limits/Limits.h"
#include "target/Hardware.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <thread>
#include <vector>

using namespace moec;
using namespace moec::tools;

namespace {
struct ProbeOptions {
  std::string output;
  FfnSize ffn;
  int64_t maxTokens = 1024;
  int threads = 1;
  std::string folder;
};

/// What a rank measures.
struct Measurement {
  plan::LatencyCurve curve;
  double memoryBandwidth = 0;
  DiskSpeed disk;
};
} // namespace

static constexpr const char *usage =
    "usage: moe-probe -o this-machine.yaml [--hidden N] [--ffn-size N] "
    "[--experts N]\n                 [--max-tokens N] [--threads N] "
    "[--disk FOLDER]\n";

static ProbeOptions parse(std::span<const std::string> words, int mates) {
  static constexpr OptionSpec specs[] = {
      {"-o"},           {"--hidden"},  {"--ffn-size"}, {"--experts"},
      {"--max-tokens"}, {"--threads"}, {"--disk"}};
  Arguments arguments(words, specs, 0);
  ProbeOptions options;
  options.output = arguments.need("-o");
  options.ffn = {arguments.integer("--hidden", 512, 1, 16384),
                 arguments.integer("--ffn-size", 512, 1, 65536),
                 arguments.integer("--experts", 8, 1, 256)};
  options.maxTokens = arguments.integer("--max-tokens", 1024, 1, 65536);
  int cores =
      static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  options.threads = static_cast<int>(
      arguments.integer("--threads", std::max(1, cores / mates), 1, 1024));
  options.folder = arguments.one("--disk").value_or(".");
  return options;
}

static Measurement measure(const ProbeOptions &options, const Ranks &ranks) {
  Measurement result;
  ranks.wait();
  result.curve =
      measureExperts(options.ffn, options.maxTokens, options.threads, 8);
  ranks.wait();
  result.memoryBandwidth = measureReading(options.threads, 1);
  ranks.wait();
  result.disk = measureDisk(options.folder, int64_t{256} << 20, 4);
  return result;
}

/// The device of one rank. Memory and disk are shared by the ranks of a host.
static plan::Device deviceOf(const ProbeOptions &options, int rank, int mates,
                             const Measurement &measured,
                             const LinkSpeed &link) {
  plan::Device device;
  device.name = fmt::format("d{}", rank);
  device.kind = "cpu";
  device.expertLatency = measured.curve;
  device.portBandwidth = link.bandwidth;
  device.portLatency = link.latency;
  if (int64_t bytes = memoryCapacity() / mates)
    device.memory.push_back({"dram", bytes, measured.memoryBandwidth, 0});
  if (measured.disk.bandwidth > 0 && measured.disk.capacity > mates)
    device.memory.push_back(
        {"disk", measured.disk.capacity / mates, measured.disk.bandwidth, 0});
  // Two multiplications with weights [hidden, 2 x ffn] and [ffn, hidden].
  const plan::LatencyCurve::Point &last = measured.curve.points.back();
  double operations = 6. * static_cast<double>(options.ffn.hidden) *
                      static_cast<double>(options.ffn.intermediate) *
                      static_cast<double>(last.rows);
  device.peakRate["f32"] = operations / last.seconds;
  return device;
}

/// What rank 0 has to know of every other: its host and its curve.
static constexpr size_t maxPoints = 17; ///< 1, 2, 4, ... 65536 tokens

static std::vector<double> summaryOf(const Measurement &own,
                                     const Ranks &ranks) {
  std::vector<double> summary(1 + maxPoints, 0);
  summary[0] = ranks.leader();
  for (size_t i = 0; i < own.curve.points.size(); ++i)
    summary[1 + i] = own.curve.points[i].seconds;
  return summary;
}

/// Devices in the order of their hosts. Every rank has rank 0's memories.
static plan::Topology assemble(const ProbeOptions &options, const Ranks &ranks,
                               const Measurement &own, const LinkSpeed &link) {
  std::vector<double> all = ranks.gather(summaryOf(own, ranks));
  plan::Topology topology;
  topology.name = "this-machine";
  topology.provenance = fmt::format(
      "measured by moe-probe: {} experts of [{}, {}] in f32 by a plain blocked "
      "kernel on {} threads (shape of the curve, not the level of a tuned one)",
      options.ffn.experts, options.ffn.hidden, options.ffn.intermediate,
      options.threads);
  std::map<double, std::vector<plan::Device>> hosts;
  double fastest = 0;
  for (size_t at = 0; at < all.size(); at += 1 + maxPoints) {
    Measurement measured = own;
    measured.curve.points.clear();
    for (size_t i = 0; i < maxPoints && all[at + 1 + i] > 0; ++i)
      measured.curve.points.push_back({int64_t{1} << i, all[at + 1 + i]});
    int rank = static_cast<int>(at / (1 + maxPoints));
    std::vector<plan::Device> &host = hosts[all[at]];
    host.push_back(deviceOf(options, rank, ranks.mates(), measured, link));
    fastest = std::max(fastest, host.back().peakRate["f32"]);
  }
  for (auto &[leader, devices] : hosts) {
    for (plan::Device &device : devices) {
      device.node = static_cast<int64_t>(topology.nodes.size());
      device.speed = device.peakRate["f32"] / fastest;
      topology.devices.push_back(device);
    }
    topology.nodes.push_back(
        {fmt::format("node{}", topology.nodes.size()), 0, 0, 0, 0});
  }
  return topology;
}

static int probe(std::span<const std::string> words, const Ranks &ranks) {
  ProbeOptions options = parse(words, ranks.mates());
  Measurement measured = measure(options, ranks);
  ranks.wait();
  LinkSpeed link = ranks.measureLinks();
  plan::Topology topology = assemble(options, ranks, measured, link);
  if (ranks.rank() != 0)
    return 0;
  for (const std::string &note : {measured.disk.note, link.note})
    if (!note.empty())
      fmt::print(stderr, "moe-probe: note: {}\n", note);
  if (plan::Status status = topology.check(); !status) {
    fmt::print(stderr, "moe-probe: error: {}\n", status.error().message);
    return 1;
  }
  if (target::Status status = target::writeHardware(topology, options.output);
      !status) {
    fmt::print(stderr, "moe-probe: error: {}\n", status.error().str());
    return 1;
  }
  return 0;
}

int moec::tools::runMoeProbe(int argc, char **argv) {
  Ranks ranks(argc, argv);
  std::vector<std::string> words(argv + 1, argv + argc);
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    fmt::print("{}", usage);
    return 0;
  }
  try {
    return probe(words, ranks);
  } catch (const UsageError &error) {
    if (ranks.rank() == 0)
      fmt::print(stderr, "moe-probe: {}\n{}", error.message, usage);
    return 2;
  }
}
