// batch_matmul, attention and the row operations against scalar references.

#include "test/kernels/Reference.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace moec::kernels::test;

namespace {

/// x[B][N][K] from x[B][K][N].
Array<float> transposed(const Array<float> &x) {
  int64_t batches = x.sizes[0], rows = x.sizes[1], columns = x.sizes[2];
  Array<float> result({batches, columns, rows});
  for (int64_t b = 0; b < batches; ++b)
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j)
        result[(b * columns + j) * rows + i] = x[(b * rows + i) * columns + j];
  return result;
}

TEST(BatchMatmul, BothLayoutsAreOneChainOfFmas) {
  std::mt19937 random(21);
  struct Shape {
    int64_t a, b, m, n, k;
  };
  for (auto [aBatches, bBatches, m, n, k] :
       std::vector<Shape>{{1, 1, 1, 16, 5},
                          {4, 2, 1, 40, 300},
                          {6, 3, 2, 100, 64},
                          {2, 2, 97, 33, 17},
                          {8, 1, 30, 20, 259},
                          {3, 3, 5, 7, 8},
                          {2, 1, 1, 300, 33},
                          {2, 2, 0, 5, 5},
                          {2, 2, 3, 4, 0}}) {
    auto a = randomArray(random, {aBatches, m, k});
    auto b = randomArray(random, {bBatches, k, n});
    Array<float> bt = transposed(b);
    Array<float> c({aBatches, m, n}, NAN), ct({aBatches, m, n}, NAN);
    sharedJit().call("batch_matmul", "", {a, b, c});
    sharedJit().call("batch_matmul_nt", "", {a, bt, ct});
    for (int64_t i = 0; i < aBatches; ++i)
      for (int64_t row = 0; row < m; ++row)
        for (int64_t j = 0; j < n; ++j) {
          int64_t at = (i * m + row) * n + j;
          float expected =
              chain(a, i * m + row, b, i / (aBatches / bBatches), j);
          ASSERT_EQ(c[at], expected) << m << "x" << n << "x" << k;
          ASSERT_EQ(ct[at], expected) << m << "x" << n << "x" << k;
        }
  }
}

struct Attention {
  int64_t batches, heads, kvHeads, queries, keys, d, v;
  std::vector<int64_t> mask; // Bm, Hm, Sm; empty: none
  bool sinks;
};

/// Softmax attention in double; `logit` is what stands in the exponent.
void checkAttention(const Attention &shape, Array<float> &mask,
                    std::mt19937 &random) {
  auto [batches, heads, kvHeads, queries, keys, d, v, dims, hasSinks] = shape;
  auto q = randomArray(random, {batches, heads, queries, d});
  auto k = randomArray(random, {batches, kvHeads, keys, d});
  auto value = randomArray(random, {batches, kvHeads, keys, v});
  auto sinks = randomArray(random, {hasSinks ? heads : 0});
  Array<float> scale({1}, 0.7f), out({batches, heads, queries, v}, NAN);
  sharedJit().call("attention", "",
                   {q, k, value, mask, sinks, scalar(scale), out});
  for (int64_t row = 0; row < batches * heads * queries; ++row) {
    int64_t b = row / (heads * queries), h = row / queries % heads,
            s = row % queries, kv = b * kvHeads + h / (heads / kvHeads);
    std::vector<double> weights(keys);
    double largest = hasSinks ? sinks[h] : -INFINITY, sum = 0;
    for (int64_t t = 0; t < keys; ++t) {
      for (int64_t i = 0; i < d; ++i)
        weights[t] += double(q[row * d + i]) * k[(kv * keys + t) * d + i];
      weights[t] *= 0.7f;
      if (!dims.empty())
        weights[t] +=
            mask[(((dims[0] > 1 ? b : 0) * dims[1] + (dims[1] > 1 ? h : 0)) *
                      dims[2] +
                  (dims[2] > 1 ? s : 0)) *
                     keys +
                 t];
      largest = std::max(largest, weights[t]);
    }
    for (double &weight : weights)
      sum += weight = std::exp(weight - largest);
    if (hasSinks)
      sum += std::exp(sinks[h] - largest);
    for (int64_t j = 0; j < v; ++j) {
      double expected = 0;
      for (int64_t t = 0; t < keys; ++t)
        expected += weights[t] * value[(kv * keys + t) * v + j];
      expected /= sum;
      if (std::isnan(expected))
        ASSERT_TRUE(std::isnan(out[row * v + j]));
      else
        ASSERT_NEAR(out[row * v + j], expected, 2e-5) << "row " << row;
    }
  }
}

