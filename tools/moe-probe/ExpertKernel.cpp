#include "ExpertKernel.h"

#include <algorithm>

/// Rows that share one pass over the weights, and columns that stay in
/// registers meanwhile: 4 x 64 sums.
static constexpr int64_t rowBlock = 4;
static constexpr int64_t columnBlock = 64;

template <int64_t Rows>
static void multiplyBlock(const float *in, const float *weights, float *out,
                          int64_t depth, int64_t columns, int64_t width) {
  float sums[Rows][columnBlock] = {};
  for (int64_t k = 0; k < depth; ++k) {
    const float *line = weights + k * columns;
    for (int64_t r = 0; r < Rows; ++r)
      for (int64_t c = 0; c < width; ++c)
        sums[r][c] += in[r * depth + k] * line[c];
  }
  for (int64_t r = 0; r < Rows; ++r)
    for (int64_t c = 0; c < width; ++c)
      out[r * columns + c] += sums[r][c];
}

template <int64_t Rows>
static void multiplyRows(const float *in, const float *weights, float *out,
                         int64_t depth, int64_t columns, int64_t first,
                         int64_t last) {
  int64_t c = first;
  // The constant width is what lets the compiler keep the sums in registers.
  for (; c + columnBlock <= last; c += columnBlock)
    multiplyBlock<Rows>(in, weights + c, out + c, depth, columns, columnBlock);
  if (c < last)
    multiplyBlock<Rows>(in, weights + c, out + c, depth, columns, last - c);
}

void moec::tools::multiplyColumns(const float *in, const float *weights,
                                  float *out, int64_t rows, int64_t depth,
                                  int64_t columns, int64_t first,
                                  int64_t last) {
  int64_t r = 0;
  for (; r + rowBlock <= rows; r += rowBlock)
    multiplyRows<rowBlock>(in + r * depth, weights, out + r * columns, depth,
                           columns, first, last);
  for (; r < rows; ++r)
    multiplyRows<1>(in + r * depth, weights, out + r * columns, depth, columns,
                    first, last);
}
