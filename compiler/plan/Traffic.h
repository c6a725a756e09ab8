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
  /// Entries from 0 to `largestEntry(size())`.
  Status check() const;
  /// Row and column sums of entries up to this one fit 62 bits.
  static int64_t largestEntry(int64_t n) {
    return (int64_t{1} << 62) / (n > 0 ? n : 1);
  }
  bool operator==(const TrafficMatrix &) const = default;

private:
  int64_t n = 0;
  std::vector<int64_t> bytes;
};

} // namespace moec::plan

#endif // MOEC_PLAN_TRAFFIC_H
