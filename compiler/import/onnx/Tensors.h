//===- Tensors.h - ONNX tensors as types and constants --------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_TENSORS_H
#define MOEC_IMPORT_ONNX_TENSORS_H

#include "import/onnx/ModelFile.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace moec::import {

/// The type that stands for `TensorProto.DataType` number `dataType`. Error for
/// those moec does not compute with: strings, complex numbers, 8-bit floats and
/// types of less than a byte.
llvm::Expected<mlir::Type> elementType(int dataType,
                                       mlir::MLIRContext *context);

/// Errors: element type, a negative size, more bytes than fit 63 bits.
llvm::Expected<mlir::RankedTensorType>
tensorType(const ::onnx::TensorProto &tensor, mlir::MLIRContext *context);

/// A constant from little-endian, row-major bytes (`raw_data`), one byte for a
/// bool. `bytes` may be unaligned. Error: not the size that `type` needs.
llvm::Expected<mlir::DenseElementsAttr>
constantFromBytes(mlir::RankedTensorType type, llvm::StringRef bytes);

/// The value that a tensor holds itself, in `raw_data` or in the typed field of
/// its element type (`float_data`, `int32_data`, ...).
llvm::Expected<mlir::DenseElementsAttr>
constantValue(mlir::RankedTensorType type, const ::onnx::TensorProto &tensor);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_TENSORS_H
