//===- Communicator.h - What a rank asks of its communicator --------------===//
//
// Part of moec. One object a rank. Every backend implements this interface and
// passes test/runtime/CommunicatorTest.cpp. Functions return false when the run
// cannot go on; `failure()` then says why, naming the rank and the step. After
// a failure every call fails until the next run begins.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_COMM_COMMUNICATOR_H
#define MOEC_RT_COMM_COMMUNICATOR_H

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace moec::rt {

/// Rows for rank 0, 1, ... lie one after another in `send`, those from rank 0,
/// 1, ... come to lie so in `receive`; the own part is copied. All pointers are
/// borrowed until the call returns.
struct AllToAll {
  int64_t step = 0; ///< the plan's id, for messages
  const void *send = nullptr;
  const int64_t *sendRows = nullptr; ///< [ranks]
  void *receive = nullptr;
  const int64_t *receiveRows = nullptr; ///< [ranks]
  int64_t rowBytes = 0;
  /// [rounds]: peers of each round, -1: none. Without rounds the backend
  /// rotates: in round r rank i sends to i + r and receives from i - r.
  const int32_t *sendTo = nullptr;
  const int32_t *receiveFrom = nullptr;
  int64_t rounds = 0;
};

/// Every rank receives the rows of rank 0, 1, ... one after another.
struct AllGather {
  int64_t step = 0;
  const void *send = nullptr; ///< rows[own rank] rows
  void *receive = nullptr;
  const int64_t *rows = nullptr; ///< [ranks], the same on all ranks
  int64_t rowBytes = 0;
};

class Communicator {
public:
  virtual ~Communicator() = default;

  virtual int64_t rank() const noexcept = 0;
  virtual int64_t ranks() const noexcept = 0;

  /// Collective. Fails within the time limit if a peer does not arrive.
  virtual bool allToAll(const AllToAll &exchange) noexcept = 0;
  virtual bool allGather(const AllGather &exchange) noexcept = 0;

  /// Called before a run, while no rank of this process is inside one.
  virtual void startRun() noexcept = 0;
  /// This rank has reached the end of its program: peers that still wait for
  /// it fail at once.
  virtual void finishRun() noexcept = 0;
  /// This rank cannot go on; releases the peers. The first reason stays.
  virtual void abort(std::string reason) noexcept = 0;

  /// Why the run failed, as far as this rank knows; empty if it did not.
  virtual std::string failure() const = 0;
};

/// What is wrong with the counts and rounds of `exchange` as rank `rank` of
/// `ranks` passes it: negative numbers, unknown peers, a peer met twice, or
/// rows for a peer that no round carries.
std::optional<std::string> findFault(const AllToAll &exchange, int64_t rank,
                                     int64_t ranks);
std::optional<std::string> findFault(const AllGather &exchange, int64_t ranks);

} // namespace moec::rt

#endif // MOEC_RT_COMM_COMMUNICATOR_H
