//===- Bench.cpp - Speed of the kernels on this machine -------------------===//
//
// Part of moec. Prints GFLOP/s of the matrix kernels and GB/s of weights read,
// beside the FMA peak and the read bandwidth measured in the same run. Not a
// test: run it by hand on a quiet machine. Usage: moec-bench-kernels [THREADS
// [ISA]], 1 and the best this machine has without AMX.
//
//===----------------------------------------------------------------------===//

#include "artifact/Program.h"
#include "test/kernels/Jit.h"

#include <fmt/format.h>
#include <immintrin.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <random>

using namespace moec::kernels::test;

struct Seconds {
  double median, best;
};

/// With one thread its CPU time, so that other processes of a busy machine do
/// not count (but they still take cache and bandwidth); with more, wall time.
static double now(bool threads) {
  timespec time;
  clock_gettime(threads ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &time);
  return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

/// Time of `rounds` calls, after one that is not counted.
template <typename Body>
static Seconds measure(int rounds, bool threads, Body body) {
  body();
  std::vector<double> times;
  for (int i = 0; i < rounds; ++i) {
    double start = now(threads);
    body();
    times.push_back(now(threads) - start);
  }
  std::sort(times.begin(), times.end());
  return {times[rounds / 2], times[0]};
}

/// Multiply-adds per second of `step`, which does `perStep` of them.
template <typename Step> static double flopsOf(double perStep, Step step) {
  constexpr int steps = 1 << 20;
  double seconds = measure(20, false, [&] { step(steps); }).best;
  return 2 * perStep * steps / seconds / 1e9;
}

/// GFLOP/s of one thread that does nothing but FMAs in registers.
__attribute__((target("avx2,fma"))) static void fmaSteps256(int steps) {
  __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f), sums[12] = {};
  for (int i = 0; i < steps; ++i)
    for (__m256 &sum : sums) {
      sum = _mm256_fmadd_ps(sum, a, b);
      asm volatile("" : "+x"(sum)); // keep every chain
    }
}

__attribute__((target("avx512f"))) static void fmaSteps512(int steps) {
  __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f), sums[12] = {};
  for (int i = 0; i < steps; ++i)
    for (__m512 &sum : sums) {
      sum = _mm512_fmadd_ps(sum, a, b);
      asm volatile("" : "+v"(sum));
    }
}

static bool hasV4() { return moec::rt::processorHas("x86-64-v4"); }

static double fmaPeak() {
  return hasV4() ? flopsOf(12 * 16, fmaSteps512) : flopsOf(12 * 8, fmaSteps256);
}

/// GB/s of one thread that sums a large array.
__attribute__((target("avx2"))) static double readBandwidth() {
  std::vector<float> data(size_t(64) << 20, 1.0f);
  volatile float sink = 0;
  double seconds =
      measure(10, false, [&]() __attribute__((target("avx2"))) {
        __m256 sums[8] = {};
        for (size_t i = 0; i < data.size(); i += 64)
          for (int c = 0; c < 8; ++c)
            sums[c] = _mm256_add_ps(sums[c], _mm256_loadu_ps(&data[i + 8 * c]));
        for (__m256 sum : sums)
          sink = sink + sum[0];
      }).best;
  return 4.0 * data.size() / seconds / 1e9;
}

template <typename T>
static void gemmLine(Jit &jit, bool threads, int64_t m, int64_t n, int64_t k) {
  Array<float> a({m, k}, 0.5f), c({m, n});
  Array<T> w({n / 16, k, 16});
  int rounds = std::clamp(int(2e9 / (2.0 * m * n * k)), 8, 200);
  Seconds time =
      measure(rounds, threads, [&] { jit.call("gemm", "", {a, w, c}); });
  double flops = 2e-9 * m * n * k, bytes = 1e-9 * sizeof(T) * n * k;
  fmt::print("gemm {:4} {:4} x {:5} x {:5}: GFLOP/s median {:6.1f} best {:6.1f}"
             ", weights GB/s median {:5.1f} best {:5.1f}\n",
             mlirType<T>(), m, n, k, flops / time.median, flops / time.best,
             bytes / time.median, bytes / time.best);
}

/// `rows` rows for each of 8 experts of 2048 x 768 (gate and up).
static void expertLine(Jit &jit, bool threads, int64_t rows) {
  int64_t experts = 8, k = 2048, n = 768;
  Array<float> a({experts * rows, k}, 0.5f), h({experts * rows, n}),
      bias({0, 0, 0});
  Array<BF16> w({experts, n / 8, k, 16});
  Array<int64_t> counts({experts}, rows);
  Array<int32_t> none({0}); // rows lie in order
  Array<int64_t> average({1}, rows);
  Seconds time = measure(10, threads, [&] {
    jit.call("expert_gated", "{activation = \"silu\"}",
             {a, none, counts, w, bias, scalar(average), h});
  });
  double flops = 4e-9 * experts * rows * n * k;
  double bytes = 4e-9 * experts * n * k;
  fmt::print("expert_gated bf16 8 x {:3} rows: GFLOP/s median {:6.1f} best "
             "{:6.1f}, weights GB/s median {:5.1f} best {:5.1f}\n",
             rows, flops / time.median, flops / time.best, bytes / time.median,
             bytes / time.best);
}

/// 32 heads of width 128 over 8 key heads.
static void attentionLine(Jit &jit, bool threads, int64_t queries,
                          int64_t keys) {
  Array<float> q({1, 32, queries, 128}, 0.1f), k({1, 8, keys, 128}, 0.1f),
      v({1, 8, keys, 128}, 0.1f), mask({1, 1, queries, keys}), sinks({0}),
      scale({1}, 0.1f), out({1, 32, queries, 128});
  Seconds time = measure(10, threads, [&] {
    jit.call("attention", "", {q, k, v, mask, sinks, scalar(scale), out});
  });
  double flops = 4e-9 * 32 * queries * keys * 128;
  double bytes = 8e-9 * 8 * keys * 128;
  fmt::print("attention {:3} queries, {:5} keys: GFLOP/s median {:6.1f} best "
             "{:6.1f}, keys and values GB/s median {:5.1f} best {:5.1f}\n",
             queries, keys, flops / time.median, flops / time.best,
             bytes / time.median, bytes / time.best);
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  fmt::print("one thread: FMA peak {:.1f} GFLOP/s, read {:.1f} GB/s\n",
             fmaPeak(), readBandwidth());
  const char *isa = argc > 2 ? argv[2] : hasV4() ? "x86-64-v4" : "x86-64-v3";
  if (!moec::rt::processorHas(isa)) {
    fmt::print(stderr, "this processor has no {}\n", isa);
    return 1;
  }
  Jit jit(isa, threads);
  for (int64_t size : {512, 4096})
    for (int64_t m : {1, 8, 32, 64, 128, 512}) {
      gemmLine<float>(jit, threads > 1, m, size, size);
      gemmLine<BF16>(jit, threads > 1, m, size, size);
    }
  for (int64_t rows : {1, 4, 64})
    expertLine(jit, threads > 1, rows);
  attentionLine(jit, threads > 1, 1, 4096);
  attentionLine(jit, threads > 1, 512, 512);
}
