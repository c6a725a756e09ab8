//===- SlotMap.h - Slots in a row <-> slots by device ---------------------===//
//
// Part of moec. Internal to the engines' formats: they number slots through
// all devices, equally many on each. Throws FileError without a place.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_SLOTMAP_H
#define MOEC_TARGET_SLOTMAP_H

#include "plan/Placement.h"

#include <cstdint>
#include <string>
#include <vector>

namespace moec::target {

/// More slots than any model has in a layer.
inline constexpr int64_t maxSlots = 65536;

/// The expert of every slot. Throws, naming `who`, when devices have different
/// numbers of experts.
std::vector<int64_t> slotsOf(const plan::LayerPlacement &placement,
                             const std::string &who);

/// Precondition: `devices` divides the number of slots.
plan::LayerPlacement placementOf(const std::vector<int64_t> &slots,
                                 int64_t devices);

/// One more than the largest id.
int64_t expertsOf(const plan::LayerPlacement &placement);

} // namespace moec::target

#endif // MOEC_TARGET_SLOTMAP_H
