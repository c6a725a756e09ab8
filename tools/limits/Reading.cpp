#include "limits/Limits.h"

#include "limits/FastestOf.h"

#include <cstdint>

using namespace moec::tools;

namespace {

/// Beyond any cache, and small enough for a small machine. A round reads a
/// part; until it is that part's turn again, the others have been through the
/// caches.
constexpr int64_t blockBytes = int64_t{512} << 20;
constexpr int64_t partBytes = int64_t{32} << 20;

using Words = uint64_t __attribute__((vector_size(64)));

template <typename T> uint64_t sumOf(const T &lanes) {
  uint64_t sum = 0;
  for (size_t i = 0; i < sizeof(T) / sizeof(sum); ++i)
    sum += lanes[i];
  return sum;
}

} // namespace

#if defined(__x86_64__)
/// One instruction a cache line; enough of them under way at once.
__attribute__((target("avx512f"))) static uint64_t readWide(const Words *begin,
                                                            const Words *end) {
  Words a = {}, b = {};
  for (; begin + 1 < end; begin += 2) {
    a += begin[0];
    b += begin[1];
  }
  a += b;
  return sumOf(a);
}
#endif

static uint64_t readPlain(const Words *begin, const Words *end) {
  auto *first = reinterpret_cast<const uint64_t *>(begin);
  auto *last = reinterpret_cast<const uint64_t *>(end);
  uint64_t sum = 0;
  for (; first != last; ++first)
    sum += *first;
  return sum;
}

static uint64_t read(const Words *begin, const Words *end) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return readWide(begin, end);
#endif
  return readPlain(begin, end);
}

double moec::tools::measureReading(int threads, double budget) {
  constexpr int64_t lines = partBytes / sizeof(Words);
  std::vector<Words> block(blockBytes / sizeof(Words), Words{1});
  std::vector<uint64_t> sums(threads);
  double seconds = fastestOf(threads, budget, [&](int t, int64_t round) {
    const Words *part = block.data() + round % (blockBytes / partBytes) * lines;
    sums[t] +=
        read(part + lines * t / threads, part + lines * (t + 1) / threads);
  });
  volatile uint64_t used = sums[0]; // so that nothing is left out
  static_cast<void>(used);
  return static_cast<double>(partBytes) / seconds;
}
