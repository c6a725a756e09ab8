#include "target/PlanReader.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::target;

static plan::Round readRound(const JsonValue &value, int64_t ranks) {
  value.expectKeys({"seconds", "sends"});
  plan::Round round;
  round.seconds = value.need("seconds").number();
  for (const JsonValue &item : value.need("sends").items("sends")) {
    item.expectKeys({"src", "dst", "bytes"});
    round.sends.push_back(
        {static_cast<int32_t>(item.need("src").integer(0, ranks - 1)),
         static_cast<int32_t>(item.need("dst").integer(0, ranks - 1)),
         item.need("bytes").integer(0, int64_t{1} << 62)});
  }
  return round;
}

static plan::TrafficMatrix readMatrix(const JsonValue &value, int64_t ranks) {
  std::vector<JsonValue> rows = value.items("rows");
  if (static_cast<int64_t>(rows.size()) != ranks)
    value.fail(
        fmt::format("{} rows; the machine has {} devices", rows.size(), ranks));
  // Before memory for all of them is taken.
  for (const JsonValue &row : rows)
    if (int64_t found = static_cast<int64_t>(row.items("bytes").size());
        found != ranks)
      row.fail(fmt::format("{} numbers; expected {}", found, ranks));
  plan::TrafficMatrix traffic(ranks);
  for (int64_t from = 0; from < ranks; ++from) {
    std::vector<int64_t> row =
        rows[from].integers("bytes", 0, int64_t{1} << 62);
    for (int64_t to = 0; to < ranks; ++to)
      traffic(from, to) = row[to];
  }
  return traffic;
}

std::vector<double> moec::target::readPorts(const JsonValue &root,
                                            const plan::Topology &machine) {
  std::vector<double> bandwidth;
  JsonValue ports = root.need("port_bandwidth");
  for (const JsonValue &port : ports.items("bytes/s of each port"))
    bandwidth.push_back(port.number());
  if (static_cast<int64_t>(bandwidth.size()) != machine.size())
    ports.fail(fmt::format("{} ports; the machine has {} devices",
                           bandwidth.size(), machine.size()));
  return bandwidth;
}

/// `rounds` and `port_units` between `ranks` devices, or nodes.
static plan::AllToAllSolution readRounds(const JsonValue &root, int64_t ranks,
                                         const char *ports) {
  plan::AllToAllSolution solution;
  for (const JsonValue &round : root.need("rounds").items("rounds"))
    solution.rounds.push_back(readRound(round, ranks));
  JsonValue units = root.need("port_units");
  for (int64_t count : units.integers("units per port", 1, 1 << 20))
    solution.portUnits.push_back(static_cast<int32_t>(count));
  if (static_cast<int64_t>(solution.portUnits.size()) != ranks)
    units.fail(fmt::format("{} numbers; the machine has {} {}",
                           solution.portUnits.size(), ranks, ports));
  return solution;
}

AllToAllDecision moec::target::readAllToAll(const JsonValue &root,
                                            const plan::Topology &machine) {
  root.expectKeys({"format", "kind", "bound_s", "makespan_s", "alpha_s",
                   "port_bandwidth", "rounds", "baselines", "port_units",
                   "traffic", "machine", "inputs"});
  AllToAllDecision decision;
  int64_t ranks = machine.size();
  decision.problem.traffic = readMatrix(root.need("traffic"), ranks);
  decision.problem.bandwidth = readPorts(root, machine);
  decision.problem.alpha = root.need("alpha_s").number();
  if (plan::Status status = decision.problem.check(); !status)
    root.need("traffic").fail(status.error().message);
  decision.solution = readRounds(root, ranks, "devices");
  decision.bound = root.need("bound_s").number();
  decision.cost = root.need("makespan_s").number();
  decision.baselines = readBaselines(root.need("baselines"));
  return decision;
}

HierarchicalDecision
moec::target::readHierarchical(const JsonValue &root,
                               const plan::Topology &machine) {
  root.expectKeys({"format", "kind", "bound_s", "makespan_s", "alpha_s",
                   "devices_per_node", "network_bandwidth", "intra_bandwidth",
                   "slices", "rounds", "port_units", "baselines", "traffic",
                   "machine", "inputs"});
  const int64_t ranks = machine.size();
  HierarchicalDecision decision;
  plan::HierarchicalProblem &problem = decision.problem;
  problem.traffic = readMatrix(root.need("traffic"), ranks);
  problem.devicesPerNode =
      static_cast<int32_t>(root.need("devices_per_node").integer(1, ranks));
  problem.networkBandwidth = root.need("network_bandwidth").number();
  problem.intraBandwidth = root.need("intra_bandwidth").number();
  problem.alpha = root.need("alpha_s").number();
  if (plan::Status status = problem.check(); !status)
    root.need("traffic").fail(status.error().message);
  for (const JsonValue &item : root.need("slices").items("slices")) {
    item.expectKeys({"src", "dst", "lane", "bytes"});
    decision.solution.slices.push_back(
        {static_cast<int32_t>(item.need("src").integer(0, ranks - 1)),
         static_cast<int32_t>(item.need("dst").integer(0, ranks - 1)),
         static_cast<int32_t>(
             item.need("lane").integer(0, problem.devicesPerNode - 1)),
         item.need("bytes").integer(0, int64_t{1} << 62)});
  }
  decision.solution.rounds = readRounds(root, problem.nodes(), "nodes");
  decision.bound = root.need("bound_s").number();
  decision.cost = root.need("makespan_s").number();
  decision.baselines = readBaselines(root.need("baselines"));
  return decision;
}
