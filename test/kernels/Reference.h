//===- Reference.h - Random arrays and packing for the kernel tests -------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_KERNELS_REFERENCE_H
#define MOEC_TEST_KERNELS_REFERENCE_H

#include "test/kernels/Jit.h"

#include <cmath>
#include <random>

namespace moec::kernels::test {

/// A weight type of the kernels from a float, and its exact value.
template <typename T> T fromFloat(float value);
float toFloat(float value);
float toFloat(BF16 value);
float toFloat(F16 value);

/// Uniform in [-1, 1), rounded to T.
template <typename T = float>
Array<T> randomArray(std::mt19937 &random, std::vector<int64_t> sizes) {
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  Array<T> array(std::move(sizes));
  for (T &element : array.data)
    element = fromFloat<T>(uniform(random));
  return array;
}

/// Panels [E][P][K][16] of zeros; of bf16, rows in pairs up to K = 32 n.
template <typename T> struct Panels : Array<T> {
  Panels(int64_t e, int64_t p, int64_t k) : Array<T>({e, p, depth(k), 16}) {}

  static constexpr bool isPaired = std::is_same_v<T, BF16>;
  static int64_t depth(int64_t k) { return isPaired ? (k + 31) / 32 * 32 : k; }

  T &at(int64_t panel, int64_t row, int64_t lane) {
    const int64_t first = panel * this->sizes[2];
    return isPaired ? (*this)[(first + row - row % 2) * 16 + 2 * lane + row % 2]
                    : (*this)[(first + row) * 16 + lane];
  }
};

/// Matrices b[E][K][N] to panels [E][ceil(N/16)][K][16].
template <typename T> Array<T> packPanels(const Array<T> &b) {
  int64_t e = b.sizes[0], k = b.sizes[1], n = b.sizes[2], p = (n + 15) / 16;
  Panels<T> panels(e, p, k);
  for (int64_t i = 0; i < e; ++i)
    for (int64_t row = 0; row < k; ++row)
      for (int64_t column = 0; column < n; ++column)
        panels.at(i * p + column / 16, row, column % 16) =
            b[(i * k + row) * n + column];
  return panels;
}

/// Gate and up matrices [E][K][I] to gated panels [E][ceil(I/8)][K][16].
template <typename T>
Array<T> packGatedPanels(const Array<T> &gate, const Array<T> &up) {
  int64_t e = gate.sizes[0], k = gate.sizes[1], n = gate.sizes[2],
          p = (n + 7) / 8;
  Panels<T> panels(e, p, k);
  for (int64_t i = 0; i < e; ++i)
    for (int64_t row = 0; row < k; ++row)
      for (int64_t column = 0; column < n; ++column) {
        const int64_t panel = i * p + column / 8, from = (i * k + row) * n;
        panels.at(panel, row, column % 8) = gate[from + column];
        panels.at(panel, row, 8 + column % 8) = up[from + column];
      }
  return panels;
}

/// Row `row` of `a` times column `column` of matrix `e` of b[E][K][N]: one
/// chain of FMAs in the order of k, as the kernels promise.
template <typename T>
float chain(const Array<float> &a, int64_t row, const Array<T> &b, int64_t e,
            int64_t column) {
  int64_t k = b.sizes[1], n = b.sizes[2];
  float sum = 0;
  for (int64_t i = 0; i < k; ++i)
    sum = std::fma(a[row * k + i], toFloat(b[(e * k + i) * n + column]), sum);
  return sum;
}

} // namespace moec::kernels::test

#endif // MOEC_TEST_KERNELS_REFERENCE_H
