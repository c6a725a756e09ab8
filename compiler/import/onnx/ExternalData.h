//===- ExternalData.h - Tensors whose bytes lie in other files ------------===//
//
// Part of moec. The rules are those of ONNX's docs/ExternalData.md: files lie
// in the model's folder or below it; nothing outside can be named.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_EXTERNALDATA_H
#define MOEC_IMPORT_ONNX_EXTERNALDATA_H

#include "import/onnx/ModelFile.h"

#include "llvm/ADT/StringMap.h"

namespace moec::import {

class ExternalData {
public:
  /// `folder` is the model's; empty means the current one.
  explicit ExternalData(llvm::StringRef folder) : folder(folder) {}

  /// Checks `tensor.external_data` against the file system; `bytes` is the size
  /// that the tensor's type needs. Errors: no location; an absolute one, `..`
  /// in it, a link that leaves the folder; file absent or no plain file; offset
  /// or length malformed, past the end of the file, or not the tensor's size.
  llvm::Expected<FileRegion> locate(const ::onnx::TensorProto &tensor,
                                    int64_t bytes);

  /// Loads a region, for small tensors.
  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  read(const FileRegion &region) const;

private:
  /// Size of a file in bytes, after the checks of its name.
  llvm::Expected<int64_t> checkedSize(llvm::StringRef location);

  std::string folder;
  /// Files that passed the checks: a model has few files and many tensors.
  llvm::StringMap<int64_t> sizes;
};

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_EXTERNALDATA_H
