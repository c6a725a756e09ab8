//===- Profile.h - The steps of a run and their times ---------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SESSION_PROFILE_H
#define MOEC_RT_SESSION_PROFILE_H

#include "include/moe_rt.h"

#include <chrono>
#include <vector>

namespace moec::rt {

/// Of one rank, written by the thread that runs its program. A step lasts until
/// the next one begins, so the steps add up to the run.
class Profile {
public:
  void enable(bool on);
  bool isEnabled() const { return enabled; }

  void startRun();
  void finishRun();
  /// After a run that failed.
  void discard() { all.clear(); }
  /// A step of the program begins; the texts are the program's.
  void mark(const char *phase, const char *what, const char *source,
            int64_t flops, int64_t bytes);
  void beginLayer() { layer = layers++; }
  void endLayer() { layer = -1; }

  /// Of the last run; empty if it kept none or failed.
  const std::vector<moe_rt_profile_step> &steps() const { return all; }

private:
  double secondsSinceStart() const;

  bool enabled = false;
  std::chrono::steady_clock::time_point start;
  int64_t layers = 0; ///< begun so far
  int64_t layer = -1;
  std::vector<moe_rt_profile_step> all;
};

} // namespace moec::rt

#endif // MOEC_RT_SESSION_PROFILE_H
