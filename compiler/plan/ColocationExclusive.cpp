#include "plan/ColocationExclusive.h"

#include "plan/Matching.h"

#include <algorithm>
#include <numeric>

using namespace moec::plan;

Status ExclusiveProblem::check() const {
  return ColocationProblem{experts, experts, bandwidth}.check();
}

namespace {

/// The three terms of equation (1), row-major [n experts, n devices].
struct Terms {
  std::vector<double> first, second, third;

  explicit Terms(const ExclusiveProblem &problem) {
    const int32_t n = problem.size();
    const ExpertCosts &experts = problem.experts;
    for (int32_t cell = 0; cell < n * n; ++cell) {
      int64_t bytes =
          std::max(experts.sent[cell / n], experts.received[cell / n]);
      double exchange =
          static_cast<double>(bytes) / problem.bandwidth[cell % n];
      first.push_back(experts.gate[cell] + exchange);
      second.push_back(experts.ffn[cell] + exchange);
      third.push_back(experts.aggregate[cell]);
    }
  }
};

double largest(const std::vector<double> &term,
               const std::vector<int32_t> &deviceOf) {
  const size_t n = deviceOf.size();
  double result = 0;
  for (size_t expert = 0; expert < n; ++expert)
    result = std::max(result, term[expert * n + deviceOf[expert]]);
  return result;
}

double smallestMaximum(int32_t n, const std::vector<double> &weights) {
  AssignmentProblem<double> problem{n, weights, AssignmentObjective::MinMax};
  Result<AssignmentSolution> solution = solveBottleneck(problem);
  return solution ? solution->cost(problem) : 0;
}

/// Edge ids by ascending term, ties by id.
std::vector<int32_t> ascending(const std::vector<double> &term) {
  std::vector<int32_t> order(term.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return term[a] == term[b] ? a < b : term[a] < term[b];
  });
  return order;
}

class Staircase {
public:
  Staircase(int32_t n, const Terms &terms)
      : n(n), terms(terms), byFirst(ascending(terms.first)),
        bySecond(ascending(terms.second)) {}

  /// Keeps in `best` the assignment of smallest cost among those whose third
  /// term is at most `thirdBound`.
  void walk(double thirdBound, double &bestCost, AssignmentSolution &best) {
    BipartiteMatcher matcher(n);
    std::vector<uint8_t> allowed(terms.third.size());
    for (size_t edge = 0; edge < allowed.size(); ++edge)
      allowed[edge] = terms.third[edge] <= thirdBound;
    size_t entering = 0, leaving = byFirst.size();
    while (refill(matcher, allowed, entering)) {
      const std::vector<int32_t> &deviceOf = matcher.columns();
      double first = largest(terms.first, deviceOf);
      double cost = first + largest(terms.second, deviceOf) +
                    largest(terms.third, deviceOf);
      if (cost < bestCost) {
        bestCost = cost;
        best.columnOf = deviceOf;
      }
      while (leaving > 0 && terms.first[byFirst[leaving - 1]] >= first) {
        int32_t edge = byFirst[--leaving];
        allowed[edge] = 0;
        matcher.removeEdge(edge / n, edge % n);
      }
    }
  }

private:
  /// Adds allowed edges in the order of the second term until there is a
  /// perfect matching; false when they run out.
  bool refill(BipartiteMatcher &matcher, const std::vector<uint8_t> &allowed,
              size_t &entering) {
    while (!matcher.maximize()) {
      bool opened = false;
      while (!opened && entering < bySecond.size()) {
        int32_t edge = bySecond[entering++];
        opened = allowed[edge] && matcher.addEdge(edge / n, edge % n);
      }
      if (!opened)
        return false;
    }
    return n > 0;
  }

  int32_t n;
  const Terms &terms;
  std::vector<int32_t> byFirst, bySecond;
};

} // namespace

double ExclusiveProblem::lowerBound() const {
  Terms terms(*this);
  return smallestMaximum(size(), terms.first) +
         smallestMaximum(size(), terms.second) +
         smallestMaximum(size(), terms.third);
}

double ExclusiveProblem::cost(const AssignmentSolution &deviceOf) const {
  Terms terms(*this);
  return largest(terms.first, deviceOf.columnOf) +
         largest(terms.second, deviceOf.columnOf) +
         largest(terms.third, deviceOf.columnOf);
}

static Result<AssignmentSolution> verified(const ExclusiveProblem &problem,
                                           AssignmentSolution solution) {
  AssignmentProblem<double> shape;
  shape.n = problem.size();
  if (Status status = solution.verify(shape); !status)
    return status.error();
  return solution;
}

Result<AssignmentSolution>
moec::plan::solveBySorting(const ExclusiveProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  const int32_t n = problem.size();
  std::vector<int32_t> experts(n), devices(n);
  std::iota(experts.begin(), experts.end(), 0);
  std::iota(devices.begin(), devices.end(), 0);
  std::vector<double> compute(n, 0);
  for (int32_t cell = 0; cell < n * n; ++cell)
    compute[cell % n] += problem.experts.ffn[cell];
  std::sort(experts.begin(), experts.end(), [&](int32_t a, int32_t b) {
    int64_t left = problem.experts.received[a];
    int64_t right = problem.experts.received[b];
    return left == right ? a < b : left > right;
  });
  std::sort(devices.begin(), devices.end(), [&](int32_t a, int32_t b) {
    if (problem.bandwidth[a] != problem.bandwidth[b])
      return problem.bandwidth[a] > problem.bandwidth[b];
    return compute[a] == compute[b] ? a < b : compute[a] < compute[b];
  });
  AssignmentSolution solution;
  solution.columnOf.resize(n);
  for (int32_t i = 0; i < n; ++i)
    solution.columnOf[experts[i]] = devices[i];
  return verified(problem, std::move(solution));
}

Result<AssignmentSolution>
moec::plan::solveExclusive(const ExclusiveProblem &problem) {
  Result<AssignmentSolution> best = solveBySorting(problem);
  if (!best)
    return best;
  const int32_t n = problem.size();
  Terms terms(problem);
  double bestCost = problem.cost(*best);
  // No bound on the third term below its own optimum has an assignment, and
  // none that together with the optima of the others exceeds the best can win.
  const double least = smallestMaximum(n, terms.third);
  const double others =
      smallestMaximum(n, terms.first) + smallestMaximum(n, terms.second);
  std::vector<double> bounds = terms.third;
  std::sort(bounds.begin(), bounds.end());
  bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
  Staircase staircase(n, terms);
  for (double bound : bounds)
    if (bound >= least && bound + others < bestCost)
      staircase.walk(bound, bestCost, *best);
  return verified(problem, std::move(*best));
}
