//===- NodeChecks.h - What a graph can get wrong about its experts --------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_NODECHECKS_H
#define MOEC_IMPORT_ONNX_NODECHECKS_H

#include "dialect/onnx/Node.h"

#include "llvm/Support/Error.h"

namespace moec::import {

/// Checks one node with the shapes that are known at import. Errors: a MoE with
/// no experts, or with `k` outside 1..experts, or whose router scores another
/// number of experts; a TopK of more elements than its axis has; broadcasting
/// by the `broadcast` attribute, which ended with opset 7.
llvm::Error checkNode(onnx::Node node);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_NODECHECKS_H
