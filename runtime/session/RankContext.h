//===- RankContext.h - What one rank has during runs ----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SESSION_RANKCONTEXT_H
#define MOEC_RT_SESSION_RANKCONTEXT_H

#include "artifact/Artifact.h"
#include "comm/Communicator.h"
#include "device/cpu/BlockCache.h"
#include "device/cpu/ThreadPool.h"
#include "session/Binding.h"
#include "session/Profile.h"
#include "session/StateStore.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

namespace moec::rt {

class RankContext {
public:
  /// `communicator` is borrowed. `processors`: one for each thread of the
  /// rank to stay on, or none; borrowed, too.
  RankContext(std::shared_ptr<const Artifact> artifact,
              Communicator &communicator, int64_t threads,
              std::chrono::microseconds spin,
              std::span<const int> processors);

  /// Before a run, while this rank is idle. `ordered`: in the manifest's order.
  void prepare(std::span<const moe_rt_tensor> ordered);
  /// The whole program on the calling thread. Failure goes to the communicator.
  void execute() noexcept;

  /// Keeps the reason why this rank's program cannot go on; the first one
  /// stays.
  void noteFailure(std::string message) noexcept;

  Communicator &comm;
  BlockCache blocks;
  ThreadPool pool;
  const std::vector<const void *> &weights;
  StateStore states; ///< the kept ones of the manifest, in its order
  Descriptors inputs;
  Descriptors outputs;
  Profile profile;
  /// What the layer that runs adds to the plan steps of its code.
  int64_t stepOffset = 0;

private:
  bool enterProgram() noexcept;

  std::shared_ptr<const Artifact> artifact;
  std::mutex mutex;
  std::string failure; ///< guarded by `mutex`
};

/// The rank whose program the calling thread executes; null outside.
extern constinit thread_local RankContext *currentRank;

} // namespace moec::rt

#endif // MOEC_RT_SESSION_RANKCONTEXT_H
