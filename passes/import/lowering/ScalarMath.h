//===- ScalarMath.h - Scalar code that several lowerings need ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_SCALARMATH_H
#define MOEC_PASSES_IMPORT_LOWERING_SCALARMATH_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace moec {

/// The type to compute in: f32 for 16-bit floats, else the type itself.
mlir::Type computeType(mlir::ImplicitLocOpBuilder &b, mlir::Type type);
/// To the compute type.
mlir::Value widen(mlir::ImplicitLocOpBuilder &b, mlir::Value value);
/// From the compute type back to `element`.
mlir::Value narrow(mlir::ImplicitLocOpBuilder &b, mlir::Value value,
                   mlir::Type element);

/// x + y in a sum that may be reordered into vector lanes: the order is fixed
/// at compile time, so a result never depends on the run.
mlir::Value addReassociated(mlir::ImplicitLocOpBuilder &b, mlir::Value x,
                            mlir::Value y);

/// 1 / (1 + exp(-x)).
mlir::Value sigmoid(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
/// log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), which does not overflow.
mlir::Value softplus(mlir::ImplicitLocOpBuilder &b, mlir::Value x);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_SCALARMATH_H