TEST(Attention, MatchesTheSoftmaxOfAllScores) {
  std::mt19937 random(22);
  for (const Attention &shape :
       std::vector<Attention>{{1, 1, 1, 1, 1, 4, 4, {}, false},
                              {2, 4, 2, 3, 300, 16, 20, {2, 1, 3}, false},
                              {1, 8, 1, 1, 129, 64, 128, {1, 8, 1}, true},
                              {1, 2, 2, 110, 110, 33, 16, {1, 1, 110}, false},
                              {1, 2, 1, 2, 40, 300, 256, {}, true}}) {
    Array<float> mask({0, 0, 0, 0});
    if (!shape.mask.empty()) {
      mask = randomArray(
          random, {shape.mask[0], shape.mask[1], shape.mask[2], shape.keys});
      for (float &m : mask.data)
        if (random() % 3 == 0)
          m = random() % 2 ? -3.4028235e38f : -INFINITY;
    }
    checkAttention(shape, mask, random);
  }
}

TEST(Attention, RowsThatSeeNoKey) {
  std::mt19937 random(23);
  Attention shape{1, 1, 1, 2, 200, 8, 8, {1, 1, 2}, false};
  Array<float> mask({1, 1, 2, 200}, -INFINITY);
  std::fill_n(mask.data.begin(), 200, -3.4028235e38f);
  checkAttention(shape, mask, random); // the mean; NaN
  shape.sinks = true;
  checkAttention(shape, mask, random); // 0; 0
}

/// Blocks of keys that no row of a task sees are passed over; rows that see
/// nothing at all keep the mean of all values.
TEST(Attention, PassesOverMaskedBlocks) {
  std::mt19937 random(25);
  constexpr int64_t queries = 130, keys = 530, past = keys - queries;
  for (float masked : {-3.4028235e38f, -INFINITY})
    for (int64_t blind : {0, 3}) {
      Attention shape{1, 4, 2, queries, keys, 16, 16, {1, 1, queries}, false};
      Array<float> mask({1, 1, queries, keys});
      for (int64_t s = 0; s < queries; ++s)
        for (int64_t t = 0; t < keys; ++t)
          if (t > past + s || (t < 200 && s % 2) || s < blind)
            mask[s * keys + t] = masked;
      checkAttention(shape, mask, random);
    }
}

TEST(Rows, SoftmaxAndNorms) {
  std::mt19937 random(24);
  for (auto [rows, width] : std::vector<std::array<int64_t, 2>>{
           {3, 1}, {5, 16}, {700, 77}, {0, 9}}) {
    auto x = randomArray(random, {rows, width});
    auto gamma = randomArray(random, {width}),
         beta = randomArray(random, {width});
    Array<float> epsilon({1}, 1e-3f), none({0}), soft({rows, width}),
        rms({rows, width}), layer({rows, width}), plain({rows, width});
    sharedJit().call("row_softmax", "", {x, soft});
    sharedJit().call("rms_norm", "", {x, gamma, scalar(epsilon), rms});
    sharedJit().call("layer_norm", "",
                     {x, gamma, beta, scalar(epsilon), layer});
    sharedJit().call("layer_norm", "",
                     {x, gamma, none, scalar(epsilon), plain});
    for (int64_t n = 0; n < rows; ++n) {
      const float *row = &x[n * width];
      double sum = 0, squares = 0, exponentials = 0, variance = 0;
      for (int64_t d = 0; d < width; ++d) {
        sum += row[d];
        squares += double(row[d]) * row[d];
        exponentials += std::exp(double(row[d]));
      }
      double mean = sum / width;
      for (int64_t d = 0; d < width; ++d)
        variance += (row[d] - mean) * (row[d] - mean) / width;
      for (int64_t d = 0; d < width; ++d) {
        int64_t at = n * width + d;
        double unit = (row[d] - mean) / std::sqrt(variance + 1e-3f) * gamma[d];
        ASSERT_NEAR(soft[at], std::exp(double(row[d])) / exponentials, 1e-6);
        ASSERT_NEAR(rms[at],
                    row[d] / std::sqrt(squares / width + 1e-3f) * gamma[d],
                    3e-6);
        ASSERT_NEAR(layer[at], unit + beta[d], 1e-5);
        ASSERT_NEAR(plain[at], unit, 1e-5);
      }
    }
  }
}

TEST(Rows, CumulativeSums) {
  Array<int64_t> x({2, 3}), y({2, 3});
  x.data = {1, 2, 3, 4, 5, 6};
  sharedJit().call("cumsum", "", {x, y});
  EXPECT_EQ(y.data, (std::vector<int64_t>{1, 3, 6, 4, 9, 15}));
  sharedJit().call("cumsum", "{exclusive = true, reverse = true}", {x, y});
  EXPECT_EQ(y.data, (std::vector<int64_t>{5, 3, 0, 11, 6, 0}));
}

TEST(Rows, Nonzero) {
  Array<float> x({6});
  x.data = {0, 2, NAN, -0.0f, 0, -1};
  Array<int64_t> count({1}), positions({3});
  sharedJit().call("nonzero_count", "", {x, count});
  ASSERT_EQ(count[0], 3);
  sharedJit().call("nonzero_fill", "", {x, positions});
  EXPECT_EQ(positions.data, (std::vector<int64_t>{1, 2, 5}));
}

} // namespace
