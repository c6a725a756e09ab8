//===- Onnx.h - The onnx import dialect -----------------------------------===//
//
// Part of moec. See Onnx.td for what the dialect means, Node.h for reading ops.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DIALECT_ONNX_H
#define MOEC_DIALECT_ONNX_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace moec::onnx {

/// Bytes of a tensor in an ONNX file: one per `bool`, sub-byte types packed.
/// Nothing if the shape is dynamic or the size does not fit 63 bits.
std::optional<int64_t> byteSize(mlir::ShapedType type);

} // namespace moec::onnx

#include "dialect/onnx/OnnxDialect.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/onnx/OnnxAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/onnx/OnnxOps.h.inc"

#endif // MOEC_DIALECT_ONNX_H
