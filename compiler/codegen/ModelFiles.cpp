#include "codegen/ModelFiles.h"

#include "llvm/Support/Errno.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;
using namespace moec::codegen;

void RawBytes::append(ArrayRef<char> piece) {
  if (piece.empty())
    return;
  int64_t start = size();
  pieces.push_back(piece);
  ends.push_back(start + static_cast<int64_t>(piece.size()));
}

void RawBytes::read(int64_t offset, int64_t length, char *to) const {
  size_t i = std::upper_bound(ends.begin(), ends.end(), offset) - ends.begin();
  while (length > 0) {
    int64_t start = ends[i] - static_cast<int64_t>(pieces[i].size());
    int64_t count = std::min(length, ends[i] - offset);
    std::memcpy(to, pieces[i].data() + (offset - start), count);
    to += count;
    offset += count;
    length -= count;
    ++i;
  }
}

ModelFiles::~ModelFiles() {
  for (auto &entry : maps)
    if (!entry.second.empty())
      munmap(const_cast<char *>(entry.second.data()), entry.second.size());
}

void ModelFiles::releasePages() {
  for (auto &entry : maps)
    if (!entry.second.empty())
      madvise(const_cast<char *>(entry.second.data()), entry.second.size(),
              MADV_DONTNEED);
}

/// The file's real path, if it lies in the real folder.
static Expected<std::string> resolve(StringRef folder, StringRef file) {
  if (sys::path::is_absolute(file))
    return createStringError("weights file '" + file +
                             "' has an absolute path; it must lie in the "
                             "model's folder");
  SmallString<256> path(folder), realFolder, realPath;
  sys::path::append(path, file);
  std::error_code code = sys::fs::real_path(folder, realFolder);
  if (!code)
    code = sys::fs::real_path(path, realPath);
  if (code)
    return createStringError(code, "cannot open weights file '" + file +
                                       "': " + code.message());
  SmallString<256> prefix(realFolder);
  if (!prefix.ends_with("/"))
    prefix += '/';
  if (!realPath.starts_with(prefix))
    return createStringError("weights file '" + file +
                             "' leads out of the model's folder, to '" +
                             realPath + "'");
  return std::string(realPath);
}

Expected<ArrayRef<char>> ModelFiles::map(StringRef file) {
  if (auto it = maps.find(file); it != maps.end())
    return it->second;
  auto path = resolve(folder, file);
  if (!path)
    return path.takeError();
  auto failed = [&](int error) {
    return createStringError("cannot read weights file '" + file +
                             "': " + sys::StrError(error));
  };
  int descriptor = ::open(path->c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return failed(errno);
  struct stat status;
  bool known = fstat(descriptor, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    Error error = known ? createStringError("weights file '" + file +
                                            "' is no regular file")
                        : failed(errno);
    close(descriptor);
    return error;
  }
  size_t size = status.st_size;
  void *memory =
      size ? mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
           : nullptr;
  int error = errno;
  close(descriptor);
  if (memory == MAP_FAILED)
    return failed(error);
  ArrayRef<char> bytes(static_cast<const char *>(memory), size);
  maps[file] = bytes;
  return bytes;
}

Expected<RawBytes> ModelFiles::open(ArrayRef<FileRegion> regions) {
  RawBytes raw;
  for (const FileRegion &region : regions) {
    auto bytes = map(region.file);
    if (!bytes)
      return bytes.takeError();
    int64_t end = region.offset + region.length; // fits, says RegionAttr
    if (end > static_cast<int64_t>(bytes->size()))
      return createStringError("weights file '" + region.file + "' has " +
                               std::to_string(bytes->size()) +
                               " bytes; the model needs " +
                               std::to_string(end));
    raw.append(bytes->slice(region.offset, region.length));
  }
  return raw;
}
