//===- ReadModel.h - The first phase --------------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_READMODEL_H
#define MOEC_DRIVER_READMODEL_H

#include "driver/Phases.h"

namespace moec::driver {

/// Reads the model and, if given, the hardware file. A file whose text begins
/// like MLIR (a comment, an attribute alias, `module`, `func` or an op) is IR,
/// anything else an ONNX model.
mlir::LogicalResult readModel(Compilation &compilation);

} // namespace moec::driver

#endif // MOEC_DRIVER_READMODEL_H
