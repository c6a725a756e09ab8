//===- Windows.h - What a convolution reads -------------------------------===//
//
// Part of moec. Read in the same way by the shape rule and by the lowering.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_SHAPES_WINDOWS_H
#define MOEC_PASSES_IMPORT_SHAPES_WINDOWS_H

#include "passes/import/shapes/ShapeAnalysis.h"

namespace moec {

/// The windows along one spatial axis: output o reads
/// o * stride + k * dilation for each k of the kernel, counted from the first
/// of `before` zeros in front of the input.
struct Windows {
  int64_t stride, dilation;
  Sym before, after;
  Sym reach;   ///< from the first element of a window past its last one
  Sym padded;  ///< input and zeros
  Sym outputs; ///< number of windows
};

/// One entry per spatial axis of a Conv. Fails with a diagnostic if attributes
/// and shapes contradict each other.
mlir::FailureOr<llvm::SmallVector<Windows>> readWindows(ShapeAnalysis &shapes,
                                                        onnx::Node node);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_SHAPES_WINDOWS_H
