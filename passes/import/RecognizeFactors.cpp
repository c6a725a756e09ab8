#include "passes/import/RecognizeFactors.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

std::optional<Slice> FactorReader::sliceOf(Value value) const {
  const View *view = analysis.rowsOf(value);
  return view ? sliceOf(*view) : std::nullopt;
}

std::optional<Slice> FactorReader::sliceOf(const View &view) const {
  if (view.selection != selection || view.expert >= 0)
    return std::nullopt;
  Slice slice{view.base};
  for (const Axis &axis : view.axes)
    for (const Atom &atom : axis)
      if (atom.kind == AtomKind::Feature) {
        if (slice.size != 0)
          return std::nullopt; // features in several axes
        slice.stride = atom.stride;
        slice.size = atom.size;
        slice.first = view.offset(AtomKind::Feature, atom.axis);
      }
  return slice;
}

bool FactorReader::isWhole(const Slice &slice) const {
  std::optional<Slice> base = sliceOf(slice.base);
  return base && *base == slice;
}

Node FactorReader::definition(const Slice &slice) const {
  return isWhole(slice) ? Node::defining(slice.base) : Node();
}

/// Multiplies the factors of `value` into `factors`.
void FactorReader::multiply(Value value, Factors &factors) const {
  if (std::optional<double> number = analysis.uniform(value)) {
    factors.number *= *number;
    return;
  }
  std::optional<Slice> slice = sliceOf(value);
  if (!slice) {
    factors.slices.push_back({value});
    return;
  }
  // A product of weights alone is one factor.
  Node node = slice->size > 0 ? definition(*slice) : Node();
  if (!node.is("Mul")) {
    factors.slices.push_back(*slice);
    return;
  }
  multiply(node.input(0), factors);
  multiply(node.input(1), factors);
}

Factors FactorReader::factorsOf(Value value) const {
  Factors factors;
  multiply(value, factors);
  return factors;
}

std::optional<std::pair<Slice, double>>
FactorReader::scaled(Value value) const {
  std::optional<Slice> slice = sliceOf(value);
  if (!slice)
    return std::nullopt;
  Node node = definition(*slice);
  if (node.is("Mul"))
    for (unsigned i : {0, 1})
      if (std::optional<double> number = analysis.uniform(node.input(i)))
        if (std::optional<Slice> inner = sliceOf(node.input(1 - i)))
          return std::pair(*inner, *number);
  if (node.is("Div"))
    if (std::optional<double> number = analysis.uniform(node.input(1)))
      if (std::optional<Slice> inner = sliceOf(node.input(0)))
        return std::pair(*inner, 1 / *number);
  return std::pair(*slice, 1.0);
}

} // namespace moec::recognize
