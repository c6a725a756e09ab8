//===- BlockCache.cpp - A rank's memory that is used again ----------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "device/cpu/BlockCache.h"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace moec::rt {

/// Lies in front of the data.
struct alignas(BlockCache::alignment) BlockCache::Block {
  Block *previous = nullptr;
  Block *next = nullptr;
  int64_t sizeClass = 0;
  List *list = nullptr; ///< the list it is in

  void *data() { return this + 1; }
  static Block *of(void *data) { return static_cast<Block *>(data) - 1; }
};

namespace {
/// Class of the smallest block that holds `units` of 64 bytes. Below 4 units a
/// class each, then 4 classes an octave: unit counts 4 5 6 7 8 10 12 14 16 ...
int64_t classOf(uint64_t units) {
  if (units < 4)
    return static_cast<int64_t>(units);
  int octave = std::bit_width(units) - 1;
  uint64_t quarter = units >> (octave - 2);
  bool rest = (quarter << (octave - 2)) != units;
  return 4 * (octave - 1) + static_cast<int64_t>(quarter) - 4 + rest;
}

uint64_t unitsOf(int64_t sizeClass) {
  if (sizeClass < 4)
    return static_cast<uint64_t>(sizeClass);
  return static_cast<uint64_t>(sizeClass % 4 + 4) << (sizeClass / 4 - 1);
}

/// One octave: a block of at most about twice the size asked for.
constexpr int64_t classesToTry = 5;
/// The address space of a process on x86-64.
constexpr int64_t largest = int64_t(1) << 47;
} // namespace

void BlockCache::List::push(Block *block) noexcept {
  block->previous = nullptr;
  block->next = first;
  block->list = this;
  if (first)
    first->previous = block;
  first = block;
}

void BlockCache::List::remove(Block *block) noexcept {
  (block->previous ? block->previous->next : first) = block->next;
  if (block->next)
    block->next->previous = block->previous;
}

BlockCache::~BlockCache() {
  auto freeAll = [](List &list) {
    while (Block *block = list.first) {
      list.remove(block);
      std::free(block);
    }
  };
  std::for_each(available.begin(), available.end(), freeAll);
  std::for_each(used.begin(), used.end(), freeAll);
}

BlockCache::Block *BlockCache::take(int64_t sizeClass) noexcept {
  int64_t end = std::min(sizeClass + classesToTry, classes);
  for (int64_t c = sizeClass; c < end; ++c)
    if (Block *block = available[c].first) {
      available[c].remove(block);
      return block;
    }
  void *memory = std::aligned_alloc(
      alignment, sizeof(Block) + unitsOf(sizeClass) * alignment);
  if (!memory)
    return nullptr;
  ++fromSystem;
  auto *block = new (memory) Block;
  block->sizeClass = sizeClass;
  return block;
}

void *BlockCache::allocate(int64_t bytes) noexcept {
  if (bytes < 0 || bytes > largest)
    return nullptr;
  uint64_t units = (static_cast<uint64_t>(bytes) + alignment - 1) / alignment;
  std::lock_guard lock(mutex);
  Block *block = take(classOf(std::max<uint64_t>(units, 1)));
  if (!block)
    return nullptr;
  used[run & 1].push(block);
  return block->data();
}

void BlockCache::release(void *data) noexcept {
  if (!data)
    return;
  std::lock_guard lock(mutex);
  Block *block = Block::of(data);
  block->list->remove(block);
  available[block->sizeClass].push(block);
}

void BlockCache::startRun() noexcept {
  std::lock_guard lock(mutex);
  ++run;
  List &old = used[run & 1];
  while (Block *block = old.first) {
    old.remove(block);
    available[block->sizeClass].push(block);
  }
}

int64_t BlockCache::systemAllocations() const noexcept {
  std::lock_guard lock(mutex);
  return fromSystem;
}

} // namespace moec::rt
