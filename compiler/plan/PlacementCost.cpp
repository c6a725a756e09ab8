#include "plan/PlacementCost.h"

#include <algorithm>
#include <limits>

using namespace moec::plan;

RowTime::RowTime(const LatencyCurve &curve) : points(curve.points) {
  if (points.size() < 2)
    return;
  const LatencyCurve::Point &last = points.back(),
                            &before = *(points.end() - 2);
  slope = (last.seconds - before.seconds) /
          static_cast<double>(last.rows - before.rows);
  proportional = points.size() == 2 && points.front().rows == 0 &&
                 points.front().seconds == 0;
}

double RowTime::read(double rows) const {
  if (points.empty())
    return 0;
  if (rows <= static_cast<double>(points.front().rows))
    return points.front().seconds;
  const LatencyCurve::Point &last = points.back();
  if (rows >= static_cast<double>(last.rows))
    return last.seconds + slope * (rows - static_cast<double>(last.rows));
  auto above = std::upper_bound(points.begin(), points.end(), rows,
                                [](double value, const LatencyCurve::Point &p) {
                                  return value < static_cast<double>(p.rows);
                                });
  const LatencyCurve::Point &b = *above, &a = *(above - 1);
  return a.seconds + (b.seconds - a.seconds) *
                         (rows - static_cast<double>(a.rows)) /
                         static_cast<double>(b.rows - a.rows);
}

double RowTime::rowsWithin(double seconds) const {
  if (points.empty())
    return std::numeric_limits<double>::infinity();
  if (seconds < points.front().seconds)
    return 0;
  const LatencyCurve::Point &last = points.back();
  if (seconds >= last.seconds)
    return slope > 0 ? static_cast<double>(last.rows) +
                           (seconds - last.seconds) / slope
                     : std::numeric_limits<double>::infinity();
  auto above = std::upper_bound(points.begin(), points.end(), seconds,
                                [](double value, const LatencyCurve::Point &p) {
                                  return value < p.seconds;
                                });
  const LatencyCurve::Point &b = *above, &a = *(above - 1);
  return static_cast<double>(a.rows) +
         (seconds - a.seconds) * static_cast<double>(b.rows - a.rows) /
             (b.seconds - a.seconds);
}

std::vector<RowTime>
moec::plan::rowTimes(const std::vector<LatencyCurve> &curves) {
  return {curves.begin(), curves.end()};
}
