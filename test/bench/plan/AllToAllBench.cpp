//===- AllToAllBench.cpp - bench-plan-a2a ---------------------------------===//
//
// Part of moec. Prints what README.md quotes about all-to-all rounds and
// colocation. No arguments; not a test.
//
//===----------------------------------------------------------------------===//

#include "AllToAllBench.h"

#include "plan/AllToAllSolvers.h"
#include "plan/HierarchicalAllToAll.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>

using namespace moec::plan;

static TrafficMatrix skewedTraffic(std::mt19937_64 &random, int32_t n,
                                   double skew) {
  std::normal_distribution<> normal;
  std::uniform_real_distribution<> uniform;
  std::vector<double> popularity(n);
  for (double &value : popularity)
    value = std::exp(skew * normal(random));
  TrafficMatrix traffic(n);
  for (int32_t src = 0; src < n; ++src)
    for (int32_t dst = 0; dst < n; ++dst)
      traffic(src, dst) =
          static_cast<int64_t>(1e6 * popularity[dst] * uniform(random));
  return traffic;
}

/// Median processor time of one call; a sample is `calls` calls on end.
template <typename Solve>
static double medianSeconds(int32_t samples, int32_t calls, Solve solve) {
  std::vector<double> seconds;
  for (int32_t sample = 0; sample < samples; ++sample) {
    std::clock_t start = std::clock();
    for (int32_t call = 0; call < calls; ++call)
      solve();
    seconds.push_back(static_cast<double>(std::clock() - start) /
                      CLOCKS_PER_SEC / calls);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

void printSolverTimes() {
  std::printf("\nprocessor time, median (solve and verify)\n"
              "  %4s  %-28s %12s %8s\n",
              "n", "solver", "time", "rounds");
  struct Size {
    int32_t n, samples, calls;
  };
  for (Size size : {Size{8, 51, 50}, {64, 21, 2}, {320, 5, 1}}) {
    std::mt19937_64 random(3);
    AllToAllProblem problem{skewedTraffic(random, size.n, 1.0),
                            std::vector<double>(size.n, 12.5e9), 0};
    auto print = [&](const char *name, auto solve) {
      size_t rounds = 0;
      double seconds = medianSeconds(size.samples, size.calls, [&] {
        rounds = solve(problem)->rounds.size();
      });
      std::printf("  %4d  %-28s %9.1f us %8zu\n", size.n, name, 1e6 * seconds,
                  rounds);
    };
    print("Birkhoff, equal ports", solveBirkhoff);
    problem.alpha = 1e-5;
    print("alpha 10 us", solveAllToAll);
    const double paper[] = {12.5e9, 10e9, 6.25e9, 5e9};
    for (int32_t i = 0; i < size.n; ++i)
      problem.bandwidth[i] = paper[i % 4];
    print("unit ports, 100/80/50/40", solveBirkhoff);
    print("one-to-one, 100/80/50/40", solveOneToOne);
  }
}

void printHierarchical() {
  std::printf("\nnodes of 8 devices, network 50 GB/s, inside 450 GB/s: seconds "
              "over the physical bound\n  %5s  %5s  %12s  %12s  %12s\n",
              "nodes", "skew", "network", "all phases", "flat bound");
  for (int32_t nodes : {2, 4, 8})
    for (double skew : {0.5, 1.0}) {
      std::mt19937_64 random(4);
      HierarchicalProblem problem{skewedTraffic(random, nodes * 8, skew), 8,
                                  50e9, 450e9, 0};
      HierarchicalSolution solution = *solveHierarchical(problem);
      HierarchicalTimes times = solution.times(problem);
      const double bound = problem.lowerBound();
      std::printf("  %5d  %5.1f  %12.3f  %12.3f  %12.3f\n", nodes, skew,
                  times.network / bound, times.overlapped / bound,
                  problem.withoutRebalancing() / bound);
    }
}

int main() {
  printAuroraTable();
  printHierarchical();
  printSolverTimes();
}
