#include "target/PlanReader.h"
#include "target/Routing.h"

#include <fmt/format.h>

using namespace moec;
using namespace moec::target;

static plan::ExpertCosts readCosts(const JsonValue &value, int64_t n) {
  value.expectKeys({"sent", "received", "ffn_s"});
  plan::ExpertCosts costs;
  costs.sent = value.need("sent").integers("bytes", 0, int64_t{1} << 60);
  costs.received =
      value.need("received").integers("bytes", 0, int64_t{1} << 60);
  JsonValue table = value.need("ffn_s");
  std::vector<JsonValue> rows = table.items("rows");
  if (static_cast<int64_t>(rows.size()) != n)
    table.fail(
        fmt::format("{} rows; the machine has {} devices", rows.size(), n));
  for (const JsonValue &row : rows) {
    std::vector<JsonValue> numbers = row.items("seconds on each device");
    if (static_cast<int64_t>(numbers.size()) != n)
      row.fail(fmt::format("{} numbers; expected {}", numbers.size(), n));
    for (const JsonValue &seconds : numbers)
      costs.ffn.push_back(seconds.number());
  }
  costs.gate.assign(n * n, 0);
  costs.aggregate.assign(n * n, 0);
  if (plan::Status status = costs.check(n); !status)
    value.fail(status.error().message);
  return costs;
}

/// The index of a block of consecutive experts; all blocks of a layer are of
/// one size, `experts / n` once the first is read.
static int64_t readBlock(const JsonValue &value, int64_t n, int64_t &experts) {
  std::vector<int64_t> ids = value.integers("expert ids", 0, maxExperts - 1);
  const int64_t size = static_cast<int64_t>(ids.size());
  if (experts == 0)
    experts = size * n;
  bool consecutive =
      size > 0 && size * n == experts && ids[0] % size == 0 && ids[0] < experts;
  for (int64_t i = 0; consecutive && i < size; ++i)
    consecutive = ids[i] == ids[0] + i;
  if (!consecutive || experts > maxExperts)
    value.fail(fmt::format("these are none of {} equal blocks of consecutive "
                           "experts",
                           n));
  return ids[0] / size;
}

/// Notes that `index` now has a device; it must not have had one.
static void place(std::vector<int32_t> &deviceOf, int64_t index, int64_t device,
                  const JsonValue &pair) {
  if (deviceOf[index] >= 0)
    pair.fail(
        fmt::format("these experts are on device {} already", deviceOf[index]));
  deviceOf[index] = static_cast<int32_t>(device);
}

static void readPairs(const JsonValue &value, ColocatedLayer &layer) {
  const int64_t n = layer.problem.size();
  std::vector<JsonValue> pairs = value.items("pairs");
  if (static_cast<int64_t>(pairs.size()) != n)
    value.fail(
        fmt::format("{} pairs; the machine has {} devices", pairs.size(), n));
  layer.solution.deviceOfA.assign(n, -1);
  layer.solution.deviceOfB.assign(n, -1);
  std::vector<bool> taken(n, false);
  for (const JsonValue &pair : pairs) {
    pair.expectKeys({"a", "b", "device"});
    JsonValue where = pair.need("device");
    int64_t device = where.integer(0, n - 1);
    if (taken[device])
      where.fail(fmt::format("device {} has a pair already", device));
    taken[device] = true;
    JsonValue a = pair.need("a"), b = pair.need("b");
    place(layer.solution.deviceOfA, readBlock(a, n, layer.expertsA), device, a);
    place(layer.solution.deviceOfB, readBlock(b, n, layer.expertsB), device, b);
  }
}

ColocationDecision moec::target::readColocation(const JsonValue &root,
                                                const plan::Topology &machine) {
  root.expectKeys({"format", "kind", "objective_s", "bound_s", "baselines",
                   "port_bandwidth", "layers", "machine", "inputs"});
  ColocationDecision decision;
  decision.score = readScore(root);
  std::vector<double> ports = readPorts(root, machine);
  JsonValue layers = root.need("layers");
  for (const JsonValue &item : layers.items("layers")) {
    item.expectKeys({"layer_a", "layer_b", "pairs", "costs_a", "costs_b",
                     "objective_s", "bound_s", "baselines"});
    ColocatedLayer layer;
    layer.layerA = item.need("layer_a").integer(0, int64_t{1} << 20);
    layer.layerB = item.need("layer_b").integer(0, int64_t{1} << 20);
    layer.problem.bandwidth = ports;
    layer.problem.a = readCosts(item.need("costs_a"), machine.size());
    layer.problem.b = readCosts(item.need("costs_b"), machine.size());
    if (plan::Status status = layer.problem.check(); !status)
      root.need("port_bandwidth").fail(status.error().message);
    readPairs(item.need("pairs"), layer);
    layer.score = readScore(item);
    decision.layers.push_back(std::move(layer));
  }
  if (decision.layers.empty())
    layers.fail("the plan has no layer");
  return decision;
}
