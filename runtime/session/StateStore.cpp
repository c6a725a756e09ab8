//===- StateStore.cpp - Caches that a session keeps between runs ----------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "session/StateStore.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace moec::rt {

namespace {

constexpr int64_t leastRows = 16;

/// `count` pieces of `bytes`, which lie `fromStep` and `toStep` apart.
struct Pieces {
  const std::byte *from;
  int64_t fromStep;
  std::byte *to;
  int64_t toStep;
  int64_t bytes, count;

  void copy(int64_t i) const {
    std::memcpy(to + i * toStep, from + i * fromStep, bytes);
  }
  void copy() const {
    for (int64_t i = 0; bytes > 0 && i < count; ++i)
      copy(i);
  }
  void copy(ThreadPool &pool) {
    pool.run(
        bytes > 0 ? count : 0,
        [](void *pieces, int64_t i) { static_cast<Pieces *>(pieces)->copy(i); },
        this);
  }
};

} // namespace

const void *StateStore::kept() {
  alignas(64) static const std::byte mark{};
  return &mark;
}

void StateStore::Free::operator()(std::byte *memory) const {
  std::free(memory);
}

bool StateStore::Block::make(int64_t newOuter, int64_t rows,
                             int64_t newRowBytes, bool hasRoom) {
  int64_t room = std::max(rows + rows / 2, leastRows), each, bytes;
  if (__builtin_mul_overflow(newRowBytes, newOuter, &each) ||
      __builtin_mul_overflow(room, each, &bytes) ||
      __builtin_add_overflow(bytes, 63, &bytes))
    return false;
  if (rows * each > size || !memory) {
    bytes = std::max<int64_t>(bytes & ~int64_t(63), 64);
    memory.reset(static_cast<std::byte *>(std::aligned_alloc(64, bytes)));
    size = memory ? bytes : 0;
    if (!memory)
      return false;
  }
  outer = newOuter;
  rowBytes = newRowBytes;
  capacity = hasRoom && each > 0 ? size / each : rows;
  return true;
}

void StateStore::Block::copyPast(const void *past, int64_t room, int64_t length,
                                 ThreadPool &pool) {
  Pieces{.from = static_cast<const std::byte *>(past),
         .fromStep = room * rowBytes,
         .to = memory.get(),
         .toStep = capacity * rowBytes,
         .bytes = length * rowBytes,
         .count = outer}
      .copy(pool);
}

void StateStore::Block::place(const Appended &rows) {
  auto parts = static_cast<int64_t>(std::max<size_t>(rows.positions.size(), 1));
  int64_t step = capacity * rowBytes, added = rows.more * rowBytes;
  int64_t each = outer / parts;
  auto *fresh = static_cast<const std::byte *>(rows.fresh);
  for (int64_t part = 0; part < parts; ++part) {
    int64_t at = rows.positions.empty() ? rows.length : rows.positions[part];
    std::byte *begin = memory.get() + part * each * step;
    Pieces{.from = fresh + part * each * added,
           .fromStep = added,
           .to = begin + at * rowBytes,
           .toStep = step,
           .bytes = added,
           .count = each}
        .copy();
    int64_t defined = std::max(at + rows.more, rows.length);
    for (int64_t i = 0; defined < rows.total && i < each; ++i)
      std::memset(begin + i * step + defined * rowBytes, 0,
                  (rows.total - defined) * rowBytes);
  }
}

bool StateStore::append(size_t index, const Appended &rows, ThreadPool &pool) {
  State &state = states[index];
  const Block &now = state.blocks[state.current];
  int64_t length = rows.length, rowBytes = rows.rowBytes;
  bool isKept = rows.past == kept(), continues = isKept && length > 0;
  bool fits = now.memory && now.outer == rows.outer &&
              now.rowBytes == rowBytes && state.length == length;
  if (continues && !fits)
    return false;
  bool spares = std::equal(rows.positions.begin(), rows.positions.end(),
                           state.ends.begin(), state.ends.end(),
                           [](int64_t at, int64_t end) { return at >= end; });
  bool staysInPlace = continues && spares && rows.total <= now.capacity;
  state.pending = staysInPlace ? state.current : 1 - state.current;
  Block &then = state.blocks[state.pending];
  if (!staysInPlace) {
    if (!then.make(rows.outer, rows.total, rowBytes, isKept))
      return false;
    then.copyPast(continues ? now.memory.get() : rows.past,
                  continues ? now.capacity : length, length, pool);
  }
  then.place(rows);
  state.pendingLength = rows.total;
  state.pendingEnds.assign(rows.positions.begin(), rows.positions.end());
  for (int64_t &end : state.pendingEnds)
    end += rows.more;
  return true;
}

void *StateStore::data(size_t index) const {
  const State &state = states[index];
  return state.blocks[state.pending].memory.get();
}

int64_t StateStore::capacity(size_t index) const {
  const State &state = states[index];
  return state.blocks[state.pending].capacity;
}

int64_t StateStore::length(size_t index) const { return states[index].length; }

int64_t StateStore::bytes(size_t index) const {
  const State &state = states[index];
  const Block &block = state.blocks[state.current];
  return block.outer * state.length * block.rowBytes;
}

const void *StateStore::contiguous(size_t index) const {
  const State &state = states[index];
  const Block &block = state.blocks[state.current];
  return block.outer == 1 || block.capacity == state.length ? block.memory.get()
                                                            : nullptr;
}

void StateStore::copyTo(size_t index, std::byte *memory,
                        ThreadPool &pool) const {
  const State &state = states[index];
  const Block &block = state.blocks[state.current];
  int64_t part = state.length * block.rowBytes;
  Pieces{.from = block.memory.get(),
         .fromStep = block.capacity * block.rowBytes,
         .to = memory,
         .toStep = part,
         .bytes = part,
         .count = block.outer}
      .copy(pool);
}

void StateStore::startRun() {
  for (State &state : states) {
    state.pending = state.current;
    state.pendingLength = state.length;
    state.pendingEnds = state.ends;
  }
}

void StateStore::commit() {
  for (State &state : states) {
    state.current = state.pending;
    state.length = state.pendingLength;
    state.ends = state.pendingEnds;
  }
}

void StateStore::clear() {
  for (State &state : states) {
    state.length = state.pendingLength = 0;
    state.ends.clear();
    state.pendingEnds.clear();
  }
}

} // namespace moec::rt
