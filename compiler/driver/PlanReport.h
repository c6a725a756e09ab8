//===- PlanReport.h - What a planned module says about its plan -----------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_PLANREPORT_H
#define MOEC_DRIVER_PLANREPORT_H

#include "driver/Phases.h"
#include "driver/Report.h"

#include "llvm/Support/Error.h"

namespace moec::driver {

/// The layers of a module at the plan level, in order.
std::vector<LayerReport> reportLayers(mlir::ModuleOp module);

/// The text of plan.json: the machine, the decisions, and hashes of the files
/// they were made from. Empty if no hardware file was given or nothing was
/// placed.
llvm::Expected<std::string> planFile(const Compilation &compilation);

} // namespace moec::driver

#endif // MOEC_DRIVER_PLANREPORT_H
