//===- RecognizeFactors.h - Products of row tensors ---===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEFACTORS_H
#define MOEC_PASSES_IMPORT_RECOGNIZEFACTORS_H

#include "passes/import/RecognizeAnalysis.h"

namespace moec::recognize {

/// Some features of a row tensor: `size` of them from `first` in steps of
/// `stride`; size 0: a tensor without features.
struct Slice {
  mlir::Value base;
  int64_t first = 0, stride = 1, size = 0;
  bool operator==(const Slice &) const = default;
};

/// A product of slices and a number.
struct Factors {
  llvm::SmallVector<Slice> slices;
  double number = 1;
};

/// Reads arithmetic in the row space of one router, backwards from a value.
class FactorReader {
public:
  FactorReader(const Analysis &analysis, const Selection *selection)
      : analysis(analysis), selection(selection) {}

  std::optional<Slice> sliceOf(mlir::Value value) const;
  std::optional<Slice> sliceOf(const View &view) const;
  /// The slice is all of its base.
  bool isWhole(const Slice &slice) const;
  /// The node that computes the slice, or a null node if it is only a part.
  onnx::Node definition(const Slice &slice) const;
  Factors factorsOf(mlir::Value value) const;
  /// `value` as one slice times a number.
  std::optional<std::pair<Slice, double>> scaled(mlir::Value value) const;
  std::optional<double> uniform(mlir::Value value) const {
    return analysis.uniform(value);
  }

protected:
  const Analysis &analysis;

private:
  void multiply(mlir::Value value, Factors &factors) const;

  const Selection *selection;
};

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEFACTORS_H
