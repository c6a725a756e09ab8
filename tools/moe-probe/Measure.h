//===- Measure.h - What moe-probe measures --------------------------------===//
//
// Part of moec. Every measurement takes the fastest of several runs: other
// processes only ever slow a run down. None takes more than `budget` seconds
// by much.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPROBE_MEASURE_H
#define MOEC_TOOLS_MOEPROBE_MEASURE_H

#include "plan/Topology.h"

#include <cstdint>
#include <string>

namespace moec::tools {

/// Monotonic seconds.
double now();

/// Size of the expert FFN that is timed.
struct FfnSize {
  int64_t hidden = 512;
  int64_t intermediate = 512;
  int64_t experts = 8; ///< tokens are spread evenly over them
};

/// Seconds of one layer's experts for 1, 2, 4, ... `maxTokens` tokens. Later
/// points never fall below earlier ones. Stops early when `budget` is spent.
plan::LatencyCurve measureExperts(const FfnSize &size, int64_t maxTokens,
                                  int threads, double budget);

/// Bytes of memory this process may use: what the machine has, or the limit of
/// its control group where that is less. 0 when unknown.
int64_t memoryCapacity();

struct DiskSpeed {
  double bandwidth = 0; ///< bytes/s of reading, past the page cache
  int64_t capacity = 0; ///< free bytes
  std::string note;     ///< why there is no bandwidth, when it is 0
};
/// Writes a file of `bytes` into `folder`, reads it back and removes it.
DiskSpeed measureDisk(const std::string &folder, int64_t bytes, double budget);

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPROBE_MEASURE_H
