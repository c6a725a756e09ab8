//===- RandomTraffic.h - Traffic matrices for property tests --------------===//
#ifndef MOEC_TEST_PLAN_RANDOMTRAFFIC_H
#define MOEC_TEST_PLAN_RANDOMTRAFFIC_H

#include "plan/AllToAll.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace moec::plan::test {

inline int64_t below(std::mt19937_64 &random, int64_t limit) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(limit));
}

/// A matrix of one of seven shapes, by `random`: dense, sparse, small integers
/// with ties, log-normal receivers (hot experts), one hot column, a
/// permutation, and zero rows and columns.
inline TrafficMatrix randomTraffic(std::mt19937_64 &random, int32_t n) {
  TrafficMatrix traffic(n);
  const int64_t shape = below(random, 7);
  std::normal_distribution<> normal;
  std::vector<double> popularity(n);
  for (double &value : popularity)
    value = std::exp(normal(random));
  std::vector<bool> silent(n);
  for (int32_t i = 0; i < n; ++i)
    silent[i] = shape == 6 && below(random, 3) == 0;
  const int64_t shift = 1 + below(random, std::max(1, n - 1));
  const int64_t hot = below(random, n);
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst) {
      int64_t value = below(random, 1000000);
      if (shape == 1 && below(random, 4))
        value = 0;
      if (shape == 2)
        value %= 5;
      if (shape == 3)
        value = static_cast<int64_t>(popularity[dst] * value);
      if (shape == 4 && dst != hot)
        value %= 100;
      if (shape == 5 && dst != (src + shift) % n)
        value = 0;
      if (silent[src] || silent[dst])
        value = 0;
      traffic(src, dst) = value;
    }
  return traffic;
}

inline AllToAllProblem equalPorts(TrafficMatrix traffic, double bandwidth = 1,
                                  double alpha = 0) {
  AllToAllProblem problem;
  problem.bandwidth.assign(traffic.size(), bandwidth);
  problem.traffic = std::move(traffic);
  problem.alpha = alpha;
  return problem;
}

/// The largest bytes out or in of a port.
inline int64_t largestPortSum(const TrafficMatrix &traffic) {
  int64_t largest = 0;
  for (int64_t i = 0; i < traffic.size(); ++i)
    largest = std::max({largest, traffic.sent(i), traffic.received(i)});
  return largest;
}

} // namespace moec::plan::test

#endif // MOEC_TEST_PLAN_RANDOMTRAFFIC_H
