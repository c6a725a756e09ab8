//===- Report.h - What moe-compile tells about a compilation --------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_REPORT_H
#define MOEC_DRIVER_REPORT_H

#include "driver/Options.h"

namespace moec::driver {

struct PhaseTime {
  std::string phase;
  double seconds = 0;
};

struct Report {
  std::string model;
  int64_t ranks = 1;
  int64_t moeLayers = 0; ///< recognised
  int64_t functions = 0; ///< compiled: equal layers share one
  int64_t programBytes = 0;
  int64_t weightBytes = 0;
  std::vector<PhaseTime> times;
};

/// Lines for people, or one JSON object.
std::string print(const Report &report, ReportForm form);

} // namespace moec::driver

#endif // MOEC_DRIVER_REPORT_H
