//===- ModelFile.h - An ONNX file, parsed without its weights -------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_MODELFILE_H
#define MOEC_IMPORT_ONNX_MODELFILE_H

#include "onnx.pb.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <optional>
#include <vector>

namespace moec::import {

/// Bytes of a file; `file` is relative to the model's folder.
struct FileRegion {
  std::string file;
  int64_t offset = 0;
  int64_t length = 0;
};

/// A parsed model whose initializers have lost their `raw_data`: the file is
/// mapped, and a region tells where in it the bytes lie. So a model with its
/// weights inside costs no more memory than one with external data.
class ModelFile {
public:
  /// Errors: not readable, larger than protobuf allows (2 GiB), not a protobuf
  /// message, no graph in it.
  static llvm::Expected<ModelFile> open(llvm::StringRef path);

  const ::onnx::ModelProto &model() const { return proto; }
  /// The raw_data of `graph.initializer(index)`, if it has any.
  const std::optional<FileRegion> &rawData(int index) const {
    return rawRegions[index];
  }
  /// The bytes of a region of the model file itself.
  llvm::StringRef bytes(const FileRegion &region) const {
    return buffer->getBuffer().substr(region.offset, region.length);
  }

private:
  ModelFile() = default;
  bool parse(llvm::StringRef fileName);
  bool parseGraph(llvm::StringRef message, llvm::StringRef fileName,
                  std::string &otherFields);
  bool parseInitializer(llvm::StringRef message, llvm::StringRef fileName);

  std::unique_ptr<llvm::MemoryBuffer> buffer;
  ::onnx::ModelProto proto;
  /// One entry for each initializer of the graph.
  std::vector<std::optional<FileRegion>> rawRegions;
  std::vector<::onnx::TensorProto> initializers;
};

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_MODELFILE_H
