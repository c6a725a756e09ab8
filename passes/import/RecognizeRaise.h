//===- RecognizeRaise.h - Writing the moe ops of a layer ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZERAISE_H
#define MOEC_PASSES_IMPORT_RECOGNIZERAISE_H

#include "passes/import/Glue.h"
#include "passes/import/RecognizeExperts.h"
#include "passes/import/RecognizeRouter.h"

namespace moec::recognize {

/// A layer that was raised, for the report.
struct Raised {
  moe::ExpertsOp experts;
  int64_t k;
};

/// The tensor that has the leading axes of the sum's result, or null if none is
/// known.
mlir::Value shapeOfResult(const Combine &combine, const Experts &experts);

/// Replaces the result of `combine`, whose shape must be known, by moe ops and
/// the top-k's by moe.route.
Raised raiseLayer(const Combine &combine, const Router &router,
                  const Experts &experts, int64_t layer);

/// Replaces a com.microsoft.MoE node. Emits an error for a node whose
/// attributes or shapes contradict the operator's schema.
mlir::FailureOr<Raised> raiseFused(onnx::Node node, int64_t layer);

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZERAISE_H
