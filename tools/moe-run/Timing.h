//===- Timing.h - How long a run takes ------------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_TIMING_H
#define MOEC_TOOLS_MOERUN_TIMING_H

#include "Model.h"

#include <functional>

namespace moec::run {

/// Wall time of single runs in the steady state.
struct Timing {
  double medianMs = 0, minMs = 0, meanMs = 0, maxMs = 0;
  int64_t runs = 0;
  int64_t warmup = 0;
};

/// `warmup` runs that are not counted, then `runs` >= 1, each followed by
/// `afterRun`, which is not timed. Throws Error.
Timing timeRuns(
    Model &model, const std::vector<HostTensor> &inputs, int64_t runs,
    int64_t warmup, const std::function<void()> &afterRun = [] {});

/// One line: of the times `timing`, of data set `dataSet` (may be empty).
std::string timingText(const Timing &timing, const Model &model);
std::string timingJson(const Timing &timing, const Model &model,
                       const std::string &dataSet);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_TIMING_H
