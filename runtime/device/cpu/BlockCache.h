//===- BlockCache.h - A rank's memory that is used again ------------------===//
//
// Part of moec. Segregated free lists with four size classes an octave (waste
// below 25 %): after the first run of a shape no system allocation is made. A
// request that its own class cannot serve takes a block of at most twice its
// size before it asks the system. Thread-safe.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_DEVICE_CPU_BLOCKCACHE_H
#define MOEC_RT_DEVICE_CPU_BLOCKCACHE_H

#include <array>
#include <cstdint>
#include <mutex>

namespace moec::rt {

class BlockCache {
public:
  static constexpr int64_t alignment = 64;

  BlockCache() = default;
  BlockCache(const BlockCache &) = delete;
  BlockCache &operator=(const BlockCache &) = delete;
  ~BlockCache();

  /// `bytes` >= 0, uninitialised, aligned to 64 bytes. Null: out of memory.
  void *allocate(int64_t bytes) noexcept;

  /// Takes a block of this cache back; null is allowed.
  void release(void *data) noexcept;

  /// Begins a run: blocks left from the run before the last one are taken
  /// back. Those of the last run stay, they may be inputs of this one.
  void startRun() noexcept;

  /// How many blocks came from the system so far.
  int64_t systemAllocations() const noexcept;

private:
  struct Block;
  struct List {
    Block *first = nullptr;
    void push(Block *block) noexcept;
    void remove(Block *block) noexcept;
  };
  static constexpr int64_t classes = 240;

  Block *take(int64_t sizeClass) noexcept;

  mutable std::mutex mutex;
  std::array<List, classes> available;
  /// Blocks in use, by the parity of the run that allocated them.
  std::array<List, 2> used;
  int64_t run = 0;
  int64_t fromSystem = 0;
};

} // namespace moec::rt

#endif // MOEC_RT_DEVICE_CPU_BLOCKCACHE_H
