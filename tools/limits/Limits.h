//===- Limits.h - What this machine can do at most ------------------------===//
//
// Part of moec. Short measurements, each the fastest of several runs: other
// processes only ever slow a run down.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_LIMITS_LIMITS_H
#define MOEC_TOOLS_LIMITS_LIMITS_H

namespace moec::tools {

/// Bytes/s of reading memory with `threads` >= 1 at once, for about `budget`
/// seconds.
double measureReading(int threads, double budget);

/// f32 operations/s of fused multiply-adds in registers with `threads` >= 1 at
/// once, in the widest vectors the processor has (AVX-512, AVX2, else the
/// compiler's default), for about `budget` seconds.
double measureMultiplying(int threads, double budget);

} // namespace moec::tools

#endif // MOEC_TOOLS_LIMITS_LIMITS_H
