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
void copyPieces(const std::byte *from, int64_t fromStep, std::byte *to,
                int64_t toStep, int64_t bytes, int64_t count) {
  for (int64_t i = 0; bytes > 0 && i < count; ++i)
    std::memcpy(to + i * toStep, from + i * fromStep, bytes);
}

} // namespace

const void *StateStore::kept() {
  alignas(64) static const std::byte mark{};
  return &mark;
}

void StateStore::Free::operator()(std::byte *memory) const {
  std::free(memory);
}

bool StateStore::Block::holds(int64_t otherOuter, int64_t rows,
                              int64_t otherRowBytes) const {
  return memory && outer == otherOuter && rowBytes == otherRowBytes &&
         rows <= capacity;
}

bool StateStore::Block::make(int64_t newOuter, int64_t rows,
                             int64_t newRowBytes) {
  if (holds(newOuter, rows, newRowBytes))
    return true;
  int64_t room = std::max(rows + rows / 2, leastRows), bytes;
  if (__builtin_mul_overflow(room, newRowBytes, &bytes) ||
      __builtin_mul_overflow(bytes, newOuter, &bytes) ||
      __builtin_add_overflow(bytes, 63, &bytes))
    return false;
  auto *block = static_cast<std::byte *>(
      std::aligned_alloc(64, std::max<int64_t>(bytes & ~int64_t(63), 64)));
  if (!block)
    return false;
  memory.reset(block);
  outer = newOuter;
  capacity = room;
  rowBytes = newRowBytes;
  return true;
}

void StateStore::Block::place(const Appended &rows) {
  auto parts = static_cast<int64_t>(std::max<size_t>(rows.positions.size(), 1));
  int64_t step = capacity * rowBytes, added = rows.more * rowBytes;
  int64_t each = outer / parts;
  for (int64_t part = 0; part < parts; ++part) {
    int64_t at = rows.positions.empty() ? rows.length : rows.positions[part];
    std::byte *begin = memory.get() + part * each * step;
    copyPieces(static_cast<const std::byte *>(rows.fresh) + part * each * added,
               added, begin + at * rowBytes, step, added, each);
    int64_t defined = std::max(at + rows.more, rows.length);
    for (int64_t i = 0; defined < rows.total && i < each; ++i)
      std::memset(begin + i * step + defined * rowBytes, 0,
                  (rows.total - defined) * rowBytes);
  }
}

bool StateStore::append(size_t index, const Appended &rows) {
  State &state = states[index];
  const Block &now = state.blocks[state.current];
  int64_t length = rows.length, rowBytes = rows.rowBytes;
  bool continues = rows.past == kept() && length > 0;
  bool fits = now.holds(rows.outer, length, rowBytes) && length == state.length;
  if (continues && !fits)
    return false;
  bool spares = std::equal(rows.positions.begin(), rows.positions.end(),
                           state.ends.begin(), state.ends.end(),
                           [](int64_t at, int64_t end) { return at >= end; });
  state.pending = continues && spares && rows.total <= now.capacity
                      ? state.current
                      : 1 - state.current;
  Block &then = state.blocks[state.pending];
  if (!then.make(rows.outer, rows.total, rowBytes))
    return false;
  if (&then != &now)
    copyPieces(continues ? now.memory.get()
                         : static_cast<const std::byte *>(rows.past),
               (continues ? now.capacity : length) * rowBytes,
               then.memory.get(), then.capacity * rowBytes, length * rowBytes,
               rows.outer);
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

void StateStore::copyTo(size_t index, std::byte *memory) const {
  const State &state = states[index];
  const Block &block = state.blocks[state.current];
  int64_t part = state.length * block.rowBytes;
  copyPieces(block.memory.get(), block.capacity * block.rowBytes, memory, part,
             part, block.outer);
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
  for (State &state : states)
    state.length = state.pendingLength = 0;
}

} // namespace moec::rt
