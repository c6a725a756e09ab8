//===- RecognizeRaise.h - Writing the moe ops of a layer ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZERAISE_H
#define MOEC_PASSES_IMPORT_RECOGNIZERAISE_H

#include "passes/import/RecognizeExperts.h"
#include "passes/import/RecognizeRouter.h"

#include "mlir/IR/Builders.h"

namespace moec::recognize {

/// Ops of the onnx dialect around the moe ops.
class Glue {
public:
  Glue(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// `sizes` has at most one -1.
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> sizes);
  /// All axes but the last become one; nothing to do for rank 2.
  mlir::Value matrix(mlir::Value value, int64_t columns);
  /// The rows of `matrix` in the shape of `like`, whose last axis is replaced
  /// by the matrix' width.
  mlir::Value rowsLike(mlir::Value matrix, mlir::Value like);
  mlir::Value cast(mlir::Value value, mlir::Type elementType);
  /// Equal static shapes, along a new first axis.
  mlir::Value stack(llvm::ArrayRef<mlir::Value> values);

private:
  mlir::Value node(llvm::StringRef name, mlir::ValueRange inputs,
                   mlir::Type type,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  mlir::Value constant(llvm::ArrayRef<int64_t> values);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

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
