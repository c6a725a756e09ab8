//===- RecognizeExperts.h - From row arithmetic to moe.experts ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEEXPERTS_H
#define MOEC_PASSES_IMPORT_RECOGNIZEEXPERTS_H

#include "dialect/moe/Moe.h"
#include "passes/import/RecognizeAnalysis.h"

namespace moec::recognize {

/// One projection of all experts.
struct Projection {
  const Product *product = nullptr;
  /// [E, out] or null.
  mlir::Value bias;
};

/// The expert network between the tokens and the weighted sum.
struct Experts {
  mlir::Value tokens;
  Projection fc1, fc3, fc2;
  moe::Activation activation = moe::Activation::Identity;
  moe::Fusion fusion = moe::Fusion::None;
  double alpha = 1, beta = 0;
  std::optional<double> limit;
  /// The factor of each row in the sum.
  mlir::Value weights;
  /// Rows were sorted by expert (form G), not gathered one by one (form C).
  bool sorted = false;
};

/// Reads what `combine` sums. Nothing if it is not an expert network that
/// moe.experts can express; `why` then says what stands in the way.
std::optional<Experts> readExperts(const Analysis &analysis,
                                   const Combine &combine, std::string &why);

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEEXPERTS_H
