#include "plan/Colocation.h"

#include "plan/ColocationSolvers.h"
#include "plan/MatchingAssignment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace moec::plan;

static Status checkMatrix(const std::vector<double> &seconds, int64_t n,
                          const char *what) {
  if (static_cast<int64_t>(seconds.size()) != n * n)
    return invalid(std::string("there are ") + std::to_string(seconds.size()) +
                   " " + what + " times; expected " + std::to_string(n) +
                   " experts times " + std::to_string(n) + " devices");
  for (int64_t i = 0; i < n * n; ++i)
    if (!std::isfinite(seconds[i]) || seconds[i] < 0)
      return invalid(std::string("the ") + what + " time of expert " +
                         std::to_string(i / n) + " on device " +
                         std::to_string(i % n) + " is " + digits(seconds[i]) +
                         " s; expected a finite number, 0 or more",
                     {i / n, i % n});
  return success();
}

Status ExpertCosts::check(int64_t devices) const {
  if (static_cast<int64_t>(sent.size()) != devices ||
      sent.size() != received.size())
    return invalid("there are " + std::to_string(sent.size()) + " sent and " +
                   std::to_string(received.size()) +
                   " received sums; expected one of each for each of " +
                   std::to_string(devices) + " devices");
  // All bytes of two models together stay below 2^62.
  const int64_t limit = (int64_t{1} << 60) / std::max<int64_t>(devices, 1);
  for (int64_t i = 0; i < devices; ++i)
    if (sent[i] < 0 || received[i] < 0 || sent[i] > limit ||
        received[i] > limit)
      return invalid("expert " + std::to_string(i) + " sends " +
                         std::to_string(sent[i]) + " and receives " +
                         std::to_string(received[i]) +
                         " bytes; expected 0 to " + std::to_string(limit),
                     {i});
  for (auto [seconds, what] :
       {std::pair{&gate, "gate"}, {&ffn, "FFN"}, {&aggregate, "aggregation"}})
    if (Status status = checkMatrix(*seconds, devices, what); !status)
      return status;
  return success();
}

ExpertCosts ExpertCosts::scaled(const TrafficMatrix &traffic,
                                const std::vector<double> &gate,
                                const std::vector<double> &ffn,
                                const std::vector<double> &aggregate,
                                const std::vector<double> &speed) {
  ExpertCosts costs;
  for (int64_t expert = 0; expert < traffic.size(); ++expert) {
    costs.sent.push_back(traffic.sent(expert));
    costs.received.push_back(traffic.received(expert));
    for (double s : speed) {
      costs.gate.push_back(gate[expert] / s);
      costs.ffn.push_back(ffn[expert] / s);
      costs.aggregate.push_back(aggregate[expert] / s);
    }
  }
  return costs;
}

LayerTimeline moec::plan::tableTwo(const PhaseTimes &p) {
  LayerTimeline t;
  t.dispatchA = p.dispatchA;
  t.ffnA = std::max(p.gateB, p.dispatchA) + p.ffnA;
  t.dispatchB = p.bothDispatches;
  t.ffnB = std::max(t.ffnA, t.dispatchB) + p.ffnB;
  t.combineA = p.bothDispatches + p.dispatchA;
  t.combineB = p.allFour;
  t.aggregateA = std::max(t.ffnB, t.combineA) + p.aggregateA;
  t.aggregateB = std::max(t.aggregateA, t.combineB) + p.aggregateB;
  t.total = t.aggregateB + p.gateA;
  return t;
}

LayerTimeline moec::plan::dependentTimeline(const PhaseTimes &p) {
  LayerTimeline t;
  t.dispatchA = p.dispatchA;
  t.ffnA = std::max(p.gateB, t.dispatchA) + p.ffnA;
  t.dispatchB = std::max(p.bothDispatches, p.gateB + p.dispatchB);
  t.ffnB = std::max(t.ffnA, t.dispatchB) + p.ffnB;
  t.combineA = std::max(t.ffnA, t.dispatchB) + p.dispatchA;
  t.combineB = std::max({p.allFour, t.combineA, t.ffnB + p.dispatchB});
  t.aggregateA = std::max(t.ffnB, t.combineA) + p.aggregateA;
  t.aggregateB = std::max(t.aggregateA, t.combineB) + p.aggregateB;
  t.total = t.aggregateB + p.gateA;
  return t;
}

Status ColocationProblem::check() const {
  for (auto [model, name] : {std::pair{&a, "model a: "}, {&b, "model b: "}})
    if (Status status = model->check(size()); !status)
      return PlanError{status.error().code, name + status.error().message,
                       status.error().subjects};
  for (int32_t i = 0; i < size(); ++i)
    if (!std::isfinite(bandwidth[i]) || bandwidth[i] <= 0)
      return invalid("the port bandwidth of device " + std::to_string(i) +
                         " is " + digits(bandwidth[i]) +
                         " bytes/s; expected a positive finite number",
                     {i});
  return success();
}

/// The smallest largest weight of any assignment of experts to devices.
static double smallestMaximum(int32_t n, std::vector<double> weights) {
  AssignmentProblem<double> problem{n, std::move(weights),
                                    AssignmentObjective::MinMax};
  Result<AssignmentSolution> solution = solveBottleneck(problem);
  return solution ? solution->cost(problem) : 0;
}

