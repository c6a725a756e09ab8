//===- FastestOf.h - The shortest time of some work on threads ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_LIMITS_FASTESTOF_H
#define MOEC_TOOLS_LIMITS_FASTESTOF_H

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace moec::tools {

/// Seconds of the fastest round of body(t, round) for all t < threads at once;
/// rounds are begun until `budget` seconds have passed, one at least. Short
/// rounds find a moment in which nothing disturbs them.
template <typename Body>
double fastestOf(int threads, double budget, const Body &body) {
  using Clock = std::chrono::steady_clock;
  auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  auto begin = Clock::now();
  double fastest = 0;
  for (int64_t round = 0; round == 0 || since(begin) < budget; ++round) {
    auto start = Clock::now();
    std::vector<std::thread> others;
    for (int t = 1; t < threads; ++t)
      others.emplace_back([&, t] { body(t, round); });
    body(0, round);
    for (std::thread &other : others)
      other.join();
    double seconds = since(start);
    fastest = round == 0 ? seconds : std::min(fastest, seconds);
  }
  return fastest;
}

} // namespace moec::tools

#endif // MOEC_TOOLS_LIMITS_FASTESTOF_H
