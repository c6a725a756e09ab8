//===- Indices.h - Positions and extents that only the run knows ----------===//
//
// Part of moec. What the lowerings share that read memory through data:
// positions are checked before they are used, extents that the shape analysis
// leaves open are settled, and loops whose steps depend on each other are
// walked in order.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_INDICES_H
#define MOEC_PASSES_IMPORT_LOWERING_INDICES_H

#include "passes/import/lowering/Lowering.h"

namespace moec {

/// An integer scalar of any width (or an index value) as an index value.
mlir::Value toIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value integer,
                    bool isUnsigned = false);

/// Counts negative positions from the end; an index value.
mlir::Value wrapIndex(mlir::ImplicitLocOpBuilder &b, mlir::Value position,
                      mlir::Value extent);

/// Ends the run unless every index lies in [-extent, extent). Free where the
/// graph proves it: indices that TopK took from an axis of that extent.
/// `source` is the onnx value that holds `indices`, or null.
void checkIndices(Lowering &l, onnx::Node node, mlir::Value source,
                  const SymTensor &indices, Sym extent);

/// Indices whose last axis holds one position for each of several axes, as
/// GatherND and ScatterND take them.
class IndexTuples {
public:
  /// Ends the run unless every position lies in its axis of `extents`.
  /// `source` as in checkIndices.
  IndexTuples(Lowering &l, onnx::Node node, mlir::Value source,
              const SymTensor &indices, llvm::ArrayRef<Sym> extents);

  /// Appends the tuple at `at` (one index value for each axis but the last) to
  /// `positions`.
  void read(mlir::ImplicitLocOpBuilder &b, mlir::ValueRange at,
            llvm::SmallVectorImpl<mlir::Value> &positions) const;

private:
  mlir::Value indices;
  llvm::SmallVector<mlir::Value> extents;
};

/// Ends the run if an extent is negative.
void checkExtents(Lowering &l, onnx::Node node, llvm::ArrayRef<Sym> dims);
/// Ends the run unless part <= whole.
void checkAtMost(Lowering &l, Sym part, Sym whole, const llvm::Twine &message);

/// True if the analysis leaves the extent to the lowering of `output`.
bool isOwnExtent(Lowering &l, mlir::Value output, int64_t axis);
/// The extent of an axis of `output` for which the lowering has computed
/// `extent`: its Sym, after a check against what the analysis knows.
Sym settleExtent(Lowering &l, onnx::Node node, mlir::Value output, int64_t axis,
                 mlir::Value extent);

/// Computes the next state of a walk from a position and the state.
using WalkBody = llvm::function_ref<mlir::Value(
    mlir::ImplicitLocOpBuilder &, mlir::ValueRange at, mlir::Value state)>;
/// Visits all positions of `dims` one after another, row-major; `state` starts
/// as `start` and is what `body` returned last.
SymTensor walk(Lowering &l, llvm::ArrayRef<Sym> dims, const SymTensor &start,
               WalkBody body);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_INDICES_H
