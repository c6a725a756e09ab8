#include "plan/Topology.h"

#include <algorithm>
#include <cmath>

using namespace moec::plan;

double LatencyCurve::operator()(int64_t rows) const {
  if (points.empty() || rows <= 0)
    return 0;
  if (rows <= points.front().rows || points.size() == 1)
    return points.front().seconds;
  auto above = std::lower_bound(
      points.begin(), points.end(), rows,
      [](const Point &p, int64_t value) { return p.rows < value; });
  if (above == points.end())
    --above;
  auto below = above - 1;
  double slope = (above->seconds - below->seconds) /
                 static_cast<double>(above->rows - below->rows);
  return below->seconds + slope * static_cast<double>(rows - below->rows);
}

Status LatencyCurve::check() const {
  for (size_t i = 0; i < points.size(); ++i) {
    const Point &p = points[i];
    if (!std::isfinite(p.seconds) || p.seconds < 0 || p.rows < 0)
      return invalid("latency point " + std::to_string(i) +
                         ": rows and seconds must be finite and not negative",
                     {static_cast<int64_t>(i)});
    if (i && (p.rows <= points[i - 1].rows || p.seconds < points[i - 1].seconds))
      return invalid("latency point " + std::to_string(i) + " (" +
                         std::to_string(p.rows) +
                         " rows): rows must increase and seconds not decrease",
                     {static_cast<int64_t>(i)});
  }
  return success();
}

LatencyCurve LatencyCurve::scaled(double speed) const {
  LatencyCurve result = *this;
  for (Point &p : result.points)
    p.seconds /= speed;
  return result;
}

static bool isQuantity(double value) { return std::isfinite(value) && value >= 0; }

static Status checkDevice(const Device &device, int64_t id, int64_t nodes) {
  std::string who = "device " + std::to_string(id) + " ('" + device.name + "'): ";
  if (device.node < 0 || device.node >= nodes)
    return invalid(who + "node " + std::to_string(device.node) +
                       " does not exist; there are " + std::to_string(nodes),
                   {id});
  if (!isQuantity(device.speed) || device.speed == 0)
    return invalid(who + "speed must be positive", {id});
  if (!isQuantity(device.portBandwidth) || !isQuantity(device.portLatency))
    return invalid(who + "port bandwidth and latency must be finite and not "
                         "negative",
                   {id});
  for (const MemoryTier &tier : device.memory)
    if (tier.capacity < 0 || !isQuantity(tier.bandwidth) ||
        !isQuantity(tier.latency))
      return invalid(who + "memory '" + tier.name +
                         "': numbers must be finite and not negative",
                     {id});
  for (const auto &[type, rate] : device.peakRate)
    if (!isQuantity(rate))
      return invalid(who + "peak rate of " + type +
                         " must be finite and not negative",
                     {id});
  if (Status curve = device.expertLatency.check(); !curve)
    return invalid(who + curve.error().message, {id});
  return success();
}

Status Topology::check() const {
  if (devices.empty())
    return invalid("the machine has no device; it needs at least one");
  for (int64_t i = 0; i < size(); ++i)
    if (Status status =
            checkDevice(devices[i], i, static_cast<int64_t>(nodes.size()));
        !status)
      return status;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const Node &node = nodes[i];
    if (!isQuantity(node.intraBandwidth) || !isQuantity(node.intraLatency) ||
        !isQuantity(node.networkBandwidth) || !isQuantity(node.networkLatency))
      return invalid("node " + std::to_string(i) + " ('" + node.name +
                         "'): bandwidths and latencies must be finite and not "
                         "negative",
                     {static_cast<int64_t>(i)});
  }
  return success();
}

Topology Topology::uniform(int64_t n, double portBandwidth) {
  Topology result;
  result.name = "uniform";
  result.provenance = "assumed equal";
  result.nodes.push_back({"node0"});
  for (int64_t i = 0; i < n; ++i) {
    Device device;
    device.name = "d" + std::to_string(i);
    device.kind = "cpu";
    device.portBandwidth = portBandwidth;
    result.devices.push_back(device);
  }
  return result;
}
