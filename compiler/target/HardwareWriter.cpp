#include "target/Hardware.h"
#include "target/TextFile.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

using namespace moec;
using namespace moec::target;

/// Shortest text that reads back as the same number.
static std::string number(double value) { return fmt::format("{}", value); }

static void printLink(YAML::Emitter &out, const char *key, double bandwidth,
                      double latency) {
  out << YAML::Key << key << YAML::Value << YAML::Flow << YAML::BeginMap
      << YAML::Key << "bandwidth" << YAML::Value << number(bandwidth);
  if (latency > 0)
    out << YAML::Key << "latency" << YAML::Value << number(latency);
  out << YAML::EndMap;
}

static void printTier(YAML::Emitter &out, const plan::MemoryTier &tier) {
  out << YAML::Flow << YAML::BeginMap << YAML::Key << "name" << YAML::Value
      << tier.name << YAML::Key << "capacity" << YAML::Value << tier.capacity
      << YAML::Key << "bandwidth" << YAML::Value << number(tier.bandwidth);
  if (tier.latency > 0)
    out << YAML::Key << "latency" << YAML::Value << number(tier.latency);
  out << YAML::EndMap;
}

static void printDevice(YAML::Emitter &out, const plan::Device &device) {
  out << YAML::BeginMap << YAML::Key << "name" << YAML::Value << device.name
      << YAML::Key << "kind" << YAML::Value << device.kind << YAML::Key
      << "speed" << YAML::Value << number(device.speed);
  printLink(out, "port", device.portBandwidth, device.portLatency);
  if (!device.memory.empty()) {
    out << YAML::Key << "memory" << YAML::Value << YAML::BeginSeq;
    for (const plan::MemoryTier &tier : device.memory)
      printTier(out, tier);
    out << YAML::EndSeq;
  }
  if (!device.peakRate.empty()) {
    out << YAML::Key << "peak" << YAML::Value << YAML::Flow << YAML::BeginMap;
    for (const auto &[type, rate] : device.peakRate)
      out << YAML::Key << type << YAML::Value << number(rate);
    out << YAML::EndMap;
  }
  if (!device.expertLatency.empty()) {
    out << YAML::Key << "expert_latency" << YAML::Value << YAML::BeginSeq;
    for (const plan::LatencyCurve::Point &point : device.expertLatency.points)
      out << YAML::Flow << YAML::BeginSeq << point.rows << number(point.seconds)
          << YAML::EndSeq;
    out << YAML::EndSeq;
  }
  out << YAML::EndMap;
}

static void printNode(YAML::Emitter &out, const plan::Topology &topology,
                      int64_t id) {
  const plan::Node &node = topology.nodes[id];
  out << YAML::BeginMap << YAML::Key << "name" << YAML::Value << node.name;
  if (node.intraBandwidth > 0)
    printLink(out, "intra", node.intraBandwidth, node.intraLatency);
  if (node.networkBandwidth > 0)
    printLink(out, "network", node.networkBandwidth, node.networkLatency);
  out << YAML::Key << "devices" << YAML::Value << YAML::BeginSeq;
  for (const plan::Device &device : topology.devices)
    if (device.node == id)
      printDevice(out, device);
  out << YAML::EndSeq << YAML::EndMap;
}

std::string moec::target::printHardware(const plan::Topology &topology) {
  YAML::Emitter out;
  out << YAML::BeginMap << YAML::Key << "format" << YAML::Value
      << "moec-hardware/1";
  if (!topology.name.empty())
    out << YAML::Key << "name" << YAML::Value << topology.name;
  if (!topology.provenance.empty())
    out << YAML::Key << "provenance" << YAML::Value << topology.provenance;
  out << YAML::Key << "nodes" << YAML::Value << YAML::BeginSeq;
  for (size_t id = 0; id < topology.nodes.size(); ++id)
    printNode(out, topology, static_cast<int64_t>(id));
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

Status moec::target::writeHardware(const plan::Topology &topology,
                                   const std::string &path) {
  return writeFile(path, printHardware(topology));
}
