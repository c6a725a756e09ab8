#include "Measure.h"

#include <algorithm>
#include <fstream>
#include <thread>
#include <vector>

#include <unistd.h>

using namespace moec::tools;

double moec::tools::measureMemory(int threads, double budget) {
  // Far beyond any cache, and small enough for a small machine.
  constexpr int64_t words = int64_t{32} << 20;
  std::vector<uint64_t> block(words, 1);
  std::vector<uint64_t> sums(threads);
  double end = now() + budget, fastest = 0;
  while (now() < end || fastest == 0) {
    double start = now();
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t)
      workers.emplace_back([&, t] {
        uint64_t sum = 0;
        for (int64_t i = words * t / threads; i < words * (t + 1) / threads;
             ++i)
          sum += block[i];
        sums[t] = sum;
      });
    for (std::thread &worker : workers)
      worker.join();
    double seconds = now() - start;
    fastest = fastest == 0 ? seconds : std::min(fastest, seconds);
    // What was summed feeds the next run, so that no run can be left out.
    block[0] += sums[0];
  }
  return static_cast<double>(words) * sizeof(uint64_t) / fastest;
}

int64_t moec::tools::memoryCapacity() {
  int64_t pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGE_SIZE);
  int64_t bytes = pages > 0 && size > 0 ? pages * size : 0;
  int64_t limit = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit && limit > 0)
    bytes = bytes ? std::min(bytes, limit) : limit;
  return bytes;
}
