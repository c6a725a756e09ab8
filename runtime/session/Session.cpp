//===- Session.cpp - All ranks of a model in one process ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "session/Session.h"

#include "comm/local/LocalGroup.h"
#include "device/cpu/Processors.h"
#include "session/RankContext.h"
#include "support/Error.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <system_error>

namespace moec::rt {

namespace {
constexpr int64_t largestThreadCount = 4096;
constexpr double defaultTimeoutSeconds = 30;
/// About the time it takes to wake a sleeping thread.
constexpr std::chrono::microseconds spinTime(50);
} // namespace

/// What rank threads share with the session. Each thread holds a reference, so
/// that a rank which hangs can be left behind.
struct Session::Ranks {
  Ranks(const std::shared_ptr<const Artifact> &artifact, int64_t threads,
        double timeoutSeconds)
      : group(artifact->manifest().ranks,
              {timeoutSeconds, spin(artifact->manifest().ranks * threads)}),
        processors(artifact->manifest().ranks * threads),
        threads(threads) {
    int64_t count = artifact->manifest().ranks;
    for (int64_t rank = 0; rank < count; ++rank)
      contexts.push_back(std::make_unique<RankContext>(
          artifact, group.communicator(rank), threads, spin(count * threads),
          processorsOf(rank)));
    running.resize(count, false);
  }

  /// Spinning helps only if nobody else needs the processor.
  static std::chrono::microseconds spin(int64_t allThreads) {
    return allThreads <= static_cast<int64_t>(usableProcessors().size())
               ? spinTime
               : std::chrono::microseconds(0);
  }

  /// Where the threads of a rank stay; none if they are free.
  std::span<const int> processorsOf(int64_t rank) const {
    if (processors.ids().empty())
      return {};
    return processors.ids().subspan(rank * threads, threads);
  }

  int64_t firstRunning() const { // needs `mutex`
    return std::find(running.begin(), running.end(), true) - running.begin();
  }
  bool isIdle() const { return firstRunning() == int64_t(running.size()); }
  void serve(int64_t rank);

  LocalGroup group;
  const OwnProcessors processors; ///< [ranks * threads], or none
  const int64_t threads;          ///< of a rank
  std::vector<std::unique_ptr<RankContext>> contexts;

  std::mutex mutex;
  std::condition_variable changed;
  std::vector<bool> running; ///< guarded by `mutex`, as what follows
  bool stopping = false;
};

/// Main loop of a rank's thread. A session of one rank has none: its program
/// runs on the caller's thread, which is not ours to pin.
void Session::Ranks::serve(int64_t rank) {
  if (std::span<const int> own = processorsOf(rank); !own.empty())
    pinThisThread(own[0]);
  while (true) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return stopping || running[rank]; });
      if (stopping)
        return;
    }
    contexts[rank]->execute();
    {
      std::lock_guard lock(mutex);
      running[rank] = false;
    }
    changed.notify_all();
  }
}

Session::Session(std::shared_ptr<const Artifact> opened, moe_rt_options options)
    : artifact(std::move(opened)), binder(artifact->manifest().inputs) {
  int64_t count = artifact->manifest().ranks;
  if (options.threads_per_rank < 0 ||
      options.threads_per_rank > largestThreadCount)
    fail("threads per rank must be from 0 to ", largestThreadCount, ", not ",
         options.threads_per_rank);
  if (!(options.timeout_seconds >= 0 && options.timeout_seconds < 1e9))
    fail("the timeout must be 0 or more seconds, not ",
         options.timeout_seconds);
  threads = options.threads_per_rank
                ? options.threads_per_rank
                : std::max<int64_t>(
                      1, static_cast<int64_t>(usableProcessors().size()) / count);
  timeoutSeconds = options.timeout_seconds > 0 ? options.timeout_seconds
                                               : defaultTimeoutSeconds;
  ranks = std::make_shared<Ranks>(artifact, threads, timeoutSeconds);
  for (size_t i = 0; i < artifact->manifest().keptStates(); ++i) {
    const DecodeState &state = artifact->manifest().decodeState[i];
    kept.push_back({state.inputIndex, size_t(*state.keptAlong), {}});
  }
  try {
    for (int64_t rank = 0; count > 1 && rank < count; ++rank)
      rankThreads.emplace_back([shared = ranks, rank] { shared->serve(rank); });
  } catch (const std::system_error &error) {
    stop();
    fail("cannot start the threads of ", count, " ranks: ", error.what());
  }
}

Session::~Session() { stop(); }

void Session::stop() {
  std::vector<bool> running;
  {
    std::lock_guard lock(ranks->mutex);
    ranks->stopping = true;
    running = ranks->running;
  }
  ranks->changed.notify_all();
  for (size_t rank = 0; rank < rankThreads.size(); ++rank)
    if (running[rank])
      rankThreads[rank].detach();
    else
      rankThreads[rank].join();
}

