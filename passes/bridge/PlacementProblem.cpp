#include "passes/bridge/PlacementProblem.h"

#include "passes/bridge/Attributes.h"

#include <limits>

using namespace mlir;
using namespace moec;
using namespace moec::bridge;

static constexpr int64_t kUnlimited = std::numeric_limits<int32_t>::max();

/// [devices] experts of each layer that fit.
static FailureOr<std::vector<int64_t>> expertRoom(ModuleOp module,
                                                  moe::TopologyAttr topology,
                                                  ArrayRef<Layer> layers) {
  int64_t shared = sharedWeightBytes(module), oneOfEach = 0;
  for (const Layer &layer : layers)
    oneOfEach += layer.expertBytes;
  std::vector<int64_t> room;
  for (moe::DeviceAttr device : topology.getDevices()) {
    int64_t memory = device.getMemory();
    if (memory > 0 && memory < shared)
      return module.emitError()
             << "device '" << device.getName() << "' has " << memory
             << " bytes of memory; the weights that every device holds take "
             << shared;
    bool limited = memory > 0 && oneOfEach > 0;
    room.push_back(limited ? (memory - shared) / oneOfEach : kUnlimited);
  }
  return room;
}

/// FLOP/s of a device of speed 1; 0 if no device's rate is known.
static double unitRate(moe::TopologyAttr topology) {
  double rate = 0;
  for (moe::DeviceAttr device : topology.getDevices())
    rate = std::max(rate, device.getRate() / device.getSpeed());
  return rate;
}

/// Seconds per byte that leaves its node.
static double networkSeconds(moe::TopologyAttr topology) {
  double slowest = 0;
  if (DenseF64ArrayAttr network = topology.getNetwork();
      network && network.size() > 1)
    for (double bandwidth : network.asArrayRef())
      if (bandwidth > 0)
        slowest = std::max(slowest, 1 / bandwidth);
  return slowest;
}

static FailureOr<LayerProblem> buildProblem(Layer layer,
                                            moe::TopologyAttr topology,
                                            plan::LayerRouting routing,
                                            ArrayRef<int64_t> room,
                                            int64_t slots) {
  LayerProblem result{layer, {}, routing.steps() > 0};
  plan::PlacementProblem &problem = result.problem;
  double rate = unitRate(topology);
  double unitRows = rate > 0 ? rate / layer.rowFlops : 1;
  int64_t total = 0;
  for (auto [g, device] : llvm::enumerate(toPlan(topology).devices)) {
    problem.capacity.push_back(std::min(room[g], layer.experts));
    problem.latency.push_back(device.expertLatency.empty()
                                  ? plan::linearLatency(device.speed * unitRows)
                                  : device.expertLatency);
    problem.node.push_back(device.node);
    total += problem.capacity.back();
  }
  if (total < layer.experts)
    return layer.op.emitError()
           << "MoE layer " << layer.index << " has " << layer.experts
           << " experts of " << layer.expertBytes
           << " bytes; the memories of the " << topology.size()
           << " devices have room for " << total
           << " beside the other weights; add devices or memory";
  problem.slotBudget = std::min(std::max(slots, layer.experts), total);
  if (!result.known)
    routing.stepLoads.emplace_back(layer.experts, 1);
  problem.trace.layers.push_back(std::move(routing));
  problem.secondsPerCopy =
      2.0 * static_cast<double>(layer.rowBytes) * networkSeconds(topology);
  return result;
}

LogicalResult moec::bridge::forEachPlacementProblem(
    ModuleOp module, const Routing &routing, int64_t slots,
    llvm::function_ref<LogicalResult(LayerProblem &)> decide) {
  moe::TopologyAttr topology = topologyOf(module);
  if (!topology)
    return success();
  if (!routing.error().empty())
    return module.emitError(routing.error());
  SmallVector<Layer> layers = layersOf(module);
  auto room = expertRoom(module, topology, layers);
  if (failed(room))
    return failure();
  for (const Layer &layer : layers) {
    auto problem =
        buildProblem(layer, topology, routing.of(layer), *room, slots);
    if (failed(problem) || failed(decide(*problem)))
      return failure();
  }
  return success();
}
