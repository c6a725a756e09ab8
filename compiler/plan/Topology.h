//===- Topology.h - Devices, memories and links of a machine --------------===//
//
// Part of moec. The planners' picture of a machine. `compiler/target` reads it
// from a hardware file; nothing here knows files. All quantities are SI: bytes,
// seconds, bytes per second, operations per second.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_TOPOLOGY_H
#define MOEC_PLAN_TOPOLOGY_H

#include "plan/Result.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace moec::plan {

/// Time of one layer's expert FFN on a device as a function of the rows it
/// processes: measured points, linear in between, extrapolated by the last
/// slope, and constant below the first point. An empty curve means "not
/// measured". Points are strictly increasing in rows and non-decreasing in
/// seconds.
struct LatencyCurve {
  struct Point {
    int64_t rows = 0;
    double seconds = 0;
    bool operator==(const Point &) const = default;
  };
  std::vector<Point> points;

  bool empty() const { return points.empty(); }
  double operator()(int64_t rows) const;
  Status check() const;
  /// The curve of a device that runs at `speed` times this one's speed.
  LatencyCurve scaled(double speed) const;
  bool operator==(const LatencyCurve &) const = default;
};

/// One level of a device's memory hierarchy, fastest first: "hbm", "dram",
/// "disk", ...
struct MemoryTier {
  std::string name;
  int64_t capacity = 0;    ///< bytes
  double bandwidth = 0;    ///< bytes/s to the next faster level (or compute)
  double latency = 0;      ///< seconds per transfer
  bool operator==(const MemoryTier &) const = default;
};

/// A device runs one rank.
struct Device {
  std::string name;
  std::string kind; ///< "cpu" or "cuda"
  int64_t node = 0; ///< dense id of the host it sits in
  std::vector<MemoryTier> memory;
  std::map<std::string, double> peakRate; ///< by element type: "f32" -> FLOP/s
  LatencyCurve expertLatency;
  /// Relative speed when `expertLatency` is not measured; 1 = reference.
  double speed = 1;
  double portBandwidth = 0; ///< full-duplex bytes/s of its own port
  double portLatency = 0;   ///< seconds per message (alpha)
  bool operator==(const Device &) const = default;
};

/// One host: devices inside a node exchange data over `intraBandwidth`, and
/// leave it over the node's network ports.
struct Node {
  std::string name;
  double intraBandwidth = 0; ///< bytes/s per device inside the node; 0 = port
  double intraLatency = 0;
  double networkBandwidth = 0; ///< bytes/s of all NICs of the node; 0 = no limit
  double networkLatency = 0;
  bool operator==(const Node &) const = default;
};

struct Topology {
  std::string name;
  std::vector<Node> nodes;
  std::vector<Device> devices;
  std::string provenance; ///< how the numbers were obtained

  int64_t size() const { return static_cast<int64_t>(devices.size()); }
  /// At least one device, node ids in range, finite non-negative numbers,
  /// monotone curves.
  Status check() const;
  /// `n` equal devices on one node; what `--devices N` means.
  static Topology uniform(int64_t n, double portBandwidth = 1);
  bool operator==(const Topology &) const = default;
};

} // namespace moec::plan

#endif // MOEC_PLAN_TOPOLOGY_H
