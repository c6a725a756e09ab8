//===- Lowering.h - From onnx ops to linalg on tensors --------------------===//
//
// Part of moec. The state of one function's lowering and the vocabulary that
// the per-operator lowerings are written in. A `SymTensor` is a lowered tensor
// together with its symbolic extents, so that every helper knows which extents
// are equal and never asks the IR.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_LOWERING_LOWERING_H
#define MOEC_PASSES_IMPORT_LOWERING_LOWERING_H

#include "passes/import/shapes/ShapeAnalysis.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

#include <functional>

namespace moec {

/// A lowered tensor: signless element type, one Sym per axis.
struct SymTensor {
  mlir::Value value;
  SymDims dims;

  mlir::RankedTensorType type() const {
    return mlir::cast<mlir::RankedTensorType>(value.getType());
  }
  mlir::Type element() const { return type().getElementType(); }
  int64_t rank() const { return dims.size(); }
};

/// Computes one element of a result from one element of each operand.
using ScalarBody = std::function<mlir::Value(mlir::ImplicitLocOpBuilder &,
                                             mlir::ValueRange)>;

class Lowering {
public:
  Lowering(mlir::ImplicitLocOpBuilder &builder, ShapeAnalysis &shapes)
      : b(builder), shapes(shapes) {}

  mlir::ImplicitLocOpBuilder &b;
  ShapeAnalysis &shapes;
  SymContext &syms() { return shapes.syms(); }

  //===--- Values ---------------------------------------------------------===//

  /// A tensor that is lowered already; dynamic extents are its own atoms.
  SymTensor wrap(mlir::Value lowered);
  /// An index value as a Sym (equal to no other Sym).
  Sym own(mlir::Value index);

  /// The lowered form of an onnx value.
  SymTensor get(mlir::Value onnxValue);
  /// Defines the lowered form of a node's output; null outputs are ignored. The
  /// value is cast to the type that the analysis proves.
  void set(mlir::Value onnxValue, mlir::Value lowered);
  void set(mlir::Value onnxValue, const SymTensor &t) { set(onnxValue, t.value); }
  /// Element type of an onnx value (may be unsigned).
  static mlir::Type onnxElement(mlir::Value onnxValue);
  static mlir::Type signless(mlir::Type type);

  /// A Sym as an index value or a static attribute; computed once.
  mlir::Value index(Sym sym);
  mlir::OpFoldResult fold(Sym sym);
  llvm::SmallVector<mlir::OpFoldResult> fold(llvm::ArrayRef<Sym> dims);
  mlir::LogicalResult error(onnx::Node node, const llvm::Twine &message) {
    return shapes.error(node, message);
  }
  /// Ends the run with `message` unless `condition` (i1) holds.
  void check(mlir::Value condition, const llvm::Twine &message);
  /// The same for a == b, unless the analysis already knows it.
  void checkEqual(Sym a, Sym b, const llvm::Twine &message);

  //===--- Tensors --------------------------------------------------------===//

  SymTensor empty(llvm::ArrayRef<Sym> dims, mlir::Type element);
  SymTensor splat(llvm::ArrayRef<Sym> dims, mlir::Value scalar);
  mlir::Value zero(mlir::Type type);
  mlir::Value number(mlir::Type type, double value);
  /// The one element of a tensor with one element.
  mlir::Value scalar(const SymTensor &tensor);
  /// A scalar as a tensor of rank 0.
  SymTensor fromScalar(mlir::Value scalar);

