//===- ModelFiles.h - The files that a model's weights lie in -------------===//
//
// Part of moec. Mapped, never loaded: a model may be larger than memory.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_MODELFILES_H
#define MOEC_CODEGEN_MODELFILES_H

#include "codegen/WeightTable.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

namespace moec::codegen {

/// Bytes that lie in pieces, read as one sequence. Borrows from ModelFiles.
class RawBytes {
public:
  void append(llvm::ArrayRef<char> piece);
  int64_t size() const { return ends.empty() ? 0 : ends.back(); }
  /// Copies [offset, offset + length), which must lie inside.
  void read(int64_t offset, int64_t length, char *to) const;

private:
  std::vector<llvm::ArrayRef<char>> pieces;
  std::vector<int64_t> ends; ///< of the pieces, in the sequence
};

/// Read-only maps of the files of one folder. Not copyable; unmaps at its end.
class ModelFiles {
public:
  explicit ModelFiles(std::string folder) : folder(std::move(folder)) {}
  ~ModelFiles();
  ModelFiles(const ModelFiles &) = delete;
  ModelFiles &operator=(const ModelFiles &) = delete;

  /// Fails if a file is absolute, leaves the folder (by `..` or a symbolic
  /// link), is missing, is no regular file, or is too short.
  llvm::Expected<RawBytes> open(llvm::ArrayRef<FileRegion> regions);

  /// Gives back the memory of pages read so far (they stay in the page cache).
  void releasePages();

private:
  llvm::Expected<llvm::ArrayRef<char>> map(llvm::StringRef file);

  std::string folder;
  llvm::StringMap<llvm::ArrayRef<char>> maps;
};

} // namespace moec::codegen

#endif // MOEC_CODEGEN_MODELFILES_H
