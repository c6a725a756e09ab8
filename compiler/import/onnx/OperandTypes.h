//===- OperandTypes.h - Which element types operators take ----------------===//
//
// Part of moec. Element types are known at import, shapes often are not.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_OPERANDTYPES_H
#define MOEC_IMPORT_ONNX_OPERANDTYPES_H

#include "dialect/onnx/Node.h"

#include "llvm/Support/Error.h"

namespace moec::import {

/// Checks the element types of a node's inputs against the operator: inputs
/// that must have one type (Add, MatMul, ...), and inputs that must be bool
/// (a condition), integers (indices, axes, shapes) or floating-point numbers.
/// Says nothing about operators that it does not list.
llvm::Error checkOperandTypes(onnx::Node node);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_OPERANDTYPES_H
