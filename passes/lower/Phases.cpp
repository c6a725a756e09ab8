#include "passes/lower/Phases.h"

#include "mlir/IR/Location.h"

using namespace mlir;
using namespace moec;

Location moec::lower::inPhase(Location location, rt::Phase phase) {
  MLIRContext *context = location->getContext();
  return FusedLoc::get(context, {location}, rt::PhaseAttr::get(context, phase));
}

std::optional<rt::Phase> moec::lower::phaseOf(Location location) {
  auto fused = dyn_cast<FusedLoc>(location);
  if (!fused)
    return std::nullopt;
  if (auto phase = dyn_cast_if_present<rt::PhaseAttr>(fused.getMetadata()))
    return phase.getValue();
  for (Location part : fused.getLocations())
    if (std::optional<rt::Phase> phase = phaseOf(part))
      return phase;
  return std::nullopt;
}

StringRef moec::lower::sourceOf(Location location) {
  if (auto name = dyn_cast<NameLoc>(location))
    return name.getName();
  if (auto fused = dyn_cast<FusedLoc>(location))
    for (Location part : fused.getLocations())
      if (StringRef name = sourceOf(part); !name.empty())
        return name;
  return "";
}
