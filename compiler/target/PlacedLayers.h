//===- PlacedLayers.h - Placements in serving engines' formats ------------===//
//
// Part of moec. SGLang, TensorRT-LLM and vllm-ascend each read a placement
// from a file; README.md beside this file describes the formats.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_PLACEDLAYERS_H
#define MOEC_TARGET_PLACEDLAYERS_H

#include "plan/Placement.h"
#include "target/FileError.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moec::target {

/// The placement of one layer of a model.
struct PlacedLayer {
  int64_t layer = 0;   ///< index in the model
  int64_t experts = 0; ///< E
  plan::LayerPlacement placement;
  /// Order of the layer's exchange: per round, the device that each device
  /// sends to, -1: none. Empty: as the runtime likes. Only our own plan files
  /// hold it.
  std::vector<std::vector<int32_t>> rounds = {};
  bool operator==(const PlacedLayer &) const = default;
};

/// Every expert id is in range and every expert has a slot; all layers use the
/// same number of devices. The error has no place in a file.
Status checkLayers(const std::vector<PlacedLayer> &layers);

/// SGLang's `--init-expert-location` JSON: {"physical_to_logical_map":
/// [layers][slots]}. It has a row for every layer up to the last one; layers
/// that `layers` lacks (dense ones) get experts in turn. Fails where devices
/// have different numbers of slots, which the format cannot say.
Result<std::string> printSglang(const std::vector<PlacedLayer> &layers);
/// The file does not say how many devices share the slots: `devices` does.
Result<std::vector<PlacedLayer>>
parseSglang(const std::string &text, const std::string &file, int64_t devices);

/// TensorRT-LLM's `moe_load_balancer.yaml`: num_slots,
/// initial_global_assignments {layer: [expert of each slot]},
/// layer_updates_per_iter 0 (a fixed placement). Equal slots per device.
Result<std::string> printTrtllm(const std::vector<PlacedLayer> &layers);
/// `devices` as for SGLang; a key `ep_size` in the file goes before it.
Result<std::vector<PlacedLayer>>
parseTrtllm(const std::string &text, const std::string &file, int64_t devices);

/// vllm-ascend's expert map: {"moe_layer_count", "layer_list": [{"layer_id",
/// "device_count", "device_list": [{"device_id", "device_expert"}]}]}. It
/// counts MoE layers only, from 0: layer numbers of the model are lost.
std::string printAscend(const std::vector<PlacedLayer> &layers);
Result<std::vector<PlacedLayer>> parseAscend(const std::string &text,
                                             const std::string &file);

} // namespace moec::target

#endif // MOEC_TARGET_PLACEDLAYERS_H
