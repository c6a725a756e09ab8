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
#include "passes/import/RecognizeView.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

#include <deque>
#include <string>

namespace moec::recognize {

/// k largest of the last axis (size E) of a score tensor: a router's choice, or
/// something else that looks like one until experts are gathered by it.
struct Selection {
  mlir::Operation *topk;
  mlir::Value scores;
  int64_t k;
  int64_t experts;
  /// Layout of the ids: [Token..., Choice].
  Layout axes;
  /// Matrices were gathered by these ids, or rows sorted by them.
  bool usesExperts = false;
  bool raised = false;
  /// Constant ids that the graph singles out (an unrolled loop over experts).
  llvm::SetVector<int64_t> unrolled;
  /// A contradiction that makes the graph wrong, and why it is not raised.
  std::string error, obstacle;
};

/// What a base tensor is.
struct Role {
  enum Kind {
    Ids,       ///< expert ids of a selection
    Row,       ///< position of the row, in (token, choice) order
    Token,     ///< token of the row
    Inverse,   ///< sorted position of the row
    Iota,      ///< 0, 1, 2, ...
    Counts,    ///< rows of each expert
    Offsets,   ///< running sum of the counts; `shift` leading zeros
    RowRange,  ///< positions of the rows of expert `expert`
    OneHot,    ///< one-hot of the ids over the experts (last axis)
    GroupMask, ///< 1 for the selected groups of experts, else 0
    Gathered,  ///< banks gathered by expert id
    Linear,    ///< rows times their expert's matrix
    Part,      ///< the same for the rows of one expert
    ShapeOf,   ///< shape of `source`
    SizeOf,    ///< number of elements of `source`
  };
  Kind kind;
  Selection *selection = nullptr;
  mlir::Operation *sort = nullptr;
  int64_t expert = -1;
  int64_t shift = 0;
  mlir::Value source = {};
};

/// rows * bank[e], for Role::Linear and Role::Part.
struct Product {
  View input;
  mlir::Value bank;
  /// One matrix per expert instead of a bank.
  llvm::SmallVector<mlir::Value> matrices;
  /// The bank is [E, out, in], not [E, in, out].
  bool outFirst;
  int64_t width;
};

/// A sum over the choices of each token.
struct Combine {
  mlir::Operation *op;
  mlir::Value rows;
  /// Factor of each row that the op itself applies, or null.
  mlir::Value weights;
  Selection *selection;
};

class Analysis {
public:
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
  void visitShape(Node node);

  // Sorting and counting (RecognizeIndices.cpp).
  void visitTopK(Node node);
  void visitRange(Node node);
  void visitCumSum(Node node);
  void visitOneHot(Node node);
  void visitConstantOfShape(Node node);
  void visitScatter(Node node);
  bool argsort(Node node, const View &keys);
  bool coversRows(mlir::Value length, const View &rows) const;
  std::optional<int64_t> boundary(mlir::Value value) const;
  bool splitByCounts(Node node);
  bool isExperts(mlir::Value value, Role::Kind kind) const;

  // Values of each row (RecognizeRows.cpp).
  void visitElementwise(Node node);
  void visitSoftmax(Node node);
  void visitWhere(Node node);
  void visitReduce(Node node);
  void visitMatMul(Node node);
  void visitConcat(Node node);
  void visitGather(Node node);
  void visitGatherElements(Node node);
  bool constants(Node node);
  bool tables(Node node);
  bool rowArithmetic(Node node);
  bool neutral(Node node, mlir::Value operand, double number, bool onRight);
  bool maskArithmetic(Node node);
  bool indexArithmetic(Node node, mlir::Value operand, double number);
  bool multiplyGathered(Node node, View left, View right);
  bool multiplyPart(Node node, const View &rows, const View &matrix,
                    mlir::Value matrixValue);
  void gatherRows(Node node, const View &data, const View &index);
  void gatherByExpert(Node node, const View &data, const View &index);

  void alias(mlir::Value to, const View &view);
  /// Makes `value` a base of its own with this layout.
  void define(mlir::Value value, View view, std::optional<Role> role = {});
  void setUniform(mlir::Value value, double number) {
    uniforms[value] = number;
  }
  /// Rows of x in the row space of `selection`, where `view` repeats each token
  /// of x k times; nothing if it does not.
  std::optional<View> repeatedTokens(const View &view,
                                     Selection *selection) const;

  llvm::DenseMap<mlir::Value, View> views;
  llvm::DenseMap<mlir::Value, Role> roles;
  llvm::DenseMap<mlir::Value, Product> products;
  llvm::DenseMap<mlir::Value, double> uniforms;
  std::deque<Selection> allSelections;
  llvm::SmallVector<Combine> allCombines;
};

} // namespace moec::recognize

#endif // MOEC_PASSES_IMPORT_RECOGNIZEANALYSIS_H
