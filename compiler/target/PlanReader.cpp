#include "target/Hardware.h"
#include "target/Json.h"
#include "target/PlanFile.h"
#include "target/Routing.h"
#include "target/SlotMap.h"
#include "target/TextFile.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::target;

static Baselines readBaselines(const JsonValue &value) {
  if (!value.isObject())
    value.fail("expected an object of names and seconds");
  Baselines result;
  for (auto it = value.raw().begin(); it != value.raw().end(); ++it)
    result.emplace_back(it.key(), value.need(it.key()).number());
  return result;
}

static PlanScore readScore(const JsonValue &value) {
  return {value.need("objective_s").number(), value.need("bound_s").number(),
          readBaselines(value.need("baselines"))};
}

static PlacedLayer readLayer(const JsonValue &value, int64_t devices) {
  value.expectKeys({"layer", "experts", "devices", "rounds"});
  PlacedLayer layer;
  layer.layer = value.need("layer").integer(0, int64_t{1} << 20);
  layer.experts = value.need("experts").integer(1, maxExperts);
  JsonValue lists = value.need("devices");
  for (const JsonValue &list : lists.items("devices")) {
    std::vector<int64_t> experts =
        list.integers("expert ids", 0, layer.experts - 1);
    layer.placement.devices.emplace_back(experts.begin(), experts.end());
  }
  int64_t found = static_cast<int64_t>(layer.placement.devices.size());
  if (found != devices)
    lists.fail(fmt::format("{} devices; the machine has {}", found, devices));
  if (std::optional<JsonValue> rounds = value.find("rounds"))
    for (const JsonValue &round : rounds->items("rounds")) {
      std::vector<int64_t> to = round.integers("devices", -1, devices - 1);
      if (static_cast<int64_t>(to.size()) != devices)
        round.fail(fmt::format("{} destinations; the machine has {} devices",
                               to.size(), devices));
      layer.rounds.emplace_back(to.begin(), to.end());
    }
  return layer;
}

static PlacementDecision readPlacement(const JsonValue &root,
                                       const plan::Topology &machine) {
  root.expectKeys({"format", "kind", "strategy", "reason", "slots", "layers",
                   "objective_s", "bound_s", "baselines", "held_out", "machine",
                   "inputs"});
  PlacementDecision decision;
  decision.strategy = root.need("strategy").string();
  decision.reason = root.need("reason").string();
  decision.slots = root.need("slots").integer(1, maxSlots);
  JsonValue layers = root.need("layers");
  for (const JsonValue &layer : layers.items("layers"))
    decision.layers.push_back(readLayer(layer, machine.size()));
  if (decision.layers.empty())
    layers.fail("the plan has no layer");
  decision.score = readScore(root);
  JsonValue heldOut = root.need("held_out");
  decision.hasHeldOut = !heldOut.raw().is_null();
  if (decision.hasHeldOut) {
    heldOut.expectKeys({"objective_s", "bound_s", "baselines"});
    decision.heldOut = readScore(heldOut);
  }
  return decision;
}

static plan::Round readRound(const JsonValue &value, int64_t ranks) {
  value.expectKeys({"seconds", "sends"});
  plan::Round round;
  round.seconds = value.need("seconds").number();
  for (const JsonValue &item : value.need("sends").items("sends")) {
    item.expectKeys({"src", "dst", "bytes"});
    round.sends.push_back(
        {static_cast<int32_t>(item.need("src").integer(0, ranks - 1)),
         static_cast<int32_t>(item.need("dst").integer(0, ranks - 1)),
         item.need("bytes").integer(0, int64_t{1} << 62)});
  }
  return round;
}

