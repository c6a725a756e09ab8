//===- NodeNames.h - What a node is called in diagnostics -----------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_NODENAMES_H
#define MOEC_IMPORT_ONNX_NODENAMES_H

#include "onnx.pb.h"

#include "llvm/ADT/StringRef.h"

#include <string>

namespace moec::import {

/// The node's name, else that of its first output, else "unnamed".
std::string nodeName(const ::onnx::NodeProto &node);

/// The innermost module that a node came from ("model.layers.3.mlp"), where
/// PyTorch's exporter says so; empty otherwise. Lives as long as `node`.
llvm::StringRef moduleOf(const ::onnx::NodeProto &node);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_NODENAMES_H
