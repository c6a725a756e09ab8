#include "plan/Replication.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace moec::plan;

// Shares come from sums of fractions: a load of 1 may read 1 + 2^-50.
static constexpr double kRounding = 1e-9;

Status ReplicationProblem::check() const {
  const int64_t E = static_cast<int64_t>(popularity.size());
  if (devices <= 0 || maxPerDevice <= 0)
    return invalid("replication: " + std::to_string(devices) +
                   " devices with " + std::to_string(maxPerDevice) +
                   " experts each; both must be positive");
  double sum = 0;
  for (int64_t e = 0; e < E; ++e) {
    if (!(popularity[e] >= 0) || popularity[e] > 1 + kRounding)
      return invalid("replication: the popularity of expert " +
                         std::to_string(e) + " is not a share between 0 and 1",
                     {e});
    sum += popularity[e];
  }
  if (sum > 1 + 1e-6)
    return invalid("replication: the popularities sum to " +
                   std::to_string(sum) +
                   "; shares of one layer sum to at most 1");
  // Divided, so that a large product cannot overflow.
  if (E > 0 && (E - 1) / devices >= maxPerDevice)
    return infeasible("replication: " + std::to_string(E) + " experts on " +
                      std::to_string(devices) + " devices of at most " +
                      std::to_string(maxPerDevice) + "; add devices");
  return success();
}

std::vector<int64_t>
moec::plan::replicaCounts(const ReplicationProblem &problem) {
  const size_t E = problem.popularity.size();
  std::vector<int64_t> count(E, 1);
  std::vector<double> remainder(E, 0);
  int64_t slots = problem.devices * problem.maxPerDevice;
  for (size_t e = 0; e < E; ++e) {
    double n = static_cast<double>(problem.devices) * problem.popularity[e];
    double whole = std::floor(n + kRounding);
    if (whole >= 1) {
      count[e] = static_cast<int64_t>(whole);
      remainder[e] = std::max(0.0, n - whole);
    }
    slots -= count[e];
  }
  for (; slots > 0; --slots) {
    auto largest = std::max_element(remainder.begin(), remainder.end());
    if (largest == remainder.end() || *largest <= kRounding)
      break;
    ++count[largest - remainder.begin()];
    *largest = 0;
  }
  return count;
}

namespace {

/// Devices that fill up one replica at a time.
class Packer {
public:
  Packer(int64_t devices, int64_t maxPerDevice)
      : maxPerDevice(maxPerDevice), load(devices, 0) {
    placement.devices.resize(devices);
  }

  /// First device with load to spare, else the least loaded with room. False
  /// when every device with room holds the expert.
  bool put(int32_t e, double share) {
    int64_t best = -1;
    for (int64_t g = 0; g < static_cast<int64_t>(load.size()); ++g) {
      if (!takes(g, e))
        continue;
      if (load[g] + share <= 1 + kRounding)
        return put(e, share, g);
      if (best < 0 || load[g] < load[best])
        best = g;
    }
    return best >= 0 && put(e, share, best);
  }

  /// An expert nobody is expected to ask for: where the fewest experts are.
  bool putIdle(int32_t e) {
    int64_t best = -1;
    for (int64_t g = 0; g < static_cast<int64_t>(load.size()); ++g)
      if (takes(g, e) && (best < 0 || fewer(g, best)))
        best = g;
    return best >= 0 && put(e, 0, best);
  }

  LayerPlacement placement;

private:
  bool takes(int64_t g, int32_t e) const {
    const std::vector<int32_t> &held = placement.devices[g];
    return static_cast<int64_t>(held.size()) < maxPerDevice &&
           std::find(held.begin(), held.end(), e) == held.end();
  }
  bool fewer(int64_t a, int64_t b) const {
    size_t na = placement.devices[a].size(), nb = placement.devices[b].size();
    return na != nb ? na < nb : load[a] < load[b];
  }
  bool put(int32_t e, double share, int64_t g) {
    placement.devices[g].push_back(e);
    load[g] += share;
    return true;
  }

