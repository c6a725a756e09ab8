#include "target/Json.h"
#include "target/PlacedLayers.h"
#include "target/Routing.h"
#include "target/SlotMap.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

using namespace moec;
using namespace moec::target;

static std::string print(const std::vector<PlacedLayer> &layers) {
  std::map<int64_t, std::vector<int64_t>> rows;
  size_t slots = 0;
  for (const PlacedLayer &layer : layers) {
    std::vector<int64_t> row =
        slotsOf(layer.placement, fmt::format("layer {}", layer.layer));
    if (slots && row.size() != slots)
      throw FileError{"", 0, 0, "",
                      fmt::format("layer {} has {} slots, others have {}; "
                                  "SGLang needs one number for all layers",
                                  layer.layer, row.size(), slots)};
    slots = row.size();
    rows[layer.layer] = std::move(row);
  }
  std::string out = "{\"physical_to_logical_map\": [";
  int64_t experts = layers.front().experts;
  for (int64_t id = 0; id <= rows.rbegin()->first; ++id) {
    std::vector<int64_t> &row = rows[id];
    for (size_t slot = row.size(); slot < slots; ++slot)
      row.push_back(static_cast<int64_t>(slot) % experts);
    out += fmt::format("{}\n  [{}]", id ? "," : "", fmt::join(row, ", "));
  }
  return out + "\n]}\n";
}

Result<std::string>
moec::target::printSglang(const std::vector<PlacedLayer> &layers) {
  if (Status status = checkLayers(layers); !status)
    return status.error();
  return guarded([&] { return print(layers); });
}

static std::vector<PlacedLayer> parse(const JsonValue &root, int64_t devices) {
  root.expectKeys({"physical_to_logical_map"});
  JsonValue map = root.need("physical_to_logical_map");
  std::vector<PlacedLayer> layers;
  for (const JsonValue &row : map.items("layers")) {
    std::vector<int64_t> slots =
        row.integers("experts by slot", 0, maxExperts - 1);
    if (slots.empty() || slots.size() > static_cast<size_t>(maxSlots) ||
        slots.size() % static_cast<size_t>(devices) != 0)
      row.fail(fmt::format("{} slots cannot be shared out equally over {} "
                           "devices",
                           slots.size(), devices));
    PlacedLayer layer;
    layer.layer = static_cast<int64_t>(layers.size());
    layer.placement = placementOf(slots, devices);
    layer.experts = expertsOf(layer.placement);
    layers.push_back(std::move(layer));
  }
  if (Status status = checkLayers(layers); !status)
    map.fail(status.error().message);
  return layers;
}

Result<std::vector<PlacedLayer>>
moec::target::parseSglang(const std::string &text, const std::string &file,
                          int64_t devices) {
  if (devices < 1)
    return FileError{file, 0, 0, "",
                     "the file does not say how many devices share the slots; "
                     "give the number of devices"};
  return guarded([&] {
    JsonDocument document(text, file);
    return parse(document.root(), devices);
  });
}
