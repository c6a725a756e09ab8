//===- ScalarMath.h - Functions of one float that several ops need --------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_SCALARMATH_H
#define MOEC_PASSES_IMPORT_LOWERING_SCALARMATH_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace moec {

/// 1 / (1 + exp(-x)).
mlir::Value sigmoid(mlir::ImplicitLocOpBuilder &b, mlir::Value x);
/// log(1 + exp(x)) as max(x, 0) + log1p(exp(-|x|)), which does not overflow.
mlir::Value softplus(mlir::ImplicitLocOpBuilder &b, mlir::Value x);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_SCALARMATH_H
