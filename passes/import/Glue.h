//===- Glue.h - Writing ops of the onnx dialect ---------------------------===//
//
// Part of moec. What passes put between the ops they raise.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_IMPORT_GLUE_H
#define MOEC_PASSES_IMPORT_GLUE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace moec {

/// Writes ops of the onnx dialect at the builder's insertion point.
class Glue {
public:
  Glue(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  /// Any operator with one output of type `type`.
  mlir::Value node(llvm::StringRef name, mlir::ValueRange inputs,
                   mlir::Type type,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  /// A vector of integers.
  mlir::Value constant(llvm::ArrayRef<int64_t> values);
  /// `sizes` has at most one -1.
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> sizes);
  /// All axes but the last become one; nothing to do for rank 2.
  mlir::Value matrix(mlir::Value value, int64_t columns);
  /// The rows of `matrix` in the shape of `like`, whose last axis is replaced
  /// by the matrix' width.
  mlir::Value rowsLike(mlir::Value matrix, mlir::Value like);
  mlir::Value cast(mlir::Value value, mlir::Type elementType);
  /// Values of as many elements as `shape` has, along a new first axis.
  mlir::Value stack(llvm::ArrayRef<mlir::Value> values,
                    llvm::ArrayRef<int64_t> shape);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
};

/// The ops of `block` that a rewriting pass left without users.
void eraseDead(mlir::Block &block);

} // namespace moec

#endif // MOEC_PASSES_IMPORT_GLUE_H
