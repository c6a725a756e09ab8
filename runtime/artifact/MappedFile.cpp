//===- MappedFile.cpp - A file as read-only memory ------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "artifact/MappedFile.h"

#include "support/Error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace moec::rt {

namespace fs = std::filesystem;

MappedFile::MappedFile(const fs::path &path) {
  // O_NONBLOCK: opening a pipe must not wait for its other end.
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0)
    fail("cannot open ", path.string(), ": ", std::strerror(errno));
  struct stat info = {};
  if (::fstat(file, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(file);
    fail(path.string(), " is not a file");
  }
  size_t size = static_cast<size_t>(info.st_size);
  void *memory =
      size ? ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0) : nullptr;
  int error = errno;
  ::close(file);
  if (memory == MAP_FAILED)
    fail("cannot map ", path.string(), ": ", std::strerror(error));
  contents = {static_cast<const std::byte *>(memory), size};
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : contents(std::exchange(other.contents, {})) {}

MappedFile::~MappedFile() {
  if (!contents.empty())
    ::munmap(const_cast<std::byte *>(contents.data()), contents.size());
}

fs::path resolveInside(const fs::path &root, const std::string &relative) {
  fs::path path(relative);
  bool climbs = std::any_of(path.begin(), path.end(),
                            [](const fs::path &part) { return part == ".."; });
  if (relative.empty() || path.is_absolute() || climbs)
    fail("path '", relative, "' must lie inside the artifact's folder");
  std::error_code error;
  fs::path base = fs::canonical(root, error);
  fs::path full = error ? fs::path() : fs::canonical(base / path, error);
  if (error)
    fail("cannot open ", (root / path).string(), ": ", error.message());
  auto [last, unused] =
      std::mismatch(base.begin(), base.end(), full.begin(), full.end());
  if (last != base.end())
    fail("path '", relative, "' leads out of the artifact's folder, to ",
         full.string());
  return full;
}

} // namespace moec::rt
