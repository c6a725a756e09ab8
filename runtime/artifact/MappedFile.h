//===- MappedFile.h - A file as read-only memory --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_ARTIFACT_MAPPEDFILE_H
#define MOEC_RT_ARTIFACT_MAPPEDFILE_H

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace moec::rt {

/// Maps a regular file; pages are read when they are touched and are shared by
/// everyone who maps the file. Throws Error if the file cannot be read.
class MappedFile {
public:
  explicit MappedFile(const std::filesystem::path &path);
  MappedFile(MappedFile &&other) noexcept;
  MappedFile &operator=(MappedFile &&) = delete;
  ~MappedFile();

  /// Valid as long as this object; starts on a page border.
  std::span<const std::byte> bytes() const { return contents; }

private:
  std::span<const std::byte> contents;
};

/// `relative` inside the folder `root`, following symlinks. Throws Error if it
/// is absolute, has a "..", does not exist, or leads out of the folder.
std::filesystem::path resolveInside(const std::filesystem::path &root,
                                    const std::string &relative);

} // namespace moec::rt

#endif // MOEC_RT_ARTIFACT_MAPPEDFILE_H
