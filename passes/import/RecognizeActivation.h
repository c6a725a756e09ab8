//===- RecognizeActivation.h - The ways to write an activation ---===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEACTIVATION_H
#define MOEC_PASSES_IMPORT_RECOGNIZEACTIVATION_H

#include "dialect/moe/Moe.h"
#include "passes/import/RecognizeFactors.h"

namespace moec::recognize {

/// act(gate) or act(gate) * up.
struct ActivationMatch {
  moe::Activation activation;
  /// silu: gate * sigmoid(alpha * gate).
  double alpha;
  Slice gate;
  std::optional<Slice> up;
};

/// Finds an activation in a product, written as one operator or decomposed.
std::optional<ActivationMatch> readActivation(const FactorReader &reader,
                                              const Factors &factors);

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEACTIVATION_H