static double dispatchBound(const ExpertCosts &model,
                            const std::vector<double> &bandwidth) {
  std::vector<double> weights;
  for (int32_t expert = 0; expert < model.size(); ++expert)
    for (double port : bandwidth)
      weights.push_back(static_cast<double>(std::max(model.sent[expert],
                                                     model.received[expert])) /
                        port);
  return smallestMaximum(model.size(), std::move(weights));
}

static double sumOf(const std::vector<int64_t> &bytes) {
  return std::accumulate(bytes.begin(), bytes.end(), 0.0);
}

double ColocationProblem::lowerBound() const {
  const int32_t n = size();
  if (n == 0)
    return 0;
  PhaseTimes least;
  least.gateA = smallestMaximum(n, a.gate);
  least.gateB = smallestMaximum(n, b.gate);
  least.ffnA = smallestMaximum(n, a.ffn);
  least.ffnB = smallestMaximum(n, b.ffn);
  least.aggregateA = smallestMaximum(n, a.aggregate);
  least.aggregateB = smallestMaximum(n, b.aggregate);
  least.dispatchA = dispatchBound(a, bandwidth);
  least.dispatchB = dispatchBound(b, bandwidth);
  const double fastest = *std::max_element(bandwidth.begin(), bandwidth.end());
  const double ports = std::accumulate(bandwidth.begin(), bandwidth.end(), 0.0);
  const double out = sumOf(a.sent) + sumOf(b.sent);
  const double in = sumOf(a.received) + sumOf(b.received);
  std::vector<int32_t> pairs = pairByBottleneck(a, b);
  int64_t both = 0, four = 0;
  for (int32_t i = 0; i < n; ++i)
    both = std::max({both, a.sent[i] + b.sent[pairs[i]],
                     a.received[i] + b.received[pairs[i]]});
  pairs = pairBySorting(a, b);
  for (int32_t i = 0; i < n; ++i)
    four = std::max(four, a.sent[i] + a.received[i] + b.sent[pairs[i]] +
                              b.received[pairs[i]]);
  least.bothDispatches =
      std::max({static_cast<double>(both) / fastest, std::max(out, in) / ports,
                least.dispatchA, least.dispatchB});
  least.allFour = std::max(static_cast<double>(four) / fastest,
                           std::max((out + in) / ports, least.bothDispatches));
  return tableTwo(least).total;
}

PhaseTimes ColocationSolution::phases(const ColocationProblem &problem) const {
  const int32_t n = problem.size();
  PhaseTimes p;
  std::vector<int32_t> expertOfB(n);
  for (int32_t expert = 0; expert < n; ++expert)
    expertOfB[deviceOfB[expert]] = expert;
  auto raise = [](double &value, double other) {
    value = std::max(value, other);
  };
  for (int32_t expert = 0; expert < n; ++expert) {
    const int32_t device = deviceOfA[expert], other = expertOfB[device];
    const ExpertCosts &a = problem.a, &b = problem.b;
    const int64_t cellA = int64_t{expert} * n + device;
    const int64_t cellB = int64_t{other} * n + device;
    const double port = problem.bandwidth[device];
    auto seconds = [&](int64_t bytes) {
      return static_cast<double>(bytes) / port;
    };
    raise(p.gateA, a.gate[cellA]);
    raise(p.gateB, b.gate[cellB]);
    raise(p.ffnA, a.ffn[cellA]);
    raise(p.ffnB, b.ffn[cellB]);
    raise(p.aggregateA, a.aggregate[cellA]);
    raise(p.aggregateB, b.aggregate[cellB]);
    const int64_t outA = a.sent[expert], inA = a.received[expert];
    const int64_t outB = b.sent[other], inB = b.received[other];
    raise(p.dispatchA, seconds(std::max(outA, inA)));
    raise(p.dispatchB, seconds(std::max(outB, inB)));
    raise(p.bothDispatches, seconds(std::max(outA + outB, inA + inB)));
    raise(p.allFour, seconds(outA + inA + outB + inB));
  }
  return p;
}

static Status checkPermutation(const std::vector<int32_t> &deviceOf, int32_t n,
                               const std::string &model) {
  AssignmentProblem<int64_t> shape;
  shape.n = n;
  if (Status status = AssignmentSolution{deviceOf}.verify(shape); !status)
    return violated("experts of model " + model +
                        " as rows, devices as "
                        "columns: " +
                        status.error().message,
                    status.error().subjects);
  return success();
}

Status ColocationSolution::verify(const ColocationProblem &problem) const {
  if (Status status = checkPermutation(deviceOfA, problem.size(), "a"); !status)
    return status;
  return checkPermutation(deviceOfB, problem.size(), "b");
}

double ColocationSolution::cost(const ColocationProblem &problem) const {
  return tableTwo(phases(problem)).total;
}

std::vector<int32_t> ColocationSolution::partnersOfA() const {
  std::vector<int32_t> expertOfB(deviceOfB.size()), partners;
  for (size_t expert = 0; expert < deviceOfB.size(); ++expert)
    expertOfB[deviceOfB[expert]] = static_cast<int32_t>(expert);
  for (int32_t device : deviceOfA)
    partners.push_back(expertOfB[device]);
  return partners;
}
