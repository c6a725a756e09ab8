//===- Node.h - Reading an onnx op ----------------------------------------===//
//
// Part of moec. All operators of the onnx dialect have the same form, so passes
// read them through this view instead of through one class per operator.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DIALECT_ONNX_NODE_H
#define MOEC_DIALECT_ONNX_NODE_H

#include "dialect/onnx/Onnx.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace moec::onnx {

/// A cheap, copyable view of one op of the onnx dialect. Optional inputs that
/// are absent (missing at the end, or `onnx.None`) read as a null Value.
class Node {
public:
  Node() = default;
  explicit Node(mlir::Operation *op) : op(op) {}
  /// The node that defines `value`, or a null node.
  static Node defining(mlir::Value value);
  static bool isNode(mlir::Operation *op);

  explicit operator bool() const { return op != nullptr; }
  mlir::Operation *operation() const { return op; }
  mlir::Location loc() const { return op->getLoc(); }

  /// Operator with its domain: "MatMul", "com.microsoft.MoE".
  llvm::StringRef kind() const;
  bool is(llvm::StringRef name) const { return op && kind() == name; }
  int64_t opset() const { return integer("opset", 1); }

  unsigned inputs() const { return op->getNumOperands(); }
  unsigned outputs() const { return op->getNumResults(); }
  mlir::Value input(unsigned i) const;
  mlir::Value output(unsigned i = 0) const;
  /// Types of a present input or output.
  mlir::RankedTensorType inputType(unsigned i) const;
  mlir::RankedTensorType outputType(unsigned i = 0) const;

  bool has(llvm::StringRef attribute) const { return op->hasAttr(attribute); }
  int64_t integer(llvm::StringRef attribute, int64_t otherwise) const;
  double real(llvm::StringRef attribute, double otherwise) const;
  llvm::StringRef string(llvm::StringRef attribute,
                         llvm::StringRef otherwise) const;
  llvm::SmallVector<int64_t> integers(llvm::StringRef attribute) const;

  bool operator==(const Node &other) const { return op == other.op; }

private:
  mlir::Operation *op = nullptr;
};

/// The value of a small constant, or null: `onnx.Constant` or what folds to it.
mlir::DenseElementsAttr constantValue(mlir::Value value);
/// Its elements as integers (any integer or bool type).
std::optional<llvm::SmallVector<int64_t>> constantIntegers(mlir::Value value);
/// The value of a one-element float or integer constant.
std::optional<double> constantScalar(mlir::Value value);

} // namespace moec::onnx

#endif // MOEC_DIALECT_ONNX_NODE_H
