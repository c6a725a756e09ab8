#include "limits/Limits.h"

#include "limits/FastestOf.h"

#include <cstdint>

using namespace moec::tools;

namespace {

/// Chains of multiply-adds that do not wait for each other: more than a
/// processor has under way, and few enough for its registers.
constexpr int chains = 12;
constexpr int64_t rounds = 200000;

using Floats16 = float __attribute__((vector_size(64)));
using Floats8 = float __attribute__((vector_size(32)));
using Floats4 = float __attribute__((vector_size(16)));

} // namespace

/// The body of the three functions below; a function with another target cannot
/// be their template. x stays near 1, so the sums neither vanish nor overflow.
#define MOEC_MULTIPLY(Vector)                                                  \
  Vector sums[chains] = {};                                                    \
  Vector factor = Vector{} + x, term = Vector{} + (1 - x);                     \
  for (int64_t i = 0; i < rounds; ++i)                                         \
    for (int c = 0; c < chains; ++c)                                           \
      sums[c] = sums[c] * factor + term;                                       \
  float total = 0;                                                             \
  for (int c = 0; c < chains; ++c)                                             \
    total += sums[c][0];                                                       \
  return total

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static float multiply16(float x) {
  MOEC_MULTIPLY(Floats16);
}
__attribute__((target("avx2,fma"))) static float multiply8(float x) {
  MOEC_MULTIPLY(Floats8);
}
#endif
static float multiply4(float x) { MOEC_MULTIPLY(Floats4); }

double moec::tools::measureMultiplying(int threads, double budget) {
  float (*multiply)(float) = multiply4;
  int64_t width = 4;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    multiply = multiply16;
    width = 16;
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    multiply = multiply8;
    width = 8;
  }
#endif
  std::vector<float> results(threads, 0.5f);
  double seconds = fastestOf(threads, budget, [&](int t, int64_t) {
    // Not known to the compiler, which could compute the result otherwise.
    volatile float x = 0.75f;
    results[t] = multiply(x);
  });
  volatile float used = results[0];
  static_cast<void>(used);
  return 2.0 * static_cast<double>(threads * rounds * chains * width) / seconds;
}
