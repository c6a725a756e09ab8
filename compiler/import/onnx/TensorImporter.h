//===- TensorImporter.h - An ONNX tensor becomes a weight or constant -----===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_TENSORIMPORTER_H
#define MOEC_IMPORT_ONNX_TENSORIMPORTER_H

#include "import/onnx/ExternalData.h"
#include "import/onnx/ModelFile.h"

#include "mlir/IR/Builders.h"

namespace moec::import {

/// Small tensors become `onnx.Constant`, so that passes can look at them; large
/// ones whose bytes lie in a file become `onnx.Weight` and are never read. A
/// large tensor written into typed fields (`float_data`) has no such bytes and
/// is a constant too.
class TensorImporter {
public:
  /// `file` must outlive the importer; `folder` is the model's.
  TensorImporter(const ModelFile &file, llvm::StringRef folder)
      : file(file), external(folder) {}

  /// Creates the op for `tensor`; `region` is where in the model file its bytes
  /// lie, if they do. Errors: those of `tensorType`, `ExternalData::locate` and
  /// `constantFromBytes`.
  llvm::Expected<mlir::Value> create(mlir::OpBuilder &builder,
                                     mlir::Location loc, llvm::StringRef name,
                                     const ::onnx::TensorProto &tensor,
                                     std::optional<FileRegion> region);

private:
  llvm::Expected<mlir::DenseElementsAttr>
  load(mlir::RankedTensorType type, const ::onnx::TensorProto &tensor,
       const std::optional<FileRegion> &region) const;

  const ModelFile &file;
  ExternalData external;
};

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_TENSORIMPORTER_H
