#include "target/Json.h"
#include "target/PlacedLayers.h"
#include "target/Routing.h"
#include "target/SlotMap.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::target;

std::string moec::target::printAscend(const std::vector<PlacedLayer> &layers) {
  using Json = nlohmann::ordered_json;
  Json root = {{"moe_layer_count", layers.size()},
               {"layer_list", Json::array()}};
  for (const PlacedLayer &layer : layers) {
    Json devices = Json::array();
    for (const std::vector<int32_t> &experts : layer.placement.devices)
      devices.push_back(
          {{"device_id", devices.size()}, {"device_expert", experts}});
    root["layer_list"].push_back({{"layer_id", root["layer_list"].size()},
                                  {"device_count", devices.size()},
                                  {"device_list", devices}});
  }
  return root.dump() + "\n";
}

static PlacedLayer parseLayer(const JsonValue &item, int64_t index) {
  item.expectKeys({"layer_id", "device_count", "device_list"});
  PlacedLayer layer;
  JsonValue id = item.need("layer_id");
  layer.layer = id.integer(0, maxLayers - 1);
  if (layer.layer != index)
    id.fail(fmt::format("{} at place {}; layers must be listed in order",
                        layer.layer, index));
  int64_t expected = item.need("device_count").integer(1, maxSlots);
  JsonValue list = item.need("device_list");
  for (const JsonValue &device : list.items("devices")) {
    device.expectKeys({"device_id", "device_expert"});
    JsonValue deviceId = device.need("device_id");
    if (deviceId.integer(0, maxSlots) !=
        static_cast<int64_t>(layer.placement.devices.size()))
      deviceId.fail(fmt::format("expected device {}; devices must be listed in "
                                "order",
                                layer.placement.devices.size()));
    std::vector<int64_t> experts =
        device.need("device_expert").integers("experts", 0, maxExperts - 1);
    layer.placement.devices.emplace_back(experts.begin(), experts.end());
  }
  if (static_cast<int64_t>(layer.placement.devices.size()) != expected)
    list.fail(fmt::format("{} devices; device_count says {}",
                          layer.placement.devices.size(), expected));
  layer.experts = expertsOf(layer.placement);
  return layer;
}

Result<std::vector<PlacedLayer>>
moec::target::parseAscend(const std::string &text, const std::string &file) {
  return guarded([&] {
    JsonDocument document(text, file);
    JsonValue root = document.root();
    root.expectKeys({"moe_layer_count", "layer_list"});
    int64_t expected = root.need("moe_layer_count").integer(1, maxLayers);
    JsonValue list = root.need("layer_list");
    std::vector<PlacedLayer> layers;
    for (const JsonValue &item : list.items("layers"))
      layers.push_back(parseLayer(item, static_cast<int64_t>(layers.size())));
    if (static_cast<int64_t>(layers.size()) != expected)
      list.fail(fmt::format("{} layers; moe_layer_count says {}", layers.size(),
                            expected));
    if (Status status = checkLayers(layers); !status)
      list.fail(status.error().message);
    return layers;
  });
}
