//===- ChromeTrace.h - Timelines that open in Perfetto --------------------===//
//
// Part of moec. Writes the Chrome trace event format. Predicted and measured
// timelines go into one file as two processes, so that they can be compared.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_CHROMETRACE_H
#define MOEC_TARGET_CHROMETRACE_H

#include "plan/Simulator.h"
#include "plan/TaskGraph.h"

#include <string>
#include <vector>

namespace moec::target {

/// Something that occupied a row of the timeline. Seconds.
struct TraceSpan {
  std::string row; ///< "d0", "d0 out": one thread of the trace
  std::string name;
  double start = 0;
  double seconds = 0;
};

struct TraceProcess {
  std::string name; ///< "predicted", "measured"
  std::vector<TraceSpan> spans;
};

/// What the simulator predicted, one row for each resource; tasks without a
/// resource and without length (barriers) are left out.
TraceProcess predictedProcess(const plan::TaskGraph &graph,
                              const plan::Timeline &timeline);

/// The file. Rows stand in the order in which they first start; one whose spans
/// overlap takes several lines.
std::string printChromeTrace(const std::vector<TraceProcess> &processes);

} // namespace moec::target

#endif // MOEC_TARGET_CHROMETRACE_H
