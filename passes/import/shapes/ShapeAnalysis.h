//===- ShapeAnalysis.h - Symbolic shapes of an ONNX graph -----------------===//
//
// Part of moec. One forward walk, linear in the number of ops. For every value
// it knows the extents as Syms, and for small integer tensors (the shape
// arithmetic that exporters write) the elements too, so that this arithmetic
// can be folded away and equal lengths with different names are recognised.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_SHAPES_SHAPEANALYSIS_H
#define MOEC_PASSES_IMPORT_SHAPES_SHAPEANALYSIS_H

#include "dialect/onnx/Node.h"
#include "passes/import/shapes/Sym.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace moec {

using SymDims = llvm::SmallVector<Sym, 4>;

struct ValueShape {
  SymDims dims;
  /// Elements of an integer or bool tensor of at most `maxContents` elements,
  /// row-major; a null Sym is an element that is not known.
  std::optional<SymDims> contents;
};

class ShapeAnalysis {
public:
  static constexpr int64_t maxContents = 64;

  /// Analyses `function`. Fails with a diagnostic on a graph whose shapes
  /// contradict each other.
  mlir::LogicalResult run(mlir::func::FuncOp function);

  SymContext &syms() { return context; }
  const ValueShape *lookup(mlir::Value value) const;
  /// Extents of a value that `run` has seen.
  llvm::ArrayRef<Sym> dims(mlir::Value value) const;
  int64_t rank(mlir::Value value) const { return dims(value).size(); }
  Sym dim(mlir::Value value, int64_t axis) const;
  Sym elements(mlir::Value value);
  /// Contents where each element is known, or nothing.
  std::optional<SymDims> knownContents(mlir::Value value) const;
  /// Contents as far as they go: an unknown element is its own atom.
  std::optional<SymDims> contentsOrAtoms(mlir::Value value);
  /// The type that the analysis proves: static where an extent is constant.
  mlir::RankedTensorType type(mlir::Value value) const;

  // For the rules.
  void set(mlir::Value value, SymDims dims,
           std::optional<SymDims> contents = std::nullopt);
  mlir::LogicalResult error(onnx::Node node, const llvm::Twine &message) const;
  SymDims broadcast(llvm::ArrayRef<Sym> a, llvm::ArrayRef<Sym> b);

private:
  mlir::LogicalResult visit(mlir::Operation *op);
  void seedArgument(mlir::func::FuncOp function, mlir::BlockArgument argument);

  SymContext context;
  llvm::DenseMap<mlir::Value, ValueShape> shapes;
};

/// A tensor of these extents: static where an extent is constant.
mlir::RankedTensorType tensorTypeOf(llvm::ArrayRef<Sym> dims,
                                    mlir::Type element);

/// A rule sets the shapes of a node's outputs from those of its inputs.
using ShapeRule = mlir::LogicalResult (*)(ShapeAnalysis &, onnx::Node);
/// The rule of an operator, or null.
ShapeRule shapeRule(llvm::StringRef kind);

/// Rules by family; each file adds its own.
void addElementwiseRules(llvm::StringMap<ShapeRule> &rules);
void addDataRules(llvm::StringMap<ShapeRule> &rules);
void addIndexingRules(llvm::StringMap<ShapeRule> &rules);
void addMathRules(llvm::StringMap<ShapeRule> &rules);
void addConvRules(llvm::StringMap<ShapeRule> &rules);
void addContribRules(llvm::StringMap<ShapeRule> &rules);

/// An axis attribute value in 0..rank-1, or nothing if out of range.
std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank);
/// Axes from the attribute (old opsets) or from constant input `input` (new
/// ones); sorted, normalised to `rank`. Empty if absent. Nothing if not
/// constant or out of range.
std::optional<llvm::SmallVector<int64_t>> axesOf(onnx::Node node,
                                                 unsigned input, int64_t rank,
                                                 const ShapeAnalysis &shapes);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_SHAPES_SHAPEANALYSIS_H
