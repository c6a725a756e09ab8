//===- Profile.cpp - The steps of a run and their times -------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "session/Profile.h"

namespace moec::rt {

void Profile::enable(bool on) {
  enabled = on;
  all.clear();
}

double Profile::secondsSinceStart() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

void Profile::startRun() {
  all.clear();
  layers = 0;
  layer = -1;
  start = std::chrono::steady_clock::now();
  if (enabled) // what the program does before its first step
    all.push_back({"elementwise", "start", "", -1, 0, 0, 0, 0});
}

void Profile::mark(const char *phase, const char *what, const char *source,
                   int64_t flops, int64_t bytes) {
  double now = secondsSinceStart();
  all.back().seconds = now - all.back().begin;
  all.push_back({phase, what, source, layer, flops, bytes, now, 0});
}

void Profile::finishRun() {
  if (enabled)
    all.back().seconds = secondsSinceStart() - all.back().begin;
}

} // namespace moec::rt
