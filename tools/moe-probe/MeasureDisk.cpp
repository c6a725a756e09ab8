#include "Measure.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace moec::tools;

static constexpr size_t chunk = size_t{4} << 20;
static constexpr size_t alignment = 4096; ///< of O_DIRECT

namespace {
/// A file that is gone when the measurement is.
class ScratchFile {
public:
  explicit ScratchFile(const std::string &folder)
      : path(folder + "/moe-probe-XXXXXX"), file(mkstemp(path.data())) {
    if (file >= 0)
      unlink(path.c_str());
  }
  ~ScratchFile() {
    if (file >= 0)
      close(file);
  }
  ScratchFile(const ScratchFile &) = delete;
  int descriptor() const { return file; }

private:
  std::string path;
  int file;
};
} // namespace

DiskSpeed moec::tools::measureDisk(const std::string &folder, int64_t bytes,
                                   double budget) {
  DiskSpeed result;
  struct statvfs space = {};
  if (statvfs(folder.c_str(), &space) == 0)
    result.capacity = static_cast<int64_t>(space.f_bavail * space.f_frsize);
  std::unique_ptr<char, decltype(&std::free)> block(
      static_cast<char *>(std::aligned_alloc(alignment, chunk)), std::free);
  std::memset(block.get(), 1, chunk);
  ScratchFile scratch(folder);
  int file = scratch.descriptor();
  int64_t written = 0;
  for (double end = now() + budget / 2; written < bytes && now() < end;) {
    ssize_t count = file < 0 ? -1 : write(file, block.get(), chunk);
    if (count <= 0) {
      result.note = "cannot write to " + folder + ": " + std::strerror(errno);
      return result;
    }
    written += count;
  }
  fdatasync(file);
  // Without O_DIRECT the page cache would be measured.
  if (fcntl(file, F_SETFL, O_DIRECT) != 0) {
    result.note = folder + " cannot be read past the page cache";
    return result;
  }
  double start = now(), end = start + budget / 2;
  int64_t total = 0;
  for (; total < written && now() < end; total += static_cast<int64_t>(chunk))
    if (pread(file, block.get(), chunk, total) <= 0)
      break;
  if (total == 0)
    result.note = "cannot read from " + folder + ": " + std::strerror(errno);
  else
    result.bandwidth = static_cast<double>(total) / (now() - start);
  return result;
}
