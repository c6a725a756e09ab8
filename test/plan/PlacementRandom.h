//===- PlacementRandom.h - Random placement problems for tests ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_PLAN_PLACEMENTRANDOM_H
#define MOEC_TEST_PLAN_PLACEMENTRANDOM_H

#include "plan/Placement.h"

#include <algorithm>
#include <random>

namespace moec::test {

struct RandomShape {
  int64_t maxDevices = 6, maxExperts = 16, maxSteps = 5, maxSpare = 6;
};

/// Skewed loads, some experts without tokens, uneven capacities, and devices
/// of all kinds: equal, of different speed, or with measured curves.
inline plan::PlacementProblem randomProblem(std::mt19937_64 &random,
                                            const RandomShape &shape = {}) {
  auto upTo = [&](int64_t n) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
  };
  plan::PlacementProblem problem;
  const int64_t G = 1 + upTo(shape.maxDevices);
  const int64_t E = 1 + upTo(shape.maxExperts);
  plan::LayerRouting layer{0, E, 0, {}, {}};
  for (int64_t t = 1 + upTo(shape.maxSteps); t > 0; --t) {
    std::vector<int64_t> loads(E);
    for (int64_t &x : loads)
      x = upTo(4) == 0 ? 0 : upTo(int64_t{2} << upTo(9));
    layer.stepLoads.push_back(loads);
  }
  problem.trace.layers.push_back(layer);
  problem.slotBudget = E + upTo(shape.maxSpare + 1);
  const int64_t kind = upTo(3), even = (problem.slotBudget + G - 1) / G;
  for (int64_t g = 0; g < G; ++g) {
    problem.capacity.push_back(even + upTo(3));
    problem.node.push_back(0);
    double speed = kind == 0 ? 1 : 0.7 + 0.1 * static_cast<double>(upTo(6));
    plan::LatencyCurve curve = plan::linearLatency(speed);
    if (kind == 2)
      curve =
          plan::LatencyCurve{{{8, 8}, {16, 9}, {64, 40}, {256, 200}}}.scaled(
              speed);
    problem.latency.push_back(curve);
  }
  return problem;
}

} // namespace moec::test

#endif // MOEC_TEST_PLAN_PLACEMENTRANDOM_H
