//===- Rotary.h - Rotary position embedding -------------------------------===//
//
// Part of moec. "RoFormer: Enhanced Transformer with Rotary Position Embedding",
// Su et al., 2021: pairs of a head's elements are rotated by an angle that grows
// with the token's position.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_ROTARY_H
#define MOEC_PASSES_IMPORT_LOWERING_ROTARY_H

#include "passes/import/lowering/Lowering.h"

namespace moec {

struct Rotation {
  SymTensor cos, sin; ///< [rows, n / 2], or [B, S, n / 2] without `position`
  /// The row of `cos` for (batch, token), index values; it must be in range.
  std::function<mlir::Value(mlir::ImplicitLocOpBuilder &, mlir::Value batch,
                            mlir::Value token)>
      position;
  bool interleaved = false; ///< pairs (2i, 2i + 1); otherwise (i, i + n / 2)
  int64_t tokenAxis = 1;    ///< of x: 1 for [B, S, heads, D], 2 for [B, heads, S, D]
};

/// Rotates the first n elements of each head of x (rank 4); the others stay.
/// 16-bit floats are computed in f32. n is twice the last extent of `cos`, which
/// the caller has compared with D.
SymTensor rotate(Lowering &l, const SymTensor &x, const Rotation &rotation);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_ROTARY_H
