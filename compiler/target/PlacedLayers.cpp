#include "target/PlacedLayers.h"

#include "target/Routing.h"
#include "target/SlotMap.h"

#include <fmt/format.h>

#include <algorithm>

using namespace moec;
using namespace moec::target;

static FileError unplaced(const std::string &message) {
  return {"", 0, 0, "", message};
}

static Status checkLayer(const PlacedLayer &layer) {
  std::vector<bool> seen(static_cast<size_t>(layer.experts), false);
  for (const std::vector<int32_t> &slots : layer.placement.devices)
    for (int32_t expert : slots) {
      if (expert < 0 || expert >= layer.experts)
        return unplaced(fmt::format("layer {}: expert {} is not in 0..{}",
                                    layer.layer, expert, layer.experts - 1));
      seen[static_cast<size_t>(expert)] = true;
    }
  auto missing = std::find(seen.begin(), seen.end(), false);
  if (missing != seen.end())
    return unplaced(fmt::format("layer {}: expert {} is on no device",
                                layer.layer, missing - seen.begin()));
  return success();
}

Status moec::target::checkLayers(const std::vector<PlacedLayer> &layers) {
  if (layers.empty())
    return unplaced("the plan has no layer");
  size_t devices = layers.front().placement.devices.size();
  for (const PlacedLayer &layer : layers) {
    if (layer.placement.devices.size() != devices)
      return unplaced(fmt::format("layer {} uses {} devices, layer {} uses {}",
                                  layer.layer, layer.placement.devices.size(),
                                  layers.front().layer, devices));
    if (Status status = checkLayer(layer); !status)
      return status;
  }
  return success();
}

std::vector<int64_t>
moec::target::slotsOf(const plan::LayerPlacement &placement,
                      const std::string &who) {
  std::vector<int64_t> slots;
  for (size_t d = 0; d < placement.devices.size(); ++d) {
    const std::vector<int32_t> &experts = placement.devices[d];
    if (experts.size() != placement.devices.front().size())
      throw unplaced(fmt::format(
          "{}: device {} has {} experts, device 0 has {}; this format needs "
          "equally many on every device",
          who, d, experts.size(), placement.devices.front().size()));
    slots.insert(slots.end(), experts.begin(), experts.end());
  }
  return slots;
}

plan::LayerPlacement
moec::target::placementOf(const std::vector<int64_t> &slots, int64_t devices) {
  plan::LayerPlacement placement;
  size_t each = slots.size() / static_cast<size_t>(devices);
  for (size_t d = 0; d < static_cast<size_t>(devices); ++d)
    placement.devices.emplace_back(slots.begin() + d * each,
                                   slots.begin() + (d + 1) * each);
  return placement;
}

int64_t moec::target::expertsOf(const plan::LayerPlacement &placement) {
  int32_t largest = -1;
  for (const std::vector<int32_t> &experts : placement.devices)
    for (int32_t expert : experts)
      largest = std::max(largest, expert);
  return int64_t{largest} + 1;
}
