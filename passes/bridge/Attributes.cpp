#include "passes/bridge/Attributes.h"

#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace moec;

static moe::DeviceAttr toAttr(MLIRContext *context,
                              const plan::Device &device) {
  DenseI64ArrayAttr rows;
  DenseF64ArrayAttr seconds;
  if (!device.expertLatency.empty()) {
    SmallVector<int64_t> rowsOf;
    SmallVector<double> secondsOf;
    for (const plan::LatencyCurve::Point &point : device.expertLatency.points) {
      rowsOf.push_back(point.rows);
      secondsOf.push_back(point.seconds);
    }
    rows = DenseI64ArrayAttr::get(context, rowsOf);
    seconds = DenseF64ArrayAttr::get(context, secondsOf);
  }
  auto rate = device.peakRate.find("f32");
  return moe::DeviceAttr::get(
      context, device.name,
      device.kind == "cuda" ? moe::DeviceKind::Cuda : moe::DeviceKind::Cpu,
      device.node, device.speed,
      device.memory.empty() ? 0 : device.memory.front().capacity,
      rate == device.peakRate.end() ? 0.0 : rate->second, device.portBandwidth,
      device.portLatency, rows, seconds);
}

moe::TopologyAttr moec::bridge::toAttr(MLIRContext *context,
                                       const plan::Topology &topology) {
  SmallVector<moe::DeviceAttr> devices;
  for (const plan::Device &device : topology.devices)
    devices.push_back(::toAttr(context, device));
  SmallVector<double> network;
  for (const plan::Node &node : topology.nodes)
    network.push_back(node.networkBandwidth);
  bool limited = llvm::any_of(network, [](double x) { return x > 0; });
  return moe::TopologyAttr::get(
      context, devices,
      limited ? DenseF64ArrayAttr::get(context, network) : nullptr);
}

static plan::Device toPlan(moe::DeviceAttr attr) {
  plan::Device device;
  device.name = attr.getName().str();
  device.kind = moe::stringifyDeviceKind(attr.getKind()).str();
  device.node = attr.getNode();
  device.speed = attr.getSpeed();
  if (attr.getMemory() > 0)
    device.memory.push_back({.name = "first", .capacity = attr.getMemory()});
  if (attr.getRate() > 0)
    device.peakRate["f32"] = attr.getRate();
  device.portBandwidth = attr.getBandwidth();
  device.portLatency = attr.getLatency();
  if (attr.getRows())
    for (auto [rows, seconds] : llvm::zip_equal(attr.getRows().asArrayRef(),
                                                attr.getSeconds().asArrayRef()))
      device.expertLatency.points.push_back({rows, seconds});
  return device;
}

plan::Topology moec::bridge::toPlan(moe::TopologyAttr attr) {
  plan::Topology topology;
  int64_t nodes = 0;
  for (moe::DeviceAttr device : attr.getDevices()) {
    topology.devices.push_back(::toPlan(device));
    nodes = std::max(nodes, device.getNode() + 1);
  }
  for (int64_t node = 0; node < nodes; ++node)
    topology.nodes.push_back(
        {.name = "node" + std::to_string(node),
         .networkBandwidth = attr.getNetwork() ? attr.getNetwork()[node] : 0});
  return topology;
}

moe::PlacementAttr moec::bridge::toAttr(MLIRContext *context,
                                        const plan::LayerPlacement &placement) {
  SmallVector<DenseI64ArrayAttr> ranks;
  for (const std::vector<int32_t> &experts : placement.devices)
    ranks.push_back(DenseI64ArrayAttr::get(
        context, SmallVector<int64_t>(experts.begin(), experts.end())));
  return moe::PlacementAttr::get(context, ranks);
}

plan::LayerPlacement moec::bridge::toPlan(moe::PlacementAttr attr) {
  plan::LayerPlacement placement;
  for (DenseI64ArrayAttr rank : attr.getRanks())
    placement.devices.emplace_back(rank.asArrayRef().begin(),
                                   rank.asArrayRef().end());
  return placement;
}
