//===- ElementTypes.h - Element types of an operator's results ------------===//
//
// Part of moec. A model need not declare the types of its inner values; shapes
// are left to inference, but element types follow from the operator at once.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_ELEMENTTYPES_H
#define MOEC_IMPORT_ONNX_ELEMENTTYPES_H

#include "dialect/onnx/Node.h"

#include "llvm/Support/Error.h"

namespace moec::import {

/// The element type of result `index` of `node`. Errors: the input that decides
/// it is absent; a `Cast` to a type that is not supported.
llvm::Expected<mlir::Type> resultElementType(onnx::Node node, unsigned index);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_ELEMENTTYPES_H
