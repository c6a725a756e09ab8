//===- Reference.h - com.microsoft.MoE, one scalar at a time --------------===//
//
// Part of moec. What the operator means, by its schema (version 1), as plainly
// as it can be written; every value in double. Nothing of the compiler is used.
//
// All arrays are dense, row-major and the caller's. N tokens, E experts, hidden
// size H, inner size I; R = 2 I for the fused forms of SwiGLU, else I.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_MOEOPERATOR_REFERENCE_H
#define MOEC_TEST_MOEOPERATOR_REFERENCE_H

#include <cmath>
#include <cstdint>

extern "C" {

/// activation_type; gelu is the tanh form.
enum MoeActivation : int32_t {
  MOE_RELU = 0,
  MOE_GELU = 1,
  MOE_SILU = 2,
  MOE_IDENTITY = 3,
  MOE_SWIGLU = 4,
};

/// swiglu_fusion.
enum MoeFusion : int32_t {
  MOE_SEPARATE = 0,     ///< gate in fc1, linear part in fc3
  MOE_INTERLEAVED = 1,  ///< rows of fc1: gate 0, linear 0, gate 1, ...
  MOE_CONCATENATED = 2, ///< rows of fc1: all gates, then all linear parts
};

/// One node: attributes with their defaults, and constant inputs. Biases and
/// fc3 may be null.
struct MoeNode {
  int64_t experts = 0, hidden = 0, inner = 0, k = 1;
  MoeActivation activation = MOE_RELU;
  MoeFusion fusion = MOE_SEPARATE;
  int32_t normalize = 0;         ///< normalize_routing_weights
  int32_t sparseMixer = 0;       ///< use_sparse_mixer; then k must be 2
  double alpha = 1, beta = 0;    ///< of SwiGLU
  double limit = INFINITY;       ///< of SwiGLU
  const double *fc1 = nullptr;   ///< [E, R, H]
  const double *bias1 = nullptr; ///< [E, R]
  const double *fc2 = nullptr;   ///< [E, H, I]
  const double *bias2 = nullptr; ///< [E, H]
  const double *fc3 = nullptr;   ///< [E, I, H]
  const double *bias3 = nullptr; ///< [E, I]
};

/// output [N, H] from input [N, H] and the router's logits [N, E]. Equal logits
/// go to the expert with the lower id. Requires 1 <= k <= E; reports no errors.
void moeReference(const MoeNode *node, int64_t tokens, const double *input,
                  const double *logits, double *output);
}

#endif // MOEC_TEST_MOEOPERATOR_REFERENCE_H
