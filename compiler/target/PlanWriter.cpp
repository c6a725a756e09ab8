#include "target/Hardware.h"
#include "target/PlanFile.h"

#include <fmt/format.h>

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
  json["kind"] = "placement";
  json["strategy"] = decision.strategy;
  json["reason"] = decision.reason;
  json["slots"] = decision.slots;
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
  else
    json["held_out"] = nullptr;
}

static void addDecision(Json &json, const AllToAllDecision &decision) {
  json["kind"] = "all-to-all";
  json["bound_s"] = decision.bound;
  json["makespan_s"] = decision.cost;
  json["alpha_s"] = decision.problem.alpha;
  json["port_bandwidth"] = decision.problem.bandwidth;
  json["rounds"] = Json::array();
  for (const plan::Round &round : decision.solution.rounds) {
    Json sends = Json::array();
    for (const plan::Send &send : round.sends)
      sends.push_back(
          {{"src", send.src}, {"dst", send.dst}, {"bytes", send.bytes}});
    json["rounds"].push_back({{"seconds", round.seconds}, {"sends", sends}});
  }
  json["baselines"] = toJson(decision.baselines);
  json["port_units"] = decision.solution.portUnits;
  json["traffic"] = Json::array();
  int64_t n = decision.problem.traffic.size();
  for (int64_t from = 0; from < n; ++from) {
    Json row = Json::array();
    for (int64_t to = 0; to < n; ++to)
      row.push_back(decision.problem.traffic(from, to));
    json["traffic"].push_back(row);
  }
}

Json moec::target::planToJson(const Plan &plan) {
  Json json = {{"format", "moec-plan/1"}};
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