  /// One linalg.generic over `dims`; operands broadcast as in ONNX. `element`
  /// is the type that `body` yields.
  SymTensor elementwise(llvm::ArrayRef<SymTensor> operands,
                        llvm::ArrayRef<Sym> dims, mlir::Type element,
                        const ScalarBody &body);
  /// The same with result extents broadcast from the operands.
  SymTensor elementwise(llvm::ArrayRef<SymTensor> operands, mlir::Type element,
                        const ScalarBody &body);
  /// Fills a tensor from its indices (index values, one per axis).
  SymTensor generate(llvm::ArrayRef<Sym> dims, mlir::Type element,
                     const ScalarBody &body);
  /// Accumulates over `axes` (sorted), which disappear: body(element, acc).
  SymTensor reduce(const SymTensor &operand, llvm::ArrayRef<int64_t> axes,
                   mlir::Value init, const ScalarBody &body);

  SymTensor cast(const SymTensor &operand, mlir::Type element);
  SymTensor reshape(const SymTensor &operand, llvm::ArrayRef<Sym> dims);
  SymTensor transpose(const SymTensor &operand, llvm::ArrayRef<int64_t> perm);
  /// Copies to larger extents; axes align at the end.
  SymTensor broadcastTo(const SymTensor &operand, llvm::ArrayRef<Sym> dims);
  /// Elements offset + i * stride; strides positive.
  SymTensor slice(const SymTensor &operand, int64_t axis, Sym offset, Sym extent,
                  int64_t stride = 1);
  SymTensor concat(llvm::ArrayRef<SymTensor> operands, int64_t axis);

  SymTensor add(const SymTensor &x, const SymTensor &y);
  SymTensor mul(const SymTensor &x, const SymTensor &y);
  SymTensor scale(const SymTensor &x, double factor);

  /// Calls a library kernel; the result has the type of `init`.
  SymTensor kernel(llvm::StringRef name, mlir::ValueRange inputs,
                   const SymTensor &init,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  llvm::SmallVector<SymTensor>
  kernel(llvm::StringRef name, mlir::ValueRange inputs,
         llvm::ArrayRef<SymTensor> inits,
         llvm::ArrayRef<mlir::NamedAttribute> attributes = {});

  //===--- Products and norms (shared by several operators) ----------------===//

  /// x[..., K] times a 2-D weight of the artifact, [K, N] or (transposed)
  /// [N, K]. Result in x's element type.
  mlir::FailureOr<SymTensor> weightMatMul(const SymTensor &x, mlir::Value weight,
                                          bool transposed);
  /// ONNX MatMul of two tensors of rank >= 2.
  SymTensor matMul(const SymTensor &x, const SymTensor &y);
  SymTensor softmax(const SymTensor &x, int64_t axis);

private:
  mlir::Value materialize(int atom);

  llvm::DenseMap<mlir::Value, mlir::Value> values;
  std::map<Sym, mlir::Value> indices;
};

/// Lowers one node: computes and `set`s its outputs.
using NodeLowering = mlir::LogicalResult (*)(Lowering &, onnx::Node);
NodeLowering nodeLowering(llvm::StringRef kind);

/// Lowerings by family; each file adds its own.
void addElementwiseLowerings(llvm::StringMap<NodeLowering> &table);
void addCastLowerings(llvm::StringMap<NodeLowering> &table);
void addDataLowerings(llvm::StringMap<NodeLowering> &table);
void addIndexingLowerings(llvm::StringMap<NodeLowering> &table);
void addScatterLowerings(llvm::StringMap<NodeLowering> &table);
void addSliceLowerings(llvm::StringMap<NodeLowering> &table);
void addSortLowerings(llvm::StringMap<NodeLowering> &table);
void addMatMulLowerings(llvm::StringMap<NodeLowering> &table);
void addReductionLowerings(llvm::StringMap<NodeLowering> &table);
void addConvLowerings(llvm::StringMap<NodeLowering> &table);
void addNormLowerings(llvm::StringMap<NodeLowering> &table);
void addAttentionLowerings(llvm::StringMap<NodeLowering> &table);
void addGroupQueryLowerings(llvm::StringMap<NodeLowering> &table);
void addRotaryLowerings(llvm::StringMap<NodeLowering> &table);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_LOWERING_LOWERING_H
