#include "Commands.h"
#include "Inputs.h"

#include "target/Hardware.h"
#include "target/TextFile.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::tools;

/// A plan of ours or of an engine, recognised by its keys. `machine` is filled
/// where the file holds one.
static std::vector<target::PlacedLayer> loadLayers(const Arguments &arguments,
                                                   const std::string &path,
                                                   plan::Topology &machine) {
  std::string text = take(target::readFile(path));
  int64_t devices = arguments.integer("--devices", 0, 1, 65536);
  auto mentions = [&](const char *key) {
    return text.find(key) != std::string::npos;
  };
  if (mentions("physical_to_logical_map"))
    return take(target::parseSglang(text, path, devices));
  if (mentions("layer_list"))
    return take(target::parseAscend(text, path));
  if (mentions("initial_global_assignments"))
    return take(target::parseTrtllm(text, path, devices));
  PlacementPlan plan = loadPlacement(path);
  machine = plan.machine;
  return plan.decision.layers;
}

static std::string toPlan(const std::vector<target::PlacedLayer> &layers,
                          plan::Topology machine, const std::string &path) {
  target::PlacementDecision decision;
  decision.strategy = "imported";
  decision.reason = "imported from " + path;
  decision.layers = layers;
  for (const target::PlacedLayer &layer : layers)
    decision.slots = std::max(decision.slots, layer.placement.slots());
  if (machine.devices.empty())
    machine = plan::Topology::uniform(
        static_cast<int64_t>(layers.front().placement.devices.size()));
  return target::printPlan({machine, {}, decision});
}

int moec::tools::convertCommand(Words words) {
  static constexpr OptionSpec options[] = {{"--to"}, {"--devices"}, {"-o"}};
  Arguments arguments(words, options, 1);
  std::string to = arguments.need("--to");
  if (to == "hardware") {
    output(arguments, target::printHardware(loadMachine(arguments[0])));
    return 0;
  }
  if (to != "sglang" && to != "trtllm" && to != "ascend" && to != "plan")
    throw UsageError{fmt::format("option --to: '{}' is not known; expected "
                                 "sglang, trtllm, ascend, plan or hardware",
                                 to)};
  plan::Topology machine;
  std::vector<target::PlacedLayer> layers =
      loadLayers(arguments, arguments[0], machine);
  take(target::checkLayers(layers));
  if (to == "ascend" &&
      layers.back().layer != static_cast<int64_t>(layers.size()) - 1)
    warn("the ascend format counts MoE layers from 0: layer numbers are lost");
  output(arguments, to == "sglang"   ? take(target::printSglang(layers))
                    : to == "trtllm" ? take(target::printTrtllm(layers))
                    : to == "ascend" ? target::printAscend(layers)
                                     : toPlan(layers, machine, arguments[0]));
  return 0;
}
