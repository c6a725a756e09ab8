// Products with weights in bf16 by AMX, where this machine has it: against sums
// in double precision, and bit for bit whatever rows are beside a row.

#include "artifact/Program.h"
#include "test/kernels/Reference.h"

#include <gtest/gtest.h>

using namespace moec::kernels::test;

namespace {

const std::string isa = "x86-64-v4+amx";

Jit &amxJit() {
  static Jit *jit = new Jit(isa, 2);
  return *jit;
}

class Amx : public testing::Test {
protected:
  void SetUp() override {
    if (!moec::rt::processorHas(isa))
      GTEST_SKIP() << "this machine has no AMX";
  }
};

/// The product in double precision, and the sum of the sizes of its terms.
std::pair<double, double> exact(const Array<float> &a, int64_t row,
                                const Array<BF16> &b, int64_t column) {
  const int64_t k = b.sizes[1], n = b.sizes[2];
  double sum = 0, size = 0;
  for (int64_t i = 0; i < k; ++i) {
    double term = double(a[row * k + i]) * toFloat(b[i * n + column]);
    sum += term;
    size += std::abs(term);
  }
  return {sum, size};
}

/// All rows are for one expert; `average` decides how they are multiplied.
Array<float> product(Array<float> a, Array<BF16> panels, int64_t columns,
                     int64_t average) {
  Array<int64_t> counts({1}, a.sizes[0]), rows({1}, average);
  Array<int32_t> none({0});
  Array<float> bias({0, 0}), y({a.sizes[0], columns}, NAN);
  amxJit().call("expert_gemm", "",
                {a, none, counts, panels, bias, scalar(rows), y});
  return y;
}

Array<float> rowsOf(const Array<float> &a, int64_t begin, int64_t count) {
  const int64_t k = a.sizes[1];
  Array<float> rows({count, k});
  std::copy_n(a.data.begin() + begin * k, count * k, rows.data.begin());
  return rows;
}

TEST_F(Amx, ProductsAreAsExactAsF32) {
  std::mt19937 random(21);
  // One tile of rows, two, a pair and a single one, whole blocks; panels beside
  // whole groups; k that ends inside a tile, a pair and a block.
  for (auto [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 16, 1},
                                                            {1, 100, 300},
                                                            {2, 37, 64},
                                                            {7, 130, 31},
                                                            {16, 64, 256},
                                                            {17, 48, 257},
                                                            {40, 80, 290},
                                                            {97, 31, 530},
                                                            {200, 300, 33},
                                                            {0, 40, 8},
                                                            {3, 20, 0}}) {
    auto a = randomArray(random, {m, k});
    auto b = randomArray<BF16>(random, {1, k, n});
    Array<BF16> w = packPanels(b);
    Array<float> c = product(a, w, n, 100);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        auto [sum, size] = exact(a, i, b, j);
        ASSERT_NEAR(c[i * n + j], sum, size * 0x1p-22)
            << m << "x" << n << "x" << k << " at " << i << "," << j;
      }
    for (int64_t i = 0; i < m; i += 13) {
      Array<float> alone = product(rowsOf(a, i, 1), w, n, 100);
      for (int64_t j = 0; j < n; ++j)
        ASSERT_EQ(alone[j], c[i * n + j]) << "row " << i << " of " << m;
    }
  }
}

TEST_F(Amx, TheAverageDecidesNotTheRows) {
  std::mt19937 random(24);
  const int64_t n = 48, k = 300;
  const int64_t m = 60, many = 16; // rows from which on AMX multiplies
  auto a = randomArray(random, {m, k});
  auto b = randomArray<BF16>(random, {1, k, n});
  Array<BF16> w = packPanels(b);
  Array<float> few = product(a, w, n, many - 1),
               all = product(a, w, n, many);
  EXPECT_NE(few.data, all.data);
  for (int64_t j = 0; j < n; ++j)
    EXPECT_EQ(few[j], chain(a, 0, b, 0, j));
  // gemm: the rows are all there are.
  w.sizes.erase(w.sizes.begin());
  Array<float> c({m, n}, NAN), d({many - 1, n}, NAN),
      head = rowsOf(a, 0, many - 1);
  amxJit().call("gemm", "", {a, w, c});
  amxJit().call("gemm", "", {head, w, d});
  EXPECT_EQ(c.data, all.data);
  few.data.resize((many - 1) * n);
  EXPECT_EQ(d.data, few.data);
}

TEST_F(Amx, WideRangesAndSpecialValues) {
  std::mt19937 random(22);
  const int64_t m = 20, n = 16, k = 64;
  auto a = randomArray(random, {m, k});
  auto b = randomArray<BF16>(random, {1, k, n});
  for (int64_t i = 0; i < m * k; ++i)
    a[i] *= std::ldexp(1.0f, static_cast<int>(random() % 60) - 30);
  a[3 * k + 5] = INFINITY;
  a[4 * k + 6] = NAN;
  Array<float> c = product(a, packPanels(b), n, 100);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j) {
      auto [sum, size] = exact(a, i, b, j);
      if (i == 3 || i == 4)
        EXPECT_FALSE(std::isfinite(c[i * n + j]));
      else
        EXPECT_NEAR(c[i * n + j], sum, size * 0x1p-22);
    }
}

} // namespace
