#include "passes/bridge/ExchangeProblem.h"

#include <cmath>

using namespace mlir;
using namespace moec;

/// Rows of all steps together, [from * ranks + to].
using Rows = std::vector<double>;

/// [experts] the ranks that hold each, ascending.
static std::vector<std::vector<int64_t>>
homesOf(const plan::LayerPlacement &placement, int64_t experts) {
  std::vector<std::vector<int64_t>> homes(experts);
  for (auto [rank, slots] : llvm::enumerate(placement.devices))
    for (int32_t expert : slots)
      homes[expert].push_back(static_cast<int64_t>(rank));
  return homes;
}

static Rows rowsOfIds(const plan::LayerRouting &routing,
                      const std::vector<std::vector<int64_t>> &homes,
                      int64_t ranks) {
  Rows rows(ranks * ranks, 0);
  int64_t tokens = routing.tokens();
  int64_t perStep = (tokens + routing.steps() - 1) / routing.steps();
  for (int64_t t = 0; t < tokens; ++t) {
    int64_t start = t / perStep * perStep, token = t - start;
    int64_t length = std::min(perStep, tokens - start);
    // Rank r has tokens floor(N r / R) to floor(N (r + 1) / R).
    int64_t from = ((token + 1) * ranks - 1) / length;
    for (int64_t k = 0; k < routing.topK; ++k) {
      int32_t expert = routing.ids[t * routing.topK + k];
      if (expert < 0)
        continue;
      const std::vector<int64_t> &home = homes[expert];
      rows[from * ranks + home[token % home.size()]] += 1;
    }
  }
  return rows;
}

static Rows rowsOfLoads(const std::vector<int64_t> &loads,
                        const std::vector<std::vector<int64_t>> &homes,
                        int64_t ranks) {
  Rows rows(ranks * ranks, 0);
  for (auto [expert, home] : llvm::enumerate(homes))
    for (int64_t to : home)
      for (int64_t from = 0; from < ranks; ++from)
        rows[from * ranks + to] += static_cast<double>(loads[expert]) /
                                   static_cast<double>(home.size() * ranks);
  return rows;
}

plan::AllToAllProblem
moec::bridge::exchangeProblem(const Layer &layer, moe::TopologyAttr topology,
                              const plan::LayerRouting &routing,
                              const plan::LayerPlacement &placement) {
  int64_t ranks = topology.size();
  auto homes = homesOf(placement, layer.experts);
  int64_t steps = std::max<int64_t>(routing.steps(), 1);
  Rows rows = !routing.ids.empty() ? rowsOfIds(routing, homes, ranks)
              : routing.steps() > 0
                  ? rowsOfLoads(routing.totals(), homes, ranks)
                  : rowsOfLoads(std::vector<int64_t>(layer.experts, ranks),
                                homes, ranks);
  plan::AllToAllProblem problem;
  problem.traffic = plan::TrafficMatrix(ranks);
  for (int64_t from = 0; from < ranks; ++from)
    for (int64_t to = 0; to < ranks; ++to)
      if (from != to)
        problem.traffic(from, to) = std::llround(
            rows[from * ranks + to] * static_cast<double>(layer.rowBytes) /
            static_cast<double>(steps));
  double fastest = 0;
  for (moe::DeviceAttr device : topology.getDevices())
    fastest = std::max<double>(fastest, device.getBandwidth());
  for (moe::DeviceAttr device : topology.getDevices()) {
    // A port of unknown speed does not slow its peers; if all are unknown the
    // unit does not matter.
    double bandwidth = device.getBandwidth();
    problem.bandwidth.push_back(bandwidth > 0 ? bandwidth
                                : fastest > 0 ? fastest
                                              : 1);
    problem.alpha = std::max<double>(problem.alpha, device.getLatency());
  }
  return problem;
}

moe::RoundsAttr moec::bridge::toAttr(MLIRContext *context,
                                     const plan::PairRounds &rounds) {
  SmallVector<DenseI32ArrayAttr> lists;
  for (const std::vector<int32_t> &round : rounds.to)
    lists.push_back(DenseI32ArrayAttr::get(context, round));
  return moe::RoundsAttr::get(context, lists);
}
