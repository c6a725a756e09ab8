//===- StateStore.h - Caches that a session keeps between runs ------------===//
//
// Part of moec. A state is a tensor that grows along one axis, seen as
// [outer, length, rows of bytes]. It lies in memory with room for more rows, so
// a run that continues it copies only what is new, unless it takes the place of
// rows that an earlier run has written. What a run appends counts from `commit`
// on: a run that fails leaves the states as they were, but for rows behind the
// end of a sequence, which mean nothing.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SESSION_STATESTORE_H
#define MOEC_RT_SESSION_STATESTORE_H

#include "device/cpu/ThreadPool.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace moec::rt {

/// New rows of a state.
struct Appended {
  const void *past;  ///< StateStore::kept(), or [outer, length, row]
  const void *fresh; ///< [outer, more, row]
  int64_t outer, length, more, rowBytes;
  /// Rows of the state afterwards, at least `length`.
  int64_t total;
  /// Where the new rows begin, one for each of the equal parts of `outer`, at
  /// most at `length`; empty: at `length`. Rows that are neither in `past` nor
  /// new are 0.
  std::span<const int64_t> positions;
};

class StateStore {
public:
  explicit StateStore(size_t count) : states(count) {}

  /// What stands for the data of a state that continues.
  static const void *kept();

  /// False: out of memory, or a kept state of another size. Whole states are
  /// copied on the pool's threads.
  bool append(size_t index, const Appended &rows, ThreadPool &pool);
  /// The state as the run has appended to it so far.
  void *data(size_t index) const;
  /// Rows that there is room for, for each of `outer`.
  int64_t capacity(size_t index) const;
  int64_t length(size_t index) const;
  /// The state, if it lies without room between its outer parts, as one does
  /// whose past was given; else null.
  const void *contiguous(size_t index) const;
  /// The state without the room between its outer parts.
  int64_t bytes(size_t index) const;
  void copyTo(size_t index, std::byte *memory, ThreadPool &pool) const;

  size_t size() const { return states.size(); }
  void startRun(); ///< forgets what a failed run has appended
  void commit();
  void clear();

private:
  struct Free {
    void operator()(std::byte *memory) const;
  };
  struct Block {
    std::unique_ptr<std::byte, Free> memory;
    int64_t size = 0; ///< bytes of the memory
    int64_t outer = 0, capacity = 0, rowBytes = 0;
    /// Lays out `rows`, for each of `outer`, or as many more as there is memory
    /// for; what was in the block is lost.
    bool make(int64_t outer, int64_t rows, int64_t rowBytes, bool hasRoom);
    /// `room`: rows between the parts of `past`.
    void copyPast(const void *past, int64_t room, int64_t length,
                  ThreadPool &pool);
    void place(const Appended &rows); ///< writes what is not in the past
  };
  struct State {
    Block blocks[2]; ///< the current one, and one for a state that starts anew
    int current = 0, pending = 0;
    int64_t length = 0, pendingLength = 0;
    /// Behind the last rows that were placed, by position.
    std::vector<int64_t> ends, pendingEnds;
  };

  std::vector<State> states;
};

} // namespace moec::rt

#endif // MOEC_RT_SESSION_STATESTORE_H
