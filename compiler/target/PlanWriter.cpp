#include "target/Hardware.h"
#include "target/PlanFile.h"

#include <fmt/format.h>

#include <numeric>

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace moec;
using namespace moec::target;
using Json = nlohmann::ordered_json;

std::string moec::target::hashOf(std::string_view bytes) {
  return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

static Json toJson(const Baselines &baselines) {
  Json json = Json::object();
  for (const auto &[name, seconds] : baselines)
    json[name] = seconds;
  return json;
}

static void addScore(Json &json, const PlanScore &score) {
  json["objective_s"] = score.objective;
  json["bound_s"] = score.bound;
  json["baselines"] = toJson(score.baselines);
}

static void addDecision(Json &json, const PlacementDecision &decision) {
  json["strategy"] = decision.strategy;
  json["reason"] = decision.reason;
  json["slots"] = decision.slots;
  if (!decision.capacity.empty())
    json["capacity"] = decision.capacity;
  json["layers"] = Json::array();
  for (const PlacedLayer &layer : decision.layers) {
    Json row = {{"layer", layer.layer},
                {"experts", layer.experts},
                {"devices", layer.placement.devices}};
    if (!layer.rounds.empty())
      row["rounds"] = layer.rounds;
    json["layers"].push_back(std::move(row));
  }
  addScore(json, decision.score);
  if (decision.hasHeldOut)
    addScore(json["held_out"], decision.heldOut);
}

static Json toJson(const std::vector<plan::Round> &rounds) {
  Json json = Json::array();
  for (const plan::Round &round : rounds) {
    Json sends = Json::array();
    for (const plan::Send &send : round.sends)
      sends.push_back(
          {{"src", send.src}, {"dst", send.dst}, {"bytes", send.bytes}});
    json.push_back({{"seconds", round.seconds}, {"sends", sends}});
  }
  return json;
}

static Json toJson(const plan::TrafficMatrix &traffic) {
  Json json = Json::array();
  for (int64_t from = 0; from < traffic.size(); ++from) {
    Json row = Json::array();
    for (int64_t to = 0; to < traffic.size(); ++to)
      row.push_back(traffic(from, to));
    json.push_back(row);
  }
  return json;
}

static void addDecision(Json &json, const AllToAllDecision &decision) {
  json["bound_s"] = decision.bound;
  json["makespan_s"] = decision.cost;
  json["alpha_s"] = decision.problem.alpha;
  json["port_bandwidth"] = decision.problem.bandwidth;
  json["rounds"] = toJson(decision.solution.rounds);
  json["baselines"] = toJson(decision.baselines);
  json["port_units"] = decision.solution.portUnits;
  json["traffic"] = toJson(decision.problem.traffic);
}

static void addDecision(Json &json, const HierarchicalDecision &decision) {
  json["bound_s"] = decision.bound;
  json["makespan_s"] = decision.cost;
  json["alpha_s"] = decision.problem.alpha;
  json["devices_per_node"] = decision.problem.devicesPerNode;
  json["network_bandwidth"] = decision.problem.networkBandwidth;
  json["intra_bandwidth"] = decision.problem.intraBandwidth;
  json["slices"] = Json::array();
  for (const plan::Slice &slice : decision.solution.slices)
    json["slices"].push_back({{"src", slice.src},
                              {"dst", slice.dst},
                              {"lane", slice.lane},
                              {"bytes", slice.bytes}});
  json["rounds"] = toJson(decision.solution.rounds.rounds);
  json["port_units"] = decision.solution.rounds.portUnits;
  json["baselines"] = toJson(decision.baselines);
  json["traffic"] = toJson(decision.problem.traffic);
}

/// The expert ids of one of `blocks` equal blocks.
static Json block(int64_t experts, int64_t blocks, int64_t index) {
  std::vector<int64_t> ids(experts / blocks);
  std::iota(ids.begin(), ids.end(), index * (experts / blocks));
  return ids;
}

static Json toJson(const plan::ExpertCosts &costs) {
  const int64_t n = costs.size();
  Json ffn = Json::array();
  for (int64_t e = 0; e < n; ++e)
    ffn.push_back(std::vector<double>(costs.ffn.begin() + e * n,
                                      costs.ffn.begin() + (e + 1) * n));
  return {{"sent", costs.sent}, {"received", costs.received}, {"ffn_s", ffn}};
}

static void addDecision(Json &json, const ColocationDecision &decision) {
  addScore(json, decision.score);
  json["port_bandwidth"] = decision.layers.front().problem.bandwidth;
  json["layers"] = Json::array();
  for (const ColocatedLayer &layer : decision.layers) {
    const int64_t n = layer.problem.size();
    Json row = {{"layer_a", layer.layerA}, {"layer_b", layer.layerB}};
    std::vector<int32_t> partners = layer.solution.partnersOfA();
    for (int64_t e = 0; e < n; ++e)
      row["pairs"].push_back({{"a", block(layer.expertsA, n, e)},
                              {"b", block(layer.expertsB, n, partners[e])},
                              {"device", layer.solution.deviceOfA[e]}});
    row["costs_a"] = toJson(layer.problem.a);
    row["costs_b"] = toJson(layer.problem.b);
    addScore(row, layer.score);
    json["layers"].push_back(std::move(row));
  }
}

std::string_view moec::target::kindOf(const Plan &plan) {
  static constexpr std::string_view names[] = {
      "placement", "all-to-all", "hierarchical-all-to-all", "colocation"};
  return names[plan.decision.index()];
}

Json moec::target::planToJson(const Plan &plan) {
  Json json = {{"format", "moec-plan/1"}, {"kind", kindOf(plan)}};
  std::visit([&](const auto &decision) { addDecision(json, decision); },
             plan.decision);
  json["machine"] = hardwareToJson(plan.machine);
  json["inputs"] = Json::array();
  for (const PlanInput &input : plan.inputs)
    json["inputs"].push_back({{"path", input.path}, {"xxh3", input.hash}});
  return json;
}

/// On one line. Paths need not be UTF-8; JSON must be.
static std::string dump(const Json &json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string moec::target::printPlan(const Plan &plan) {
  Json json = planToJson(plan);
  std::string out = "{";
  const char *separator = "\n";
  for (auto it = json.begin(); it != json.end(); ++it) {
    out += fmt::format("{}  {}: ", separator, dump(it.key()));
    separator = ",\n";
    bool isTable =
        it->is_array() && !it->empty() && it->front().is_structured();
    if (!isTable) {
      out += dump(*it);
      continue;
    }
    const char *rowSeparator = "[\n";
    for (const Json &row : *it) {
      out += fmt::format("{}    {}", rowSeparator, dump(row));
      rowSeparator = ",\n";
    }
    out += "\n  ]";
  }
  return out + "\n}\n";
}
