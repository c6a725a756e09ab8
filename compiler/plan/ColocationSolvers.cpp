#include "plan/ColocationSolvers.h"

#include "plan/MatchingAssignment.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>

using namespace moec::plan;

std::vector<int32_t> moec::plan::pairBySorting(const ExpertCosts &a,
                                               const ExpertCosts &b) {
  auto byLoad = [](const ExpertCosts &model) {
    std::vector<int32_t> order(model.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t i, int32_t j) {
      int64_t left = model.sent[i] + model.received[i];
      int64_t right = model.sent[j] + model.received[j];
      return left == right ? i < j : left < right;
    });
    return order;
  };
  std::vector<int32_t> lightest = byLoad(a), others = byLoad(b);
  std::vector<int32_t> partner(a.size());
  for (size_t i = 0; i < lightest.size(); ++i)
    partner[lightest[i]] = others[lightest.size() - 1 - i];
  return partner;
}

std::vector<int32_t> moec::plan::pairByBottleneck(const ExpertCosts &a,
                                                  const ExpertCosts &b) {
  AssignmentProblem<int64_t> problem{a.size(), {}, AssignmentObjective::MinMax};
  for (int32_t i = 0; i < a.size(); ++i)
    for (int32_t j = 0; j < b.size(); ++j)
      problem.weights.push_back(
          std::max(a.sent[i] + b.sent[j], a.received[i] + b.received[j]));
  return solveBottleneck(problem)->columnOf; // `check()` bounds the weights
}

/// The phases of one pair alone on a device.
static PhaseTimes pairPhases(const ColocationProblem &problem, int32_t expertA,
                             int32_t expertB, int32_t device) {
  const int64_t n = problem.size();
  const ExpertCosts &a = problem.a, &b = problem.b;
  const int64_t cellA = expertA * n + device, cellB = expertB * n + device;
  auto seconds = [&](int64_t bytes) {
    return static_cast<double>(bytes) / problem.bandwidth[device];
  };
  const int64_t outA = a.sent[expertA], inA = a.received[expertA];
  const int64_t outB = b.sent[expertB], inB = b.received[expertB];
  return {a.gate[cellA],
          b.gate[cellB],
          a.ffn[cellA],
          b.ffn[cellB],
          a.aggregate[cellA],
          b.aggregate[cellB],
          seconds(std::max(outA, inA)),
          seconds(std::max(outB, inB)),
          seconds(std::max(outA + outB, inA + inB)),
          seconds(outA + inA + outB + inB)};
}

/// Pairs to devices by the time of a pair alone.
static Result<ColocationSolution>
placePairs(const ColocationProblem &problem,
           const std::vector<int32_t> &partner) {
  const int32_t n = problem.size();
  AssignmentProblem<double> devices{n, {}, AssignmentObjective::MinMax};
  for (int32_t expert = 0; expert < n; ++expert)
    for (int32_t device = 0; device < n; ++device)
      devices.weights.push_back(
          tableTwo(pairPhases(problem, expert, partner[expert], device)).total);
  Result<AssignmentSolution> assignment = solveBottleneck(devices);
  if (!assignment) // a port so slow that seconds overflow
    return assignment.error();
  ColocationSolution solution{assignment->columnOf, std::vector<int32_t>(n)};
  for (int32_t expert = 0; expert < n; ++expert)
    solution.deviceOfB[partner[expert]] = solution.deviceOfA[expert];
  return solution;
}

Result<ColocationSolution>
moec::plan::solveDecoupled(const ColocationProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  Result<ColocationSolution> solution =
      placePairs(problem, pairByBottleneck(problem.a, problem.b));
  if (!solution)
    return solution;
  if (Status status = solution->verify(problem); !status)
    return status.error();
  return solution;
}

namespace {

/// Compared from left to right.
using Score = std::array<double, 3>;

class LocalSearch {
public:
  LocalSearch(const ColocationProblem &problem, int64_t evaluations)
      : problem(problem), evaluationsLeft(evaluations) {}

  bool exhausted() const { return evaluationsLeft <= 0; }

  Score score(const ColocationSolution &solution) {
    --evaluationsLeft;
    PhaseTimes phases = solution.phases(problem);
    std::vector<int32_t> partners = solution.partnersOfA();
    double squares = 0;
    for (int32_t expert = 0; expert < problem.size(); ++expert) {
      double own = tableTwo(pairPhases(problem, expert, partners[expert],
                                       solution.deviceOfA[expert]))
                       .total;
      squares += own * own;
    }
    return {tableTwo(phases).total, dependentTimeline(phases).total, squares};
  }

  /// Takes the first swap that improves, in a fixed order, until a whole round
  /// of swaps brings nothing.
  Score descend(ColocationSolution &solution, Score best) {
    const int32_t n = problem.size();
    for (bool improved = true; improved && !exhausted();) {
      improved = false;
      for (int32_t i = 0; i < n && !exhausted(); ++i)
        for (int32_t j = i + 1; j < n && !exhausted(); ++j)
          for (Swap swap : {Swap::OfA, Swap::OfB, Swap::Pairs}) {
            apply(solution, swap, i, j);
            Score candidate = score(solution);
            if (candidate < best) {
              best = candidate;
              improved = true;
            } else {
              apply(solution, swap, i, j);
            }
          }
    }
    return best;
  }

private:
  enum class Swap { OfA, OfB, Pairs };

  /// Its own inverse. `i` and `j` are experts of b for OfB, of a otherwise.
  static void apply(ColocationSolution &solution, Swap swap, int32_t i,
                    int32_t j) {
    std::vector<int32_t> &a = solution.deviceOfA, &b = solution.deviceOfB;
    if (swap == Swap::OfB) {
      std::swap(b[i], b[j]);
      return;
    }
    std::swap(a[i], a[j]);
    if (swap == Swap::Pairs)
      std::swap(*std::find(b.begin(), b.end(), a[i]),
                *std::find(b.begin(), b.end(), a[j]));
  }

  const ColocationProblem &problem;
  int64_t evaluationsLeft;
};

} // namespace

/// Up to two random swaps in each model.
static void shuffleSome(ColocationSolution &solution, std::mt19937_64 &random) {
  const size_t n = solution.deviceOfA.size();
  for (std::vector<int32_t> *devices :
       {&solution.deviceOfA, &solution.deviceOfB})
    for (int32_t swaps = 0; swaps < 2; ++swaps)
      std::swap((*devices)[random() % n], (*devices)[random() % n]);
}

Result<ColocationSolution>
moec::plan::solveColocation(const ColocationProblem &problem,
                            const ColocationOptions &options) {
  Result<ColocationSolution> best = solveDecoupled(problem);
  if (!best || problem.size() < 2)
    return best;
  LocalSearch search(problem, options.evaluations);
  std::mt19937_64 random(options.seed);
  Score bestScore = search.descend(*best, search.score(*best));
  const double bound = problem.lowerBound();
  while (!search.exhausted() && bestScore[0] > bound * (1 + 1e-12)) {
    ColocationSolution candidate = *best;
    shuffleSome(candidate, random);
    Score score = search.descend(candidate, search.score(candidate));
    if (score < bestScore) {
      bestScore = score;
      best = std::move(candidate);
    }
  }
  if (Status status = best->verify(problem); !status)
    return status.error();
  return best;
}
