#include "target/PlanReader.h"
#include "target/Hardware.h"
#include "target/PlanFile.h"
#include "target/Routing.h"
#include "target/SlotMap.h"
#include "target/TextFile.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::target;

Baselines moec::target::readBaselines(const JsonValue &value) {
  if (!value.isObject())
    value.fail("expected an object of names and seconds");
  Baselines result;
  for (auto it = value.raw().begin(); it != value.raw().end(); ++it)
    result.emplace_back(it.key(), value.need(it.key()).number());
  return result;
}

PlanScore moec::target::readScore(const JsonValue &value) {
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
  root.expectKeys({"format", "kind", "strategy", "reason", "slots", "capacity",
                   "layers", "objective_s", "bound_s", "baselines", "held_out",
                   "machine", "inputs"});
  PlacementDecision decision;
  decision.strategy = root.need("strategy").string();
  decision.reason = root.need("reason").string();
  decision.slots = root.need("slots").integer(1, maxSlots);
  if (std::optional<JsonValue> capacity = root.find("capacity")) {
    decision.capacity = capacity->integers("experts", 0, maxSlots);
    if (static_cast<int64_t>(decision.capacity.size()) != machine.size())
      capacity->fail(fmt::format("{} numbers; the machine has {} devices",
                                 decision.capacity.size(), machine.size()));
  }
  JsonValue layers = root.need("layers");
  for (const JsonValue &layer : layers.items("layers"))
    decision.layers.push_back(readLayer(layer, machine.size()));
  if (decision.layers.empty())
    layers.fail("the plan has no layer");
  decision.score = readScore(root);
  if (std::optional<JsonValue> heldOut = root.find("held_out")) {
    heldOut->expectKeys({"objective_s", "bound_s", "baselines"});
    decision.hasHeldOut = true;
    decision.heldOut = readScore(*heldOut);
  }
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
  else if (kind.string() == "hierarchical-all-to-all")
    plan.decision = readHierarchical(root, plan.machine);
  else if (kind.string() == "colocation")
    plan.decision = readColocation(root, plan.machine);
  else
    kind.fail(fmt::format("kind '{}' is not known; expected placement, "
                          "all-to-all, hierarchical-all-to-all or colocation",
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