/// Returns when all ranks are done, or, after a failure, when the time limit
/// has passed once more.
void Session::runOnThreads() {
  std::unique_lock lock(ranks->mutex);
  ranks->running.assign(ranks->running.size(), true);
  ranks->changed.notify_all();
  auto failed = [&] { return !ranks->group.communicator(0).failure().empty(); };
  ranks->changed.wait(lock, [&] { return ranks->isIdle() || failed(); });
  ranks->changed.wait_for(lock, std::chrono::duration<double>(timeoutSeconds),
                          [&] { return ranks->isIdle(); });
  if (!ranks->isIdle())
    fail(ranks->group.communicator(0).failure(), "; rank ",
         ranks->firstRunning(), " is still running");
}

void Session::requireIdle() const {
  std::lock_guard lock(ranks->mutex);
  if (!ranks->isIdle())
    fail("rank ", ranks->firstRunning(),
         " is still running an earlier run that failed; close the session");
}

void Session::run(std::span<const moe_rt_tensor> inputs) {
  hasOutputs = false;
  requireIdle();
  std::span<const moe_rt_tensor> ordered = binder.bind(inputs, kept);
  for (auto &context : ranks->contexts) {
    context->comm.startRun();
    context->prepare(ordered);
  }
  if (rankThreads.empty())
    ranks->contexts[0]->execute();
  else
    runOnThreads();
  std::string failure = ranks->group.communicator(0).failure();
  if (!failure.empty())
    fail(failure);
  for (auto &context : ranks->contexts)
    context->states.commit();
  collectOutputs(ordered);
}

void Session::reset() {
  requireIdle();
  hasOutputs = false; // one may be a state that nobody has asked for yet
  for (auto &context : ranks->contexts)
    context->states.clear();
  for (InputBinder::KeptInput &input : kept)
    input.shape.clear();
}

/// Rank 0 speaks for all: a program leaves the same outputs on every rank.
void Session::collectOutputs(std::span<const moe_rt_tensor> ordered) {
  RankContext &context = *ranks->contexts[0];
  const std::vector<TensorSignature> &signatures = artifact->manifest().outputs;
  outputs.assign(signatures.size(), {});
  for (size_t number = 0; number < kept.size(); ++number) {
    const DecodeState &state = artifact->manifest().decodeState[number];
    // The program returns what the state was before.
    auto sizes = context.outputs.sizes(state.outputIndex);
    kept[number].shape.assign(sizes.begin(), sizes.end());
    kept[number].shape[kept[number].axis] = context.states.length(number);
    const TensorSignature &signature = signatures[state.outputIndex];
    outputs[state.outputIndex] = {signature.name.c_str(), signature.type,
                                  static_cast<int64_t>(sizes.size()),
                                  kept[number].shape.data(), nullptr};
  }
  for (size_t i = 0; i < signatures.size(); ++i)
    if (!outputs[i].name)
      outputs[i] = readOutput(context.outputs, i, signatures[i], ordered,
                              context.blocks);
  hasOutputs = true;
}

/// The output that a state is, contiguous: the state itself, or a copy.
void Session::readState(size_t number) const {
  RankContext &context = *ranks->contexts[0];
  moe_rt_tensor &output =
      outputs[artifact->manifest().decodeState[number].outputIndex];
  output.data = context.states.contiguous(number);
  if (output.data)
    return;
  int64_t bytes = context.states.bytes(number);
  auto *copy = static_cast<std::byte *>(context.blocks.allocate(bytes));
  if (!copy)
    fail("out of memory: output '", output.name, "' has ", bytes, " bytes");
  context.states.copyTo(number, copy, context.pool);
  output.data = copy;
}

moe_rt_tensor Session::output(int64_t index) const {
  if (!hasOutputs)
    fail("there are no outputs: the last run failed or was reset, or there was "
         "none");
  if (index < 0 || index >= static_cast<int64_t>(outputs.size()))
    fail("there is no output ", index, ", the model has ", outputs.size());
  for (size_t number = 0; number < kept.size() && !outputs[index].data;
       ++number)
    if (artifact->manifest().decodeState[number].outputIndex == size_t(index))
      readState(number);
  return outputs[index];
}

void Session::setProfiling(bool on) {
  requireIdle();
  for (auto &context : ranks->contexts)
    context->profile.enable(on);
}

std::span<const moe_rt_profile_step> Session::profile(int64_t rank) const {
  requireIdle();
  if (rank < 0 || rank >= static_cast<int64_t>(ranks->contexts.size()))
    fail("there is no rank ", rank, ", the model has ", ranks->contexts.size());
  return ranks->contexts[rank]->profile.steps();
}

} // namespace moec::rt
