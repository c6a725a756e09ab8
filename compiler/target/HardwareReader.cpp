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
  if (auto bandwidth = node.find("bandwidth"))
    tier.bandwidth = bandwidth->quantity(Dimension::Bandwidth);
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
  if (auto port = node.find("port"))
    readLink(*port, device.portBandwidth, device.portLatency);
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

namespace {
class TopologyReader {
public:
  plan::Topology run(const YamlNode &root) {
    root.expectKeys({"format", "name", "provenance", "nodes"});
    YamlNode format = root.need("format");
    if (format.string() != "moec-hardware/1")
      format.fail(fmt::format("format '{}' is not known; expected "
                              "moec-hardware/1",
                              format.string()));
    if (auto name = root.find("name"))
      topology.name = name->string();
    if (auto provenance = root.find("provenance"))
      topology.provenance = provenance->string();
    YamlNode nodes = root.need("nodes");
    for (const YamlNode &node : nodes.items("nodes"))
      appendNode(node);
    if (topology.devices.empty())
      nodes.fail("the machine has no device; it needs at least one");
    // Only a machine that exchanges nothing may leave its ports out.
    if (topology.size() > 1 && withoutPort)
      withoutPort->need("port");
    if (plan::Status status = topology.check(); !status)
      root.fail(status.error().message);
    return std::move(topology);
  }

private:
  void appendNode(const YamlNode &item) {
    item.expectKeys({"name", "intra", "network", "devices"});
    plan::Node node;
    node.name = item.need("name").string();
    if (auto link = item.find("intra"))
      readLink(*link, node.intraBandwidth, node.intraLatency);
    if (auto link = item.find("network"))
      readLink(*link, node.networkBandwidth, node.networkLatency);
    topology.nodes.push_back(node);
    YamlNode devices = item.need("devices");
    std::vector<YamlNode> entries = devices.items("devices");
    if (entries.empty())
      devices.fail("the node has no device; it needs at least one");
    for (const YamlNode &device : entries)
      appendDevices(device);
  }

  /// Appends the devices of one list entry: one, or `count` equal ones whose
  /// names are the given name with a number behind it.
  void appendDevices(const YamlNode &node) {
    int64_t host = static_cast<int64_t>(topology.nodes.size()) - 1;
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
    if (device.portBandwidth == 0 && !withoutPort)
      withoutPort = node;
  }

  plan::Topology topology;
  std::set<std::string> names;
  std::optional<YamlNode> withoutPort;
};
} // namespace

Result<plan::Topology> moec::target::parseHardware(const std::string &text,
                                                   const std::string &file) {
  return guarded(
      [&] { return TopologyReader().run(YamlNode::parse(text, file)); });
}

Result<plan::Topology> moec::target::readHardware(const std::string &path) {
  Result<std::string> text = readFile(path, size_t{64} << 20);
  if (!text)
    return text.error();
  return parseHardware(*text, path);
}
