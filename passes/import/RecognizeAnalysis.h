//===- RecognizeAnalysis.h - What a graph's values mean for MoE -----------===//
//
// Part of moec. One pass over the ops in program order gives every value that a
// MoE layer may be made of a `View`, and every base of such views a `Role`. It
// is a forward abstract interpretation: no backtracking, so linear in the
// number of nodes. Names are never looked at.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_RECOGNIZEANALYSIS_H
#define MOEC_PASSES_IMPORT_RECOGNIZEANALYSIS_H

#include "dialect/onnx/Node.h"
#include "passes/import/RecognizeFacts.h"
#include "passes/import/shapes/ShapeAnalysis.h"

#include "llvm/ADT/DenseMap.h"

#include <deque>

namespace moec::recognize {

class Analysis {
public:
  explicit Analysis(ShapeAnalysis &shapes) : shapes(shapes) {}

  /// Visits the ops of `block` in order.
  void run(mlir::Block &block);

  /// The view that `value` is of its base; a leaf if nothing is known.
  std::optional<View> view(mlir::Value value) const;
  const Role *role(mlir::Value base) const;
  const Product *product(mlir::Value base) const;
  /// The value of a tensor whose elements are all equal.
  std::optional<double> uniform(mlir::Value value) const;

  std::deque<Selection> &selections() { return allSelections; }
  llvm::ArrayRef<Combine> combines() const { return allCombines; }
  /// The base's view of itself in a row space; null if it is none.
  const View *rowsOf(mlir::Value value) const;

private:
  using Node = onnx::Node;

  // Ids that no top-k made (RecognizeChosen.cpp).
  void findChosen(mlir::Block &block);
  void defineChosen(mlir::ValueRange values);

  using Rule = void (Analysis::*)(Node);
  static Rule ruleFor(llvm::StringRef kind);

  // Views of one operand (RecognizeShapes.cpp).
  void visitAlias(Node node);
  void visitCast(Node node);
  void visitReshape(Node node);
  void visitFlatten(Node node);
  void visitSqueeze(Node node);
  void visitUnsqueeze(Node node);
  void visitTranspose(Node node);
  void visitExpand(Node node);
  void visitTile(Node node);
  void visitSplit(Node node);
  void visitSlice(Node node);

  // Sorting and counting (RecognizeIndices.cpp).
  void visitTopK(Node node);
  void visitRange(Node node);
  void visitCumSum(Node node);
  void visitOneHot(Node node);
  void visitConstantOfShape(Node node);
  void visitScatter(Node node);
  void scatterOnes(Node node, const Layout &positions, Selection *selection);
  bool argsort(Node node, const View &keys);
  bool sortsAll(Node topk) const;
  std::optional<int64_t> boundary(mlir::Value value) const;
  bool splitByCounts(Node node);
  bool isExperts(mlir::Value value, Role::Kind kind) const;

  // Values of each row (RecognizeRows.cpp).
  void visitElementwise(Node node);
  void visitSoftmax(Node node);
  void visitWhere(Node node);
  void visitReduce(Node node);
  bool countMask(Node node);
  void reduceOneHot(Node node, const Layout &reduced, const Layout &rest,
                    Selection *selection);
  void visitMatMul(Node node);
  void visitConcat(Node node);
  bool prependZero(Node node);
  bool joinElements(Node node);
  void visitGather(Node node);
  void visitGatherElements(Node node);
  bool constants(Node node);
  bool tables(Node node);
  bool rowArithmetic(Node node);
  bool neutral(Node node, mlir::Value operand, double number, bool onRight);
  bool maskArithmetic(Node node);
  bool indexArithmetic(Node node, mlir::Value operand, double number);
  bool quotientArithmetic(Node node);
  bool multiplyGathered(Node node, View left, View right);
  bool multiplyPart(Node node, const View &rows, const View &matrix);
  void gatherRows(Node node, View data, const View &index);
  void gatherTokens(Node node, const View &data, const View &index);
  void gatherByPosition(Node node, const View &data, const View &index);
  void gatherByExpert(Node node, const View &data, const View &index);

  /// A weight, or a short chain of operators on weights.
  bool isParameter(mlir::Value value, unsigned depth = 4) const;
  /// The role says which token each row belongs to (with k = 1, so does its
  /// position).
  static bool givesToken(const Role &role);
  /// Records what `value` is, unless its type contradicts it. By value: a
  /// reference to another entry of `views` would not outlive the insertion.
  void alias(mlir::Value to, View view);
  /// Makes `value` a base of its own with this layout.
  void define(mlir::Value value, View view, std::optional<Role> role = {});
  void setUniform(mlir::Value value, double number) {
    uniforms[value] = number;
  }
  /// The selection whose counts `boundary` read.
  Selection *selectionOf(mlir::Value boundary) const;
  /// Rows of x in the row space of `selection`, where `view` repeats each token
  /// of x k times; nothing if it does not.
  std::optional<View> repeatedTokens(const View &view,
                                     Selection *selection) const;
  /// The view of `value` in the row space of `selection`: one that is known, or
  /// that of numbers [tokens..., k], whatever computed them.
  std::optional<View> rowsIn(mlir::Value value, Selection *selection);

  /// Of the graph as it is before anything is raised.
  ShapeAnalysis &shapes;
  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<mlir::Value, Role> roles;
  llvm::DenseMap<mlir::Value, Product> products;
  llvm::DenseMap<mlir::Value, double> uniforms;
  /// Ids that choose among so many experts, not yet visited.
  llvm::DenseMap<mlir::Value, int64_t> chosen;
  std::deque<Selection> allSelections;
  llvm::SmallVector<Combine> allCombines;
};

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEANALYSIS_H
