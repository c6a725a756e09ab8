//===- RankContext.cpp - What one rank has during runs --------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "session/RankContext.h"

#include "device/cpu/Processors.h"
#include "support/Error.h"
#include "support/Escape.h"

namespace moec::rt {

constinit thread_local RankContext *currentRank = nullptr;

RankContext::RankContext(std::shared_ptr<const Artifact> artifact,
                         Communicator &communicator, int64_t threads,
                         std::chrono::microseconds spin,
                         std::span<const int> processors)
    : comm(communicator), pool(threads, spin,
                               [this, processors](int64_t thread) {
                                 currentRank = this;
                                 if (!processors.empty())
                                   pinThisThread(processors[thread]);
                               }),
      weights(artifact->weights(communicator.rank())),
      states(artifact->manifest().keptStates()),
      inputs(artifact->manifest().inputs),
      outputs(artifact->manifest().outputs), artifact(std::move(artifact)) {}

void RankContext::prepare(std::span<const moe_rt_tensor> ordered) {
  failure.clear();
  stepOffset = 0;
  blocks.startRun();
  states.startRun();
  inputs.set(ordered);
  outputs.clear();
}

/// Kept apart so that no object with a destructor is alive in this frame.
bool RankContext::enterProgram() noexcept {
  jmp_buf here;
  if (setjmp(here) != 0)
    return false;
  escape = &here;
  artifact->entry()(inputs.pointers(), outputs.pointers());
  return true;
}

void RankContext::execute() noexcept {
  currentRank = this;
  profile.startRun();
  bool finished = enterProgram();
  escape = nullptr;
  currentRank = nullptr;
  if (finished) {
    profile.finishRun();
    comm.finishRun();
    return;
  }
  profile.discard(); // half a run is none
  // Where the communicator itself failed, its own reason came first and stays.
  comm.abort(concat("rank ", comm.rank(), " failed: ", failure));
}

void RankContext::noteFailure(std::string message) noexcept {
  std::lock_guard lock(mutex);
  if (failure.empty())
    failure = std::move(message);
}

} // namespace moec::rt