  int64_t maxPerDevice;
  std::vector<double> load;
};

} // namespace

/// The rules of a placement that need neither loads nor latencies.
static Status verifyLayer(const ReplicationProblem &problem,
                          const LayerPlacement &placement) {
  PlacementProblem rules;
  rules.capacity.assign(problem.devices, problem.maxPerDevice);
  rules.slotBudget = problem.maxPerDevice * problem.devices;
  rules.trace.layers.push_back(
      {0, static_cast<int64_t>(problem.popularity.size()), 0, {}, {}});
  return Placement{{placement}}.verify(rules);
}

Result<LayerPlacement>
moec::plan::placeByPopularity(const ReplicationProblem &problem) {
  if (Status status = problem.check(); !status)
    return status.error();
  const int32_t E = static_cast<int32_t>(problem.popularity.size());
  const std::vector<int64_t> count = replicaCounts(problem);
  auto share = [&](int32_t e) {
    return problem.popularity[e] * static_cast<double>(problem.devices) /
           static_cast<double>(count[e]);
  };
  std::vector<int32_t> order(E);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return share(a) != share(b) ? share(a) > share(b) : a < b;
  });
  Packer packer(problem.devices, problem.maxPerDevice);
  // Replicas beyond the first only while every expert still finds a slot.
  int64_t slots =
      std::min(problem.maxPerDevice, int64_t{E}) * problem.devices - E;
  for (int32_t e : order) {
    if (problem.popularity[e] == 0) {
      packer.putIdle(e);
      continue;
    }
    packer.put(e, share(e));
    for (int64_t r = 1; r < count[e] && slots > 0 && packer.put(e, share(e));
         ++r)
      --slots;
  }
  if (Status status = verifyLayer(problem, packer.placement); !status)
    return status.error();
  return std::move(packer.placement);
}

template <typename T>
static std::vector<int32_t> mostPopular(const std::vector<T> &popularity,
                                        int64_t n) {
  std::vector<int32_t> order(popularity.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return popularity[a] != popularity[b] ? popularity[a] > popularity[b]
                                          : a < b;
  });
  order.resize(std::min<size_t>(order.size(), static_cast<size_t>(n)));
  std::sort(order.begin(), order.end());
  return order;
}

bool moec::plan::needsReplan(const std::vector<double> &estimated,
                             const std::vector<int64_t> &actual, int64_t k) {
  return mostPopular(estimated, 2 * k) != mostPopular(actual, 2 * k);
}

Result<LinaDecision>
moec::plan::confirmOrReplan(const ReplicationProblem &problem,
                            const LayerPlacement &planned,
                            const std::vector<int64_t> &actual, int64_t k) {
  if (Status status = problem.check(); !status)
    return status.error();
  LayerRouting truth{0, static_cast<int64_t>(actual.size()), 0, {actual}, {}};
  if (actual.size() != problem.popularity.size() || k < 1)
    return invalid("replication: " + std::to_string(actual.size()) +
                   " true counts for " +
                   std::to_string(problem.popularity.size()) +
                   " experts and k = " + std::to_string(k) +
                   "; give one count per expert and a positive k");
  if (Status status = truth.check(); !status)
    return status.error();
  if (Status status = verifyLayer(problem, planned); !status)
    return status.error();
  if (!needsReplan(problem.popularity, actual, k))
    return LinaDecision{planned, false};
  const double total = std::accumulate(actual.begin(), actual.end(), 0.0);
  ReplicationProblem exact = problem;
  for (size_t e = 0; e < actual.size(); ++e)
    exact.popularity[e] =
        total > 0 ? static_cast<double>(actual[e]) / total : 0;
  Result<LayerPlacement> fresh = placeByPopularity(exact);
  if (!fresh)
    return fresh.error();
  if (maxOverMean(truth, *fresh) < maxOverMean(truth, planned))
    return LinaDecision{std::move(*fresh), true};
  return LinaDecision{planned, true};
}

int64_t moec::plan::replicaShare(int64_t count, int64_t replicas, int64_t r) {
  return count / replicas + (r < count % replicas);
}
