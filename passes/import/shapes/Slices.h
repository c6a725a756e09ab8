//===- Slices.h - What a Slice node cuts out ------------------------------===//
//
// Part of moec. Read in the same way by the shape rule and by the lowering.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_SHAPES_SLICES_H
#define MOEC_PASSES_IMPORT_SHAPES_SLICES_H

#include "passes/import/shapes/ShapeAnalysis.h"

namespace moec {

/// One entry of a Slice node. Axis and step are null where only the run knows
/// them; constant axes are normalised.
struct AxisSlice {
  std::optional<int64_t> axis, step;
  Sym axisSym, start, end, stepSym;

  bool isForward() const { return axis && step && *step > 0; }
};

/// The slices of a node: attributes (opset 1) or inputs. Fails with a diagnostic
/// if they contradict each other.
mlir::FailureOr<llvm::SmallVector<AxisSlice>>
readSlices(ShapeAnalysis &shapes, onnx::Node node, int64_t rank);

/// `position`, which may count from the end, clamped to 0..dim; null if its sign
/// is known only at run time.
Sym clampPosition(SymContext &syms, Sym position, Sym dim);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_SHAPES_SLICES_H