static plan::TrafficMatrix readMatrix(const JsonValue &value, int64_t ranks) {
  std::vector<JsonValue> rows = value.items("rows");
  if (static_cast<int64_t>(rows.size()) != ranks)
    value.fail(
        fmt::format("{} rows; the machine has {} devices", rows.size(), ranks));
  plan::TrafficMatrix traffic(ranks);
  for (int64_t from = 0; from < ranks; ++from) {
    std::vector<int64_t> row =
        rows[from].integers("bytes", 0, int64_t{1} << 62);
    if (static_cast<int64_t>(row.size()) != ranks)
      rows[from].fail(
          fmt::format("{} numbers; expected {}", row.size(), ranks));
    for (int64_t to = 0; to < ranks; ++to)
      traffic(from, to) = row[to];
  }
  return traffic;
}

static AllToAllDecision readAllToAll(const JsonValue &root,
                                     const plan::Topology &machine) {
  root.expectKeys({"format", "kind", "bound_s", "makespan_s", "alpha_s",
                   "port_bandwidth", "rounds", "baselines", "port_units",
                   "traffic", "machine", "inputs"});
  AllToAllDecision decision;
  int64_t ranks = machine.size();
  decision.problem.traffic = readMatrix(root.need("traffic"), ranks);
  JsonValue ports = root.need("port_bandwidth");
  for (const JsonValue &port : ports.items("bytes/s of each port"))
    decision.problem.bandwidth.push_back(port.number());
  if (static_cast<int64_t>(decision.problem.bandwidth.size()) != ranks)
    ports.fail(fmt::format("{} ports; the machine has {} devices",
                           decision.problem.bandwidth.size(), ranks));
  decision.problem.alpha = root.need("alpha_s").number();
  if (plan::Status status = decision.problem.check(); !status)
    root.need("traffic").fail(status.error().message);
  for (const JsonValue &round : root.need("rounds").items("rounds"))
    decision.solution.rounds.push_back(readRound(round, ranks));
  JsonValue units = root.need("port_units");
  for (int64_t count : units.integers("units per port", 1, 1 << 20))
    decision.solution.portUnits.push_back(static_cast<int32_t>(count));
  if (static_cast<int64_t>(decision.solution.portUnits.size()) != ranks)
    units.fail(fmt::format("{} numbers; the machine has {} devices",
                           decision.solution.portUnits.size(), ranks));
  decision.bound = root.need("bound_s").number();
  decision.cost = root.need("makespan_s").number();
  decision.baselines = readBaselines(root.need("baselines"));
  return decision;
}

static plan::Topology readMachineOf(const JsonValue &root) {
  JsonValue machine = root.need("machine");
  // JSON is YAML: the hardware reader checks the embedded machine as well.
  Result<plan::Topology> topology =
      parseHardware(machine.raw().dump(), "machine");
  if (!topology)
    machine.fail(topology.error().key + ": " + topology.error().message);
  return *topology;
}

static Plan readRoot(const JsonValue &root) {
  JsonValue format = root.need("format");
  if (format.string() != "moec-plan/1")
    format.fail(fmt::format("format '{}' is not known; expected moec-plan/1",
                            format.string().substr(0, 40)));
  Plan plan;
  plan.machine = readMachineOf(root);
  for (const JsonValue &input : root.need("inputs").items("inputs")) {
    input.expectKeys({"path", "xxh3"});
    plan.inputs.push_back(
        {input.need("path").string(), input.need("xxh3").string()});
  }
  JsonValue kind = root.need("kind");
  if (kind.string() == "placement")
    plan.decision = readPlacement(root, plan.machine);
  else if (kind.string() == "all-to-all")
    plan.decision = readAllToAll(root, plan.machine);
  else
    kind.fail(fmt::format("kind '{}' is not known; expected placement or "
                          "all-to-all",
                          kind.string().substr(0, 40)));
  return plan;
}

Result<Plan> moec::target::parsePlan(const std::string &text,
                                     const std::string &file) {
  return guarded([&] {
    JsonDocument document(text, file);
    return readRoot(document.root());
  });
}

Result<Plan> moec::target::readPlan(const std::string &path) {
  Result<std::string> text = readFile(path);
  if (!text)
    return text.error();
  return parsePlan(*text, path);
}
