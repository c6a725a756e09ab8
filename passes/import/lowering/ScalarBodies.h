//===- ScalarBodies.h - What element-wise operators do to one element -----===//
//
// Part of moec. One scalar body for each ONNX operator that works element by
// element. Operands come in compute type (16-bit floats as f32) and already
// have one type.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_SCALARBODIES_H
#define MOEC_PASSES_IMPORT_LOWERING_SCALARBODIES_H

#include "dialect/onnx/Node.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace moec {

/// Where a scalar body stands: the node gives attributes.
struct Scalar {
  mlir::ImplicitLocOpBuilder &b;
  onnx::Node node;
  bool isUnsigned; ///< the ONNX type of the first operand
};

using Body = mlir::Value (*)(const Scalar &, mlir::ValueRange);

/// The bodies by the operator's name. Operators of several operands (Max, Sum)
/// are folded over them, two at a time.
const llvm::StringMap<Body> &unaryBodies();
const llvm::StringMap<Body> &binaryBodies();

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_SCALARBODIES_H
