//===- Attention.h - Scaled dot-product attention -------------------------===//
//
// Part of moec. What the attention operators of both domains share.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_ATTENTION_H
#define MOEC_PASSES_IMPORT_LOWERING_ATTENTION_H

#include "passes/import/lowering/Lowering.h"

namespace moec {

/// softmax(cap(scale * q k^T) + mask) v, with H / Hk query heads for each head
/// of k and v. All tensors have the same type, f32 or f64.
struct AttentionSpec {
  SymTensor q;                    ///< [B, H, S, D]
  SymTensor k;                    ///< [B, Hk, T, D]
  SymTensor v;                    ///< [B, Hk, T, Dv]
  std::optional<SymTensor> mask;  ///< [B or 1, H or 1, S or 1, T], added
  std::optional<SymTensor> sinks; ///< [H], one more logit without a value
  mlir::Value scale;              ///< scalar
  double softcap = 0;             ///< cap(x) = c tanh(x / c); 0: none
};

/// The stages of the scores, [B, H, S, T], in the order of Attention's
/// qk_matmul_output_mode.
struct AttentionStages {
  SymTensor raw, capped, masked, probabilities;
};

/// The type to compute attention in.
mlir::Type attentionType(Lowering &l, mlir::Type element);
/// q, k and v in `type`, and the scale: the attribute, or 1 / sqrt(D). Run-time
/// checks that they fit each other; a diagnostic where it is known now that they
/// do not.
mlir::FailureOr<AttentionSpec>
attentionSpec(Lowering &l, onnx::Node node, const SymTensor &q,
              const SymTensor &k, const SymTensor &v, mlir::Type type);

/// [B, H, S, Dv], by the kernel without a matrix of scores where it can; a row
/// whose keys are all masked gives 0. With `stages` the scores are kept there.
SymTensor attend(Lowering &l, const AttentionSpec &spec,
                 AttentionStages *stages = nullptr);

/// [B, S, heads * D] to [B, heads, S, D], and back.
SymTensor splitHeads(Lowering &l, const SymTensor &x, Sym heads);
SymTensor joinHeads(Lowering &l, const SymTensor &x);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_ATTENTION_H
