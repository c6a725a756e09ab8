#include "target/Hardware.h"
#include "target/TextFile.h"
#include "target/Yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

using namespace moec;
using namespace moec::target;

/// More devices than any cluster has; keeps `count: 1e9` from filling memory.
static constexpr int64_t maxDevices = 65536;

static plan::MemoryTier readTier(const YamlNode &node) {
  node.expectKeys({"name", "capacity", "bandwidth", "latency"});
  plan::MemoryTier tier;
  tier.name = node.need("name").string();
  YamlNode capacity = node.need("capacity");
  double bytes = capacity.quantity(Dimension::Bytes);
  if (bytes < 1 || bytes >= 0x1p62)
    capacity.fail(
        fmt::format("{} bytes are no capacity; expected 1 to 2^62", bytes));
  tier.capacity = static_cast<int64_t>(bytes);
  tier.bandwidth = node.need("bandwidth").quantity(Dimension::Bandwidth);
  if (auto latency = node.find("latency"))
    tier.latency = latency->quantity(Dimension::Seconds, Range::NotNegative);
  return tier;
}

static plan::LatencyCurve readCurve(const YamlNode &node) {
  plan::LatencyCurve curve;
  for (const YamlNode &item : node.items("points [rows, seconds]")) {
    std::vector<YamlNode> pair = item.items("two numbers: rows, seconds");
    if (pair.size() != 2)
      item.fail(fmt::format("expected [rows, seconds]; found {} values",
                            pair.size()));
    plan::LatencyCurve::Point point{pair[0].integer(1, int64_t{1} << 40),
                                    pair[1].quantity(Dimension::Seconds)};
    if (!curve.points.empty() && point.rows <= curve.points.back().rows)
      pair[0].fail(fmt::format("{} rows after {}: rows must increase",
                               point.rows, curve.points.back().rows));
    if (!curve.points.empty() && point.seconds < curve.points.back().seconds)
      pair[1].fail(fmt::format("{} s after {} s: more rows cannot take less "
                               "time; smooth the measurement",
                               point.seconds, curve.points.back().seconds));
    curve.points.push_back(point);
  }
  if (curve.empty())
    node.fail("the curve has no point; leave the key out when nothing was "
              "measured");
  return curve;
}

/// A `{bandwidth, latency}` pair, as ports, node interiors and networks have.
static void readLink(const YamlNode &node, double &bandwidth, double &latency) {
  node.expectKeys({"bandwidth", "latency"});
  bandwidth = node.need("bandwidth").quantity(Dimension::Bandwidth);
  if (auto value = node.find("latency"))
    latency = value->quantity(Dimension::Seconds, Range::NotNegative);
}

static plan::Device readDevice(const YamlNode &node, int64_t host) {
  node.expectKeys({"name", "kind", "count", "speed", "port", "memory", "peak",
                   "expert_latency"});
  plan::Device device;
  device.node = host;
  device.name = node.need("name").string();
  YamlNode kind = node.need("kind");
  device.kind = kind.string();
  if (device.kind != "cpu" && device.kind != "cuda")
    kind.fail(
        fmt::format("unknown kind '{}'; expected cpu or cuda", device.kind));
  readLink(node.need("port"), device.portBandwidth, device.portLatency);
  if (auto speed = node.find("speed"))
    device.speed = speed->quantity(Dimension::Scalar);
  if (auto memory = node.find("memory"))
    for (const YamlNode &tier : memory->items("memory tiers"))
      device.memory.push_back(readTier(tier));
  if (auto peak = node.find("peak"))
    for (const auto &[type, rate] : peak->entries())
      device.peakRate[type] = rate.quantity(Dimension::Rate);
  if (auto curve = node.find("expert_latency"))
    device.expertLatency = readCurve(*curve);
  return device;
}

/// Appends the devices of one list entry: one, or `count` equal ones whose
/// names are the given name with a number behind it.
static void appendDevices(const YamlNode &node, int64_t host,
                          plan::Topology &topology,
                          std::set<std::string> &names) {
  plan::Device device = readDevice(node, host);
  std::string base = device.name;
  std::optional<YamlNode> count = node.find("count");
  int64_t copies = count ? count->integer(1, maxDevices) : 1;
  if (topology.size() + copies > maxDevices)
    node.fail(fmt::format("more than {} devices", maxDevices));
  for (int64_t i = 0; i < copies; ++i) {
    if (count)
      device.name = base + std::to_string(i);
    if (!names.insert(device.name).second)
      node.need("name").fail(
          fmt::format("two devices are named '{}'", device.name));
    topology.devices.push_back(device);
  }
}

static plan::Topology readTopology(const YamlNode &root) {
  root.expectKeys({"format", "name", "provenance", "nodes"});
  YamlNode format = root.need("format");
  if (format.string() != "moec-hardware/1")
    format.fail(fmt::format("format '{}' is not known; expected "
                            "moec-hardware/1",
                            format.string()));
  plan::Topology topology;
  if (auto name = root.find("name"))
    topology.name = name->string();
  if (auto provenance = root.find("provenance"))
    topology.provenance = provenance->string();
  YamlNode nodes = root.need("nodes");
  std::set<std::string> names;
  for (const YamlNode &item : nodes.items("nodes")) {
    item.expectKeys({"name", "intra", "network", "devices"});
    plan::Node node;
    node.name = item.need("name").string();
    if (auto link = item.find("intra"))
      readLink(*link, node.intraBandwidth, node.intraLatency);
    if (auto link = item.find("network"))
      readLink(*link, node.networkBandwidth, node.networkLatency);
    int64_t host = static_cast<int64_t>(topology.nodes.size());
    topology.nodes.push_back(node);
    YamlNode devices = item.need("devices");
    std::vector<YamlNode> entries = devices.items("devices");
    if (entries.empty())
      devices.fail("the node has no device; it needs at least one");
    for (const YamlNode &device : entries)
      appendDevices(device, host, topology, names);
  }
  if (topology.devices.empty())
    nodes.fail("the machine has no device; it needs at least one");
  if (plan::Status status = topology.check(); !status)
    root.fail(status.error().message);
  return topology;
}

Result<plan::Topology> moec::target::parseHardware(const std::string &text,
                                                   const std::string &file) {
  return guarded([&] { return readTopology(YamlNode::parse(text, file)); });
}

Result<plan::Topology> moec::target::readHardware(const std::string &path) {
  Result<std::string> text = readFile(path, size_t{64} << 20);
  if (!text)
    return text.error();
  return parseHardware(*text, path);
}
