#include "Measure.h"

#include <algorithm>
#include <fstream>

#include <unistd.h>

using namespace moec::tools;

int64_t moec::tools::memoryCapacity() {
  int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  int64_t bytes = pages > 0 && size > 0 ? pages * size : 0;
  int64_t limit = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit && limit > 0)
    bytes = bytes ? std::min(bytes, limit) : limit;
  return bytes;
}
