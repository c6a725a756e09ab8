//===- Processors.cpp - The processors that threads run on ----------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "device/cpu/Processors.h"

#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <fstream>
#include <string>
#include <utility>

namespace moec::rt {

std::vector<int> usableProcessors() {
  std::vector<int> processors;
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    for (int processor = 0; processor < CPU_SETSIZE; ++processor)
      if (CPU_ISSET(processor, &set))
        processors.push_back(processor);
  if (processors.empty()) // more processors than cpu_set_t can name
    for (long i = 0, n = sysconf(_SC_NPROCESSORS_ONLN); i < n || i == 0; ++i)
      processors.push_back(static_cast<int>(i));
  return processors;
}

int64_t runningThreads(std::string_view loadavg) {
  const size_t slash = loadavg.find('/');
  if (slash == std::string_view::npos)
    return -1;
  const size_t begin = loadavg.rfind(' ', slash) + 1;
  int64_t running = -1;
  auto [end, error] = std::from_chars(loadavg.data() + begin,
                                      loadavg.data() + slash, running);
  return error == std::errc() && end == loadavg.data() + slash ? running : -1;
}

/// Some object of this process has all processors.
static std::atomic<bool> taken = false;

static bool nobodyElseRuns() {
  std::string load;
  std::getline(std::ifstream("/proc/loadavg"), load);
  return runningThreads(load) == 1;
}

OwnProcessors::OwnProcessors(int64_t threads) {
  std::vector<int> usable = usableProcessors();
  if (threads == static_cast<int64_t>(usable.size()) &&
      threads == sysconf(_SC_NPROCESSORS_ONLN) && nobodyElseRuns() &&
      !taken.exchange(true))
    processors = std::move(usable);
}

OwnProcessors::~OwnProcessors() {
  if (!processors.empty())
    taken = false;
}

void pinThisThread(int processor) noexcept {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  sched_setaffinity(0, sizeof(one), &one);
}

} // namespace moec::rt
