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

/// What was decided about one MoE layer, with predicted seconds. An empty
/// strategy means that nothing was to decide.
struct Decision {
  std::string strategy, reason;
  double cost = 0, without = 0, bound = 0;
};

struct LayerReport {
  int64_t layer = 0, experts = 0;
  int64_t slots = 0; ///< over all ranks
  std::string form;  ///< the graph form it was raised from; may be empty
  Decision placement, order;
};

struct Report {
  std::string model;
  int64_t ranks = 1;
  std::vector<LayerReport> layers; ///< the MoE layers that were recognised
  int64_t functions = 0;           ///< compiled: equal layers share one
  int64_t programBytes = 0;
  int64_t weightBytes = 0;
  std::vector<PhaseTime> times;
};

/// Lines for people, or one JSON object.
std::string print(const Report &report, ReportForm form);

} // namespace moec::driver

#endif // MOEC_DRIVER_REPORT_H
