//===- Attributes.h - ONNX attributes as MLIR attributes ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_ATTRIBUTES_H
#define MOEC_IMPORT_ONNX_ATTRIBUTES_H

#include "import/onnx/ModelFile.h"

#include "mlir/IR/BuiltinAttributes.h"

namespace moec::import {

/// int -> i64, float -> f32, string -> string, ints -> array<i64>, floats ->
/// array<f32>, strings -> array of strings, tensor -> dense elements. Errors: a
/// graph (control flow), a sparse tensor, a type, a tensor with external data,
/// an attribute of a function where there is none.
llvm::Expected<mlir::Attribute>
convertAttribute(const ::onnx::AttributeProto &attribute,
                 mlir::MLIRContext *context);

/// The tensor that a Constant node's attribute stands for, other than `value`:
/// `value_int`, `value_ints`, `value_float` or `value_floats`.
llvm::Expected<mlir::DenseElementsAttr>
constantOfAttribute(const ::onnx::AttributeProto &attribute,
                    mlir::MLIRContext *context);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_ATTRIBUTES_H
