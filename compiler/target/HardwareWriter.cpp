#include "target/Hardware.h"
#include "target/TextFile.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

using namespace moec;
using namespace moec::target;
using Json = nlohmann::ordered_json;

static Json linkToJson(double bandwidth, double latency) {
  Json link = {{"bandwidth", bandwidth}};
  if (latency > 0)
    link["latency"] = latency;
  return link;
}

static Json tierToJson(const plan::MemoryTier &tier) {
  Json json = {{"name", tier.name}, {"capacity", tier.capacity}};
  if (tier.bandwidth > 0)
    json["bandwidth"] = tier.bandwidth;
  if (tier.latency > 0)
    json["latency"] = tier.latency;
  return json;
}

static Json deviceToJson(const plan::Device &device) {
  Json json = {
      {"name", device.name}, {"kind", device.kind}, {"speed", device.speed}};
  if (device.portBandwidth > 0)
    json["port"] = linkToJson(device.portBandwidth, device.portLatency);
  for (const plan::MemoryTier &tier : device.memory)
    json["memory"].push_back(tierToJson(tier));
  for (const auto &[type, rate] : device.peakRate)
    json["peak"][type] = rate;
  for (const plan::LatencyCurve::Point &point : device.expertLatency.points)
    json["expert_latency"].push_back({point.rows, point.seconds});
  return json;
}

Json moec::target::hardwareToJson(const plan::Topology &topology) {
  Json json = {{"format", "moec-hardware/1"}};
  if (!topology.name.empty())
    json["name"] = topology.name;
  if (!topology.provenance.empty())
    json["provenance"] = topology.provenance;
  for (const plan::Node &node : topology.nodes) {
    Json entry = {{"name", node.name}};
    if (node.intraBandwidth > 0)
      entry["intra"] = linkToJson(node.intraBandwidth, node.intraLatency);
    if (node.networkBandwidth > 0)
      entry["network"] = linkToJson(node.networkBandwidth, node.networkLatency);
    json["nodes"].push_back(entry);
  }
  for (const plan::Device &device : topology.devices)
    json["nodes"][device.node]["devices"].push_back(deviceToJson(device));
  return json;
}

/// Values without further structure stand on one line.
static bool isFlat(const Json &json) {
  for (const Json &item : json)
    if (item.is_structured())
      return false;
  return true;
}

static void emit(YAML::Emitter &out, const Json &json) {
  if (json.is_structured() && isFlat(json))
    out << YAML::Flow;
  if (json.is_object()) {
    out << YAML::BeginMap;
    for (auto it = json.begin(); it != json.end(); ++it) {
      out << YAML::Key << it.key() << YAML::Value;
      emit(out, it.value());
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    out << YAML::BeginSeq;
    for (const Json &item : json)
      emit(out, item);
    out << YAML::EndSeq;
  } else if (json.is_number_float()) {
    // Shortest text that reads back as the same number.
    out << fmt::format("{}", json.get<double>());
  } else if (json.is_number()) {
    out << json.get<int64_t>();
  } else {
    out << json.get<std::string>();
  }
}

std::string moec::target::printHardware(const plan::Topology &topology) {
  YAML::Emitter out;
  emit(out, hardwareToJson(topology));
  return std::string(out.c_str()) + "\n";
}

Status moec::target::writeHardware(const plan::Topology &topology,
                                   const std::string &path) {
  return writeFile(path, printHardware(topology));
}
