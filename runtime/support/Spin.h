//===- Spin.h - Busy waiting for a bounded time ---------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SUPPORT_SPIN_H
#define MOEC_RT_SUPPORT_SPIN_H

#include <chrono>

namespace moec::rt {

inline void relaxProcessor() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Polls `done` until it holds or `limit` has passed; returns what it said
/// last.
template <typename Done>
bool spinUntil(Done done, std::chrono::microseconds limit) {
  using Clock = std::chrono::steady_clock;
  if (limit.count() == 0)
    return done();
  auto end = Clock::now() + limit;
  do {
    // Reading the clock costs about as much as 16 pauses.
    for (int i = 0; i < 32; ++i) {
      if (done())
        return true;
      relaxProcessor();
    }
  } while (Clock::now() < end);
  return done();
}

} // namespace moec::rt

#endif // MOEC_RT_SUPPORT_SPIN_H
