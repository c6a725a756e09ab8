//===- Phases.h - Which part of a layer an op belongs to ------------------===//
//
// Part of moec. Profiles tell the parts of a layer apart, long after its moe
// ops have become loops and kernels. Locations carry it there: no pass drops
// them, and what is fused of two parts belongs to the first.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_PHASES_H
#define MOEC_PASSES_LOWER_PHASES_H

#include "dialect/moe_rt/MoeRt.h"

namespace moec::lower {

/// `location`, saying that what is made there belongs to `phase`.
mlir::Location inPhase(mlir::Location location, rt::Phase phase);

/// What inPhase() said, if anything.
std::optional<rt::Phase> phaseOf(mlir::Location location);

/// The node of the model that `location` leads to, "" if none.
llvm::StringRef sourceOf(mlir::Location location);

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_PHASES_H
