//===- Callbacks.cpp - The functions that programs call -------------------===//
//
// Part of moec. Functions that can fail follow the rule of support/Escape.h:
// strings are built in functions that have returned before leaveProgram().
//
//===----------------------------------------------------------------------===//

#include "include/moe_rt_program.h"

#include "session/RankContext.h"
#include "support/Error.h"
#include "support/Escape.h"

#include <cstdio>
#include <cstdlib>

using namespace moec::rt;

namespace {

/// A program that was called by somebody else than the runtime cannot be
/// helped.
RankContext &rankOf(const char *function) {
  if (!currentRank) {
    std::fprintf(stderr, "%s was called outside of a run\n", function);
    std::abort();
  }
  return *currentRank;
}

void noteOutOfMemory(RankContext &rank, int64_t bytes) {
  rank.noteFailure(concat("out of memory: cannot allocate ", bytes, " bytes"));
}

void noteNoWeight(RankContext &rank, int64_t index) {
  rank.noteFailure(concat("the program asks for weight ", index,
                          " but the manifest has ", rank.weights.size()));
}

void noteNoState(RankContext &rank, int64_t index) {
  rank.noteFailure(concat("the program appends to state ", index,
                          " but the manifest has ", rank.states.size()));
}

void noteNoRoom(RankContext &rank, int64_t index, int64_t rows) {
  rank.noteFailure(
      concat("state ", index, " cannot grow to ", rows,
             " rows: out of memory, or another batch than before"));
}

void checkState(RankContext &rank, int64_t index) {
  if (index >= 0 && index < static_cast<int64_t>(rank.states.size()))
    return;
  noteNoState(rank, index);
  leaveProgram();
}

} // namespace

extern "C" {

void *moe_rt_alloc(int64_t bytes) {
  RankContext &rank = rankOf(__func__);
  void *block = rank.blocks.allocate(bytes);
  if (!block) {
    noteOutOfMemory(rank, bytes);
    leaveProgram();
  }
  return block;
}

void moe_rt_free(void *block) { rankOf(__func__).blocks.release(block); }

const void *moe_rt_weight(int64_t index) {
  RankContext &rank = rankOf(__func__);
  if (index < 0 || index >= static_cast<int64_t>(rank.weights.size())) {
    noteNoWeight(rank, index);
    leaveProgram();
  }
  return rank.weights[index];
}

int64_t moe_rt_append(int64_t state, const void *past, const void *fresh,
                      int64_t outer, int64_t length, int64_t more,
                      int64_t row_bytes, int64_t total,
                      const int64_t *positions, int64_t sequences) {
  RankContext &rank = rankOf(__func__);
  checkState(rank, state);
  Appended rows{past, fresh, outer, length, more, row_bytes, total, {}};
  rows.positions = {positions, static_cast<size_t>(sequences)};
  if (!rank.states.append(state, rows, rank.pool)) {
    noteNoRoom(rank, state, total);
    leaveProgram();
  }
  return rank.states.capacity(state);
}

void *moe_rt_state(int64_t state) {
  RankContext &rank = rankOf(__func__);
  checkState(rank, state);
  return rank.states.data(state);
}

int64_t moe_rt_rank(void) { return rankOf(__func__).comm.rank(); }
int64_t moe_rt_ranks(void) { return rankOf(__func__).comm.ranks(); }
int64_t moe_rt_threads(void) { return rankOf(__func__).pool.threads(); }

void moe_rt_parallel_for(int64_t tasks,
                         void (*body)(void *closure, int64_t task),
                         void *closure) {
  if (!rankOf(__func__).pool.run(tasks, body, closure))
    leaveProgram();
}

void moe_rt_fail(const char *message) {
  rankOf(__func__).noteFailure(message ? message : "no reason given");
  leaveProgram();
}

void moe_rt_all_to_all(int64_t step, const void *send, const int64_t *send_rows,
                       void *recv, const int64_t *recv_rows, int64_t row_bytes,
                       const int32_t *send_to, const int32_t *recv_from,
                       int64_t rounds) {
  RankContext &rank = rankOf(__func__);
  if (!rank.comm.allToAll({step + rank.stepOffset, send, send_rows, recv,
                           recv_rows, row_bytes, send_to, recv_from, rounds}))
    leaveProgram();
}

void moe_rt_all_gather(int64_t step, const void *send, void *recv,
                       const int64_t *rows, int64_t row_bytes) {
  RankContext &rank = rankOf(__func__);
  if (!rank.comm.allGather(
          {step + rank.stepOffset, send, recv, rows, row_bytes}))
    leaveProgram();
}

void moe_rt_begin_layer(int64_t step_offset) {
  RankContext &rank = rankOf(__func__);
  rank.stepOffset = step_offset;
  rank.profile.beginLayer();
}

void moe_rt_end_layer(void) {
  RankContext &rank = rankOf(__func__);
  rank.stepOffset = 0;
  rank.profile.endLayer();
}

int64_t moe_rt_profiling(void) { return rankOf(__func__).profile.isEnabled(); }

void moe_rt_mark(const char *phase, const char *what, const char *source,
                 int64_t flops, int64_t bytes) {
  Profile &profile = rankOf(__func__).profile;
  if (profile.isEnabled())
    profile.mark(phase, what, source, flops, bytes);
}

} // extern "C"
