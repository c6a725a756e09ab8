//===- Session.h - All ranks of a model in one process --------------------===//
//
// Part of moec. A single rank runs on the caller's thread. Several ranks run on
// a persistent thread each, so that the caller gets its answer within the time
// limit even where a rank hangs.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SESSION_SESSION_H
#define MOEC_RT_SESSION_SESSION_H

#include "artifact/Artifact.h"
#include "include/moe_rt.h"
#include "session/Binding.h"

#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace moec::rt {

class Session {
public:
  /// Throws Error for options out of range and where threads cannot be started.
  Session(std::shared_ptr<const Artifact> artifact, moe_rt_options options);
  Session(const Session &) = delete;
  Session &operator=(const Session &) = delete;
  /// Ranks that hang are left behind, with everything they can reach.
  ~Session();

  int64_t threadsPerRank() const { return threads; }

  /// Throws Error; see moe_rt_session_run.
  void run(std::span<const moe_rt_tensor> inputs);
  /// Throws Error; see moe_rt_session_output.
  moe_rt_tensor output(int64_t index) const;
  /// Forgets the kept states. Throws Error while a rank hangs.
  void reset();
  /// Throws Error while a rank hangs.
  void setProfiling(bool on);
  /// Throws Error; see moe_rt_session_profile.
  std::span<const moe_rt_profile_step> profile(int64_t rank) const;

private:
  struct Ranks;

  void requireIdle() const;
  void stop();
  void runOnThreads();
  void collectOutputs(std::span<const moe_rt_tensor> ordered);
  void readState(size_t number) const;

  std::shared_ptr<const Artifact> artifact;
  InputBinder binder;
  int64_t threads = 1;
  double timeoutSeconds = 30;
  std::shared_ptr<Ranks> ranks;
  std::vector<std::thread> rankThreads;
  std::vector<InputBinder::KeptInput> kept; ///< by number of the state
  /// One without data is a state that nobody has asked for yet.
  mutable std::vector<moe_rt_tensor> outputs;
  bool hasOutputs = false;
};

} // namespace moec::rt

#endif // MOEC_RT_SESSION_SESSION_H
