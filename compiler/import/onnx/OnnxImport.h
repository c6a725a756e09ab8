//===- OnnxImport.h - From an ONNX file to the onnx dialect ---------------===//
//
// Part of moec. See README.md of this folder for what is accepted and why.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_ONNXIMPORT_H
#define MOEC_IMPORT_ONNX_ONNXIMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <cstdint>
#include <map>
#include <string>

namespace moec::import {

struct ImportOptions {
  /// Sizes for named dimensions, applied wherever the name occurs. A name that
  /// the model does not have is an error.
  std::map<std::string, int64_t> dims;
};

/// Reads the model file at `path` into a module with one function, `@main`: the
/// graph's inputs are its arguments, its outputs the results, both with
/// `onnx.name` and, where the rank is known, `onnx.dims`. Model-local functions
/// are inlined. Weights are not loaded: they become regions of files whose
/// names are relative to the folder of `path`; small tensors become constants.
///
/// Result types are what the model declares, else unranked; element types are
/// always known. Every way in which the file can be broken ends in one error,
/// sent to the diagnostic handler of `context`, and a failure.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>>
importOnnx(llvm::StringRef path, const ImportOptions &options,
           mlir::MLIRContext &context);

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_ONNXIMPORT_H
