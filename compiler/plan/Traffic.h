//===- Traffic.h - Bytes that every rank sends to every other -------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_TRAFFIC_H
#define MOEC_PLAN_TRAFFIC_H

#include "plan/Result.h"

#include <cstdint>
#include <vector>

namespace moec::plan {

/// A square matrix of non-negative integers: bytes from row to column. The
/// diagonal is local and never crosses a port.
class TrafficMatrix {
public:
  TrafficMatrix() = default;
  explicit TrafficMatrix(int64_t n) : n(n), bytes(n * n, 0) {}

  int64_t size() const { return n; }
  int64_t &operator()(int64_t from, int64_t to) { return bytes[from * n + to]; }
  int64_t operator()(int64_t from, int64_t to) const {
    return bytes[from * n + to];
  }
  /// Sums without the diagonal.
  int64_t sent(int64_t from) const;
  int64_t received(int64_t to) const;
  int64_t total() const;
  TrafficMatrix transposed() const;
  /// Non-negative entries whose row and column sums fit 62 bits.
  Status check() const;
  bool operator==(const TrafficMatrix &) const = default;

private:
  int64_t n = 0;
  std::vector<int64_t> bytes;
};

} // namespace moec::plan

#endif // MOEC_PLAN_TRAFFIC_H
