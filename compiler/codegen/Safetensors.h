//===- Safetensors.h - Writes a safetensors file in one pass --------------===//
//
// Part of moec. Format: github.com/huggingface/safetensors (header length, JSON
// header, then the tensors without holes).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_SAFETENSORS_H
#define MOEC_CODEGEN_SAFETENSORS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class raw_fd_ostream;
} // namespace llvm

namespace moec::codegen {

struct StoredTensor {
  std::string name;
  std::string type; ///< "F32"
  std::vector<int64_t> shape;
  int64_t bytes = 0;
};

/// "xxh3:" and the 16 hexadecimal digits of XXH3_64bits over what is written.
class ChecksummedFile {
public:
  static llvm::Expected<ChecksummedFile> create(std::string path);
  ChecksummedFile(ChecksummedFile &&);
  ~ChecksummedFile();

  llvm::Error write(llvm::ArrayRef<char> bytes);
  /// Closes the file; the checksum of all that was written.
  llvm::Expected<std::string> finish();

private:
  struct State;
  explicit ChecksummedFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

/// Checksum of a file that exists.
llvm::Expected<std::string> checksum(llvm::StringRef path);

/// Header for these tensors, whose bytes must follow in this order. The data
/// begins at a multiple of 64 bytes.
std::string safetensorsHeader(llvm::ArrayRef<StoredTensor> tensors);

/// Whether `a` should lie before `b`: tensors whose size is a multiple of 64
/// bytes first, so that all of them are aligned.
bool liesBefore(const StoredTensor &a, const StoredTensor &b);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_SAFETENSORS_H
