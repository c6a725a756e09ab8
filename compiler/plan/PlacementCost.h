//===- PlacementCost.h - Latency curves at fractional rows ----------------===//
//
// Part of moec. Internal to the placement planners: a replica's share of an
// expert's load is a fraction, and the searches read curves millions of times.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENTCOST_H
#define MOEC_PLAN_PLACEMENTCOST_H

#include "plan/Topology.h"

#include <vector>

namespace moec::plan {

/// A LatencyCurve read at fractional rows; proportional curves (rows / speed)
/// cost one multiplication.
class RowTime {
public:
  explicit RowTime(const LatencyCurve &curve);

  double operator()(double rows) const {
    // Sums of shares that cancel leave rounding noise, not rows.
    if (rows <= 1e-9)
      return 0;
    return proportional ? rows * slope : read(rows);
  }
  /// Seconds are rows times `secondsPerRow()`.
  bool isProportional() const { return proportional; }
  double secondsPerRow() const { return slope; }
  /// The most rows that take at most `seconds`; infinity on a curve that ends
  /// flat.
  double rowsWithin(double seconds) const;

private:
  double read(double rows) const;

  std::vector<LatencyCurve::Point> points;
  double slope = 0; ///< seconds per row after the last point
  bool proportional = false;
};

/// One RowTime per device.
std::vector<RowTime> rowTimes(const std::vector<LatencyCurve> &curves);

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENTCOST_H
