#include "target/PlacedLayers.h"
#include "target/Routing.h"
#include "target/SlotMap.h"
#include "target/Yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

using namespace moec;
using namespace moec::target;

static std::string print(const std::vector<PlacedLayer> &layers) {
  std::string body;
  size_t slots = 0;
  for (const PlacedLayer &layer : layers) {
    std::vector<int64_t> row =
        slotsOf(layer.placement, fmt::format("layer {}", layer.layer));
    if (slots && row.size() != slots)
      throw FileError{"", 0, 0, "",
                      fmt::format("layer {} has {} slots, others have {}; "
                                  "TensorRT-LLM needs one number for all "
                                  "layers",
                                  layer.layer, row.size(), slots)};
    slots = row.size();
    body += fmt::format("  {}: [{}]\n", layer.layer, fmt::join(row, ", "));
  }
  return fmt::format("# {} devices with {} consecutive slots each\n"
                     "num_slots: {}\ninitial_global_assignments:\n{}"
                     "layer_updates_per_iter: 0\n",
                     layers.front().placement.devices.size(),
                     slots / layers.front().placement.devices.size(), slots,
                     body);
}

Result<std::string>
moec::target::printTrtllm(const std::vector<PlacedLayer> &layers) {
  if (Status status = checkLayers(layers); !status)
    return status.error();
  return guarded([&] { return print(layers); });
}

static std::vector<PlacedLayer> parse(const YamlNode &root, int64_t devices) {
  root.expectKeys({"num_slots", "ep_size", "initial_global_assignments",
                   "layer_updates_per_iter"});
  if (auto size = root.find("ep_size"))
    devices = size->integer(1, maxSlots);
  YamlNode count = root.need("num_slots");
  int64_t slots = count.integer(1, maxSlots);
  if (devices < 1)
    root.fail("the file has no ep_size; give the number of devices");
  if (slots % devices != 0)
    count.fail(fmt::format("{} slots cannot be shared out equally over {} "
                           "devices",
                           slots, devices));
  YamlNode assignments = root.need("initial_global_assignments");
  std::vector<PlacedLayer> layers;
  for (const auto &[name, list] : assignments.entries()) {
    PlacedLayer layer;
    auto [rest, code] =
        std::from_chars(name.data(), name.data() + name.size(), layer.layer);
    if (code != std::errc() || rest != name.data() + name.size() ||
        layer.layer < 0)
      list.fail("the key is no layer number");
    std::vector<int64_t> row;
    for (const YamlNode &item : list.items("experts by slot"))
      row.push_back(item.integer(0, maxExperts - 1));
    if (static_cast<int64_t>(row.size()) != slots)
      list.fail(fmt::format("{} experts for {} slots", row.size(), slots));
    layer.placement = placementOf(row, devices);
    layer.experts = expertsOf(layer.placement);
    layers.push_back(std::move(layer));
  }
  if (Status status = checkLayers(layers); !status)
    assignments.fail(status.error().message);
  return layers;
}

Result<std::vector<PlacedLayer>>
moec::target::parseTrtllm(const std::string &text, const std::string &file,
                          int64_t devices) {
  return guarded([&] { return parse(YamlNode::parse(text, file), devices); });
}
