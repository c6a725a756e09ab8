//===- MoeOps.td - The logical ops of the moe dialect ---------*- tablegen -*-===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_MOE_OPS_TD
#define MOEC_MOE_OPS_TD

include "mlir/Interfaces/SideEffectInterfaces.td"
include "dialect/moe/MoeAttrs.td"
include "dialect/moe/MoePlanAttrs.td"

class Moe_Op<string mnemonic, list<Trait> traits = []>
    : Op<Moe_Dialect, mnemonic, [Pure] # traits> {
  let hasVerifier = 1;
}

def Moe_Float : AnyTypeOf<[F32, F16, BF16]>;
def Moe_Matrix : 2DTensorOf<[Moe_Float]>;
def Moe_Ids : 2DTensorOf<[I32]>;
def Moe_Counts : 1DTensorOf<[I64]>;
def Moe_Bank : 3DTensorOf<[Moe_Float]>;

//===----------------------------------------------------------------------===//
// moe.weight
//===----------------------------------------------------------------------===//

def Moe_WeightOp : Moe_Op<"weight"> {
  let summary = "A weight whose bytes stay in their files";
  let description = [{
    The bytes are the concatenation of the regions in order: little-endian,
    row-major. One region is a contiguous tensor; one region per expert is a bank
    that a model stores expert by expert.

    **Constraints:**
    - C1: there is at least one region.
    - C2: the lengths of the regions add up to the size of the result in bytes.

    ```mlir
    %w = moe.weight "fc1" [#moe.region<"w.data", 0, 1024>, #moe.region<"w.data", 4096, 1024>] : tensor<2x16x16xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, Moe_RegionArrayAttr:$regions);
  let results = (outs AnyStaticShapeTensor:$result);
  let assemblyFormat = "$name $regions attr-dict `:` type($result)";
}

//===----------------------------------------------------------------------===//
// moe.route
//===----------------------------------------------------------------------===//

def Moe_RouteOp : Moe_Op<"route", [AttrSizedOperandSegments]> {
  let summary = "Selects k experts per token and weighs them";
  let description = [{
    Per token, computed in f32 whatever the element type:

    1. `s = score(logits)` over the E experts (`sqrt_softplus`: the square root of
       `log(1 + exp(x))`).
    2. Selection scores `c = s + bias` (`bias` is for selection only).
    3. If `groups > 1`, the experts are cut into `groups` equal consecutive
       groups; a group's score is the `max`, or the sum of the two largest, of
       `c` in it; outside the `top_groups` best groups `c` becomes `group_mask`.
    4. The k experts of the largest `c`, in descending order.
    5. Their weights `w`: `s`, or `weights_from` where it is given, at the
       selected experts.
    6. `normalize`: `sum` divides by `max(sum(w) + epsilon, floor)`, `softmax`
       takes the softmax of the k weights ("softmax after top-k").
    7. `w * scale`.

    Equal scores (of experts and of groups) rank by `tie`: the lower index first,
    as ONNX `TopK`, or the higher.

    `sparse_mixer = e` (PhiMoE) replaces 1-7: the first choice is the argmax, its
    weight the softmax over the logits `x` with `(m - x) <= 2e * max(|x|, m)`
    where `m` is the maximum; the second choice is the same with the first taken out.

    **Constraints:**
    - C1: the number of experts E (axis 1 of `logits`) is static.
    - C2: `1 <= k <= E`.
    - C3: both results are [N, k] with N that of `logits`.
    - C4: `weights` has the element type of `logits` or f32.
    - C5: `bias` is [E].
    - C6: `weights_from` has the shape of `logits`.
    - C7: `groups` divides E; `1 <= top_groups <= groups`; the selected groups
      hold at least k experts; `top2_sum` needs two experts per group.
    - C8: `top_groups`, `group_score` and `group_mask` are present exactly if
      `groups > 1`.
    - C9: `epsilon` and `floor` are finite and not negative, and are zero unless
      `normalize` is `sum`; `scale` is finite.
    - C10: `sparse_mixer` is positive, needs k = 2 and E >= 2, and stands alone: no
      bias, groups, `weights_from`, normalisation or scale, softmax score.

    ```mlir
    %w, %e = moe.route %logits {k = 4 : i64, score = #moe.score<sigmoid>, normalize = #moe.normalize<sum>,
        epsilon = 1.0e-20 : f32, scale = 2.5 : f32, groups = 4 : i64, top_groups = 2 : i64,
        group_score = #moe.group_score<top2_sum>, group_mask = 0.0 : f32}
        bias(%b : tensor<16xf32>) : tensor<?x16xf32> -> tensor<?x4xf32>, tensor<?x4xi32>
    ```
  }];
  let arguments = (ins
    Moe_Matrix:$logits,
    Optional<1DTensorOf<[F32]>>:$bias,
    Optional<Moe_Matrix>:$weights_from,
    I64Attr:$k,
    DefaultValuedAttr<Moe_ScoreAttr, "::moec::moe::Score::Softmax">:$score,
    DefaultValuedAttr<Moe_NormalizeAttr, "::moec::moe::Normalize::None">:$normalize,
    DefaultValuedAttr<F32Attr, "0.0f">:$epsilon,
    DefaultValuedAttr<F32Attr, "0.0f">:$floor,
    DefaultValuedAttr<F32Attr, "1.0f">:$scale,
    DefaultValuedAttr<I64Attr, "1">:$groups,
    OptionalAttr<I64Attr>:$top_groups,
    OptionalAttr<Moe_GroupScoreAttr>:$group_score,
    OptionalAttr<F32Attr>:$group_mask,
    OptionalAttr<F32Attr>:$sparse_mixer,
    DefaultValuedAttr<Moe_TieAttr, "::moec::moe::Tie::Low">:$tie);
  let results = (outs Moe_Matrix:$weights, Moe_Ids:$experts);
  let assemblyFormat = [{
    $logits attr-dict (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`weights_from` `(` $weights_from^ `:` type($weights_from) `)`)?
    `:` type($logits) `->` type($weights) `,` type($experts)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$logits, "int64_t":$k,
                                 "::mlir::Type":$weightType)>];
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    int64_t getNumExperts() { return getLogits().getType().getDimSize(1); }
  }];
}

//===----------------------------------------------------------------------===//
// moe.dispatch
//===----------------------------------------------------------------------===//

def Moe_DispatchOp : Moe_Op<"dispatch"> {
  let summary = "Copies tokens to rows grouped by expert";
  let description = [{
    One row per token and choice, grouped by expert in ascending order, stable in
    (token, choice) order. `counts[e]` rows belong to expert e; `slots[n, j]` is
    the row of choice j of token n. An id outside `[0, num_experts)` is an error
    of the program.

    **Constraints:**
    - C1: `tokens` and `experts` have the same number of tokens.
    - C2: `rows` has the element type and width of `tokens`, and N * k rows.
    - C3: `counts` has `num_experts >= 1` elements.
    - C4: `slots` has the shape of `experts`, with a static k.

    ```mlir
    %rows, %counts, %slots = moe.dispatch %tokens, %experts {num_experts = 8 : i64}
        : tensor<?x64xf32>, tensor<?x2xi32> -> tensor<?x64xf32>, tensor<8xi64>, tensor<?x2xi32>
    ```
  }];
  let arguments = (ins Moe_Matrix:$tokens, Moe_Ids:$experts,
                       I64Attr:$num_experts);
  let results = (outs Moe_Matrix:$rows, Moe_Counts:$counts, Moe_Ids:$slots);
  let assemblyFormat = [{
    $tokens `,` $experts attr-dict `:` type($tokens) `,` type($experts)
    `->` type($rows) `,` type($counts) `,` type($slots)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$tokens,
                                 "::mlir::Value":$experts,
                                 "int64_t":$numExperts)>];
}

//===----------------------------------------------------------------------===//
// moe.experts
//===----------------------------------------------------------------------===//

def Moe_ExpertsOp : Moe_Op<"experts", [AttrSizedOperandSegments]> {
  let summary = "The feed-forward network of every expert on its rows";
  let description = [{
    For a row x of expert e, with `fcN(x) = x * WN[e]^T + bN[e]`:

    - `fusion = none`: `h = act(fc1(x))`.
    - otherwise `h = act(g) * u`, where gate g and up u are `fc1(x)` and `fc3(x)`
      (`separate`), the two halves of `fc1(x)` (`concatenated`), or its even and
      odd elements (`interleaved`).
    - `silu` with `alpha`, `beta`, `limit`: g is clamped to at most `limit` and u to
      [-limit, limit] (no clamp if `limit` is absent), and
      `h = g * sigmoid(alpha * g) * (u + beta)`.
    - the result is `fc2(h)`.

    Layouts: `out_in` is [E, out, in], `in_out` is [E, in, out]; `fc1_layout` holds
    for fc3 too. `form` and `layer` say which graph form the layer was raised from.

    **Constraints:**
    - C1: `counts` has E elements, E static and that of every bank and bias.
    - C2: the banks are static; fc1 has H inputs, fc2 has I inputs, where fc1's
      outputs are I (`none`, `separate`) or 2I (`concatenated`, `interleaved`).
    - C3: fc3 is present exactly if `fusion` is `separate`, and has fc1's type; an fc3
      bias needs fc3.
    - C4: a bias is [E, out].
    - C5: the result has as many rows as `rows` and fc2's outputs as width.
    - C6: rows, banks, biases and result have the same element type.
    - C7: `alpha`, `beta` and `limit` need a `silu`; `beta` and `limit` a gated one;
      they are finite, `limit` positive.

    ```mlir
    %y = moe.experts %rows, %counts, fc1(%w1 bias %b1) fc2(%w2) {activation = #moe.activation<silu>,
        fusion = #moe.fusion<interleaved>, alpha = 1.702 : f32, beta = 1.0 : f32, limit = 7.0 : f32}
        : (tensor<?x64xf32>, tensor<8xi64>, tensor<8x64x64xf32>, tensor<8x64xf32>, tensor<8x64x32xf32>) -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins
    Moe_Matrix:$rows,
    Moe_Counts:$counts,
    Moe_Bank:$fc1,
    Optional<Moe_Matrix>:$fc1_bias,
    Optional<Moe_Bank>:$fc3,
    Optional<Moe_Matrix>:$fc3_bias,
    Moe_Bank:$fc2,
    Optional<Moe_Matrix>:$fc2_bias,
    Moe_ActivationAttr:$activation,
    DefaultValuedAttr<Moe_FusionAttr, "::moec::moe::Fusion::None">:$fusion,
    DefaultValuedAttr<Moe_LayoutAttr, "::moec::moe::Layout::OutIn">:$fc1_layout,
    DefaultValuedAttr<Moe_LayoutAttr, "::moec::moe::Layout::OutIn">:$fc2_layout,
    DefaultValuedAttr<F32Attr, "1.0f">:$alpha,
    DefaultValuedAttr<F32Attr, "0.0f">:$beta,
    OptionalAttr<F32Attr>:$limit,
    OptionalAttr<StrAttr>:$form,
    OptionalAttr<I64Attr>:$layer);
  let results = (outs Moe_Matrix:$result);
  let assemblyFormat = [{
    $rows `,` $counts `,`
    custom<Banks>($fc1, $fc1_bias, $fc3, $fc3_bias, $fc2, $fc2_bias)
    attr-dict `:` functional-type(operands, $result)
  }];
  let extraClassDeclaration = [{
    int64_t getNumExperts() { return getFc1().getType().getDimSize(0); }
    bool isGated() { return getFusion() != ::moec::moe::Fusion::None; }
    /// Outputs of fc1 (I or 2I) and inputs of fc2 (I).
    int64_t getFc1Width();
    int64_t getIntermediateSize();
  }];
}

//===----------------------------------------------------------------------===//
// moe.combine
//===----------------------------------------------------------------------===//

def Moe_CombineOp : Moe_Op<"combine"> {
  let summary = "Weighted sum of the rows of each token";
  let description = [{
    `out[n] = sum over j of weights[n, j] * y[slots[n, j]]`, accumulated in f32 with
    j ascending.

    **Constraints:**
    - C1: `slots` and `weights` are both [N, k].
    - C2: `y` has N * k rows.
    - C3: the result has N rows, the width of `y`, and its element type or f32.
    - C4: `weights` has the element type of `y` or f32.

    ```mlir
    %out = moe.combine %y, %slots, %weights
        : tensor<?x64xf32>, tensor<?x2xi32>, tensor<?x2xf32> -> tensor<?x64xf32>
    ```
  }];
  let arguments = (ins Moe_Matrix:$y, Moe_Ids:$slots, Moe_Matrix:$weights);
  let results = (outs Moe_Matrix:$result);
  let assemblyFormat = [{
    $y `,` $slots `,` $weights attr-dict
    `:` type($y) `,` type($slots) `,` type($weights) `->` type($result)
  }];
}

#endif // MOEC_MOE_OPS_TD
