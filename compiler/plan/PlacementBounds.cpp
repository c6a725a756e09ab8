#include "plan/PlacementBounds.h"

#include "plan/PlacementCost.h"

#include <algorithm>
#include <functional>
#include <limits>

using namespace moec::plan;

/// The least T with sum_g rowsWithin_g(T) >= total, from below.
static double dividedLoad(const std::vector<RowTime> &times, double total) {
  if (total <= 0)
    return 0;
  auto fits = [&](double seconds) {
    double rows = 0;
    for (const RowTime &time : times)
      rows += time.rowsWithin(seconds);
    return rows >= total;
  };
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (const RowTime &time : times)
    high = std::min(high, time(total));
  for (int i = 0; i < 100 && low < high; ++i) {
    double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high)
      break;
    (fits(middle) ? high : low) = middle;
  }
  return low;
}

/// However often up to `most` replicas divide `load`, the slowest of the
/// devices that share it takes at least this long.
static double heaviestShare(const std::vector<RowTime> &times, double load,
                            int64_t most) {
  double best = std::numeric_limits<double>::infinity();
  std::vector<double> seconds(times.size());
  for (int64_t replicas = 1; replicas <= most; ++replicas) {
    for (size_t g = 0; g < times.size(); ++g)
      seconds[g] = times[g](load / static_cast<double>(replicas));
    auto slowest = seconds.begin() + (replicas - 1);
    std::nth_element(seconds.begin(), slowest, seconds.end());
    best = std::min(best, *slowest);
  }
  return best;
}

/// Without replicas, k G + 1 experts on G devices put k + 1 on one of them:
/// at least the k + 1 lightest of the heaviest k G + 1.
static double pigeonhole(const std::vector<RowTime> &times,
                         const std::vector<int64_t> &descending) {
  const size_t G = times.size();
  double most = 0;
  for (size_t k = 1; k * G < descending.size(); ++k) {
    double rows = 0;
    for (size_t i = k * G - k; i <= k * G; ++i)
      rows += static_cast<double>(descending[i]);
    most = std::max(most, rows);
  }
  double best = std::numeric_limits<double>::infinity();
  for (const RowTime &time : times)
    best = std::min(best, time(most));
  return best;
}

/// Every token visits as many nodes as its experts fill at least.
static double leastCopies(const PlacementProblem &problem,
                          const LayerRouting &routing) {
  const int64_t nodes = problem.nodes();
  if (nodes < 2 || routing.topK == 0)
    return 0;
  std::vector<int64_t> room(nodes, 0);
  for (int64_t g = 0; g < problem.devices(); ++g)
    room[problem.node[g]] += problem.capacity[g];
  const int64_t largest =
      std::max<int64_t>(1, *std::max_element(room.begin(), room.end()));
  int64_t visits = 0;
  for (int64_t t = 0; t < routing.tokens(); ++t) {
    auto row = routing.ids.begin() + t * routing.topK;
    std::vector<int32_t> chosen(row, row + routing.topK);
    std::sort(chosen.begin(), chosen.end());
    int64_t experts = std::unique(chosen.begin(), chosen.end()) -
                      chosen.begin() - (chosen.front() < 0);
    visits += (experts + largest - 1) / largest;
  }
  return static_cast<double>(visits) * static_cast<double>(nodes - 1) /
         static_cast<double>(nodes);
}

std::vector<double> moec::plan::stepBounds(const PlacementProblem &problem,
                                           int64_t layer) {
  const LayerRouting &routing = problem.trace.layers[layer];
  std::vector<RowTime> times; // of the devices that can hold an expert
  for (int64_t g = 0; g < problem.devices(); ++g)
    if (problem.capacity[g] > 0)
      times.emplace_back(problem.latency[g]);
  const int64_t spare = problem.slotBudget - routing.experts;
  const int64_t replicas =
      std::min(static_cast<int64_t>(times.size()), spare + 1);
  std::vector<double> bounds;
  for (std::vector<int64_t> loads : routing.stepLoads) {
    std::sort(loads.begin(), loads.end(), std::greater<>());
    double total = 0;
    for (int64_t load : loads)
      total += static_cast<double>(load);
    double step = dividedLoad(times, total);
    step = std::max(
        step, heaviestShare(times, static_cast<double>(loads[0]), replicas));
    if (spare == 0)
      step = std::max(step, pigeonhole(times, loads));
    bounds.push_back(step);
  }
  return bounds;
}

double moec::plan::placementBound(const PlacementProblem &problem,
                                  int64_t layer) {
  double seconds = problem.secondsPerCopy *
                   leastCopies(problem, problem.trace.layers[layer]);
  for (double step : stepBounds(problem, layer))
    seconds += step;
  return seconds;
}

double moec::plan::placementBound(const PlacementProblem &problem) {
  double seconds = 0;
  for (size_t l = 0; l < problem.trace.layers.size(); ++l)
    seconds += placementBound(problem, static_cast<int64_t>(l));
  return seconds;
}
