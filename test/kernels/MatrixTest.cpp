// gemm and the expert kernels against scalar references.

#include "test/kernels/Reference.h"

#include <gtest/gtest.h>

#include <numeric>

using namespace moec::kernels::test;

namespace {

template <typename T> class Weights : public testing::Test {};
using WeightTypes = testing::Types<float, BF16, F16>;
TYPED_TEST_SUITE(Weights, WeightTypes);

TYPED_TEST(Weights, GemmIsOneChainOfFmasPerElement) {
  std::mt19937 random(1);
  // Row tails 1..5 of the tile, several row blocks, K blocks and their tails,
  // partial panels, more panels than a group; nothing to do.
  for (auto [m, n, k] : std::vector<std::array<int64_t, 3>>{{1, 16, 1},
                                                            {1, 100, 300},
                                                            {2, 37, 64},
                                                            {3, 65, 17},
                                                            {4, 16, 256},
                                                            {5, 33, 257},
                                                            {6, 48, 40},
                                                            {7, 130, 20},
                                                            {97, 31, 530},
                                                            {200, 300, 33},
                                                            {0, 40, 8},
                                                            {3, 20, 0}}) {
    auto a = randomArray(random, {m, k});
    auto b = randomArray<TypeParam>(random, {1, k, n});
    Array<TypeParam> w = packPanels(b);
    w.sizes.erase(w.sizes.begin());
    Array<float> c({m, n}, NAN);
    sharedJit().call("gemm", "", {a, w, c});
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j)
        ASSERT_EQ(c[i * n + j], chain(a, i, b, 0, j))
            << m << "x" << n << "x" << k << " at " << i << "," << j;
  }
}

/// No sources: the rows lie in order.
Array<int32_t> none({0});
/// Rows of an expert, on average; only AMX asks.
Array<int64_t> few({1}, 1);

TYPED_TEST(Weights, ExpertGemmTakesEachExpertsRows) {
  std::mt19937 random(2);
  for (const std::vector<int64_t> &rows : std::vector<std::vector<int64_t>>{
           {3}, {0, 5, 0, 100, 1, 0}, {0, 0, 0}, {7, 2, 9, 250}}) {
    int64_t experts = rows.size(), k = 70, n = 43;
    int64_t total = std::accumulate(rows.begin(), rows.end(), int64_t(0));
    auto a = randomArray(random, {total, k});
    auto b = randomArray<TypeParam>(random, {experts, k, n});
    auto bias = randomArray(random, {experts, n});
    Array<TypeParam> w = packPanels(b);
    Array<int64_t> counts({experts});
    counts.data = rows;
    Array<float> y({total, n}, NAN);
    sharedJit().call("expert_gemm", "", {a, none, counts, w, bias, scalar(few), y});
    for (int64_t e = 0, row = 0; e < experts; ++e)
      for (int64_t end = row + rows[e]; row < end; ++row)
        for (int64_t j = 0; j < n; ++j)
          ASSERT_EQ(y[row * n + j], chain(a, row, b, e, j) + bias[e * n + j]);
  }
}

TEST(Experts, NoExpertsAndNoBias) {
  Array<float> a({0, 4}), bias({0, 0}), y({0, 5});
  Array<int64_t> counts({0});
  Array<float> w({0, 1, 4, 16});
  sharedJit().call("expert_gemm", "", {a, none, counts, w, bias, scalar(few), y});
  std::mt19937 random(3);
  auto rows = randomArray(random, {2, 4});
  auto b = randomArray(random, {1, 4, 5});
  Array<float> one = packPanels(b), out({2, 5});
  Array<int64_t> two({1}, 2);
  sharedJit().call("expert_gemm", "", {rows, none, two, one, bias, scalar(few), out});
  EXPECT_EQ(out[7], chain(rows, 1, b, 0, 2));
}

double activation(const std::string &name, double x, double alpha) {
  if (name == "relu")
    return x < 0 ? 0 : x;
  if (name == "relu2")
    return x < 0 ? 0 : x * x;
  if (name == "silu")
    return x / (1 + std::exp(-alpha * x));
  if (name == "gelu_tanh")
    return x / (1 + std::exp(-2 * std::sqrt(2 / M_PI) *
                             (x + 0.044715 * x * x * x)));
  if (name == "gelu_erf")
    return x / 2 * std::erfc(-x / std::sqrt(2.0));
  return x;
}

/// Within `ulps` units in the last place of the larger, or 1e-37.
void expectClose(float value, double expected, double ulps,
                 const std::string &what) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(value)) << what;
    return;
  }
  double tolerance = std::max(std::abs(expected) * ulps * 0x1p-23, 1e-37);
  EXPECT_NEAR(value, expected, tolerance) << what;
}

TEST(Experts, ActivationsAreAccurate) {
  // Through a 1x1 identity matrix, so that x itself is activated.
  std::vector<float> points = {0, -0.0f, 1e-30f, 1, -1, 20, -20, 88, -88, 200};
  for (float x = -12; x < 12; x += 0.0437f)
    points.push_back(x);
  points.push_back(NAN);
  int64_t m = points.size();
  Array<float> a({m, 1}), b({1, 1, 1}, 1.0f), bias({0, 0}), y({m, 1});
  a.data = points;
  Array<float> w = packPanels(b);
  Array<int64_t> counts({1}, m);
  for (std::string name :
       {"identity", "relu", "relu2", "gelu_tanh", "gelu_erf", "silu"}) {
    sharedJit().call("expert_gemm", "{activation = \"" + name + "\"}",
                     {a, none, counts, w, bias, scalar(few), y});
    for (int64_t i = 0; i < m; ++i) {
      // Rounding of the exponent's argument grows with it.
      double ulps = 4 + 2 * std::abs(double(points[i])) * std::abs(points[i]);
      expectClose(y[i], activation(name, points[i], 1.0), ulps,
                  name + " of " + std::to_string(points[i]));
    }
  }
}

struct Gated {
  std::string attributes, name;
  float alpha, beta, limit;
};

TEST(Experts, GatedMultipliesTheActivatedGate) {
  std::mt19937 random(4);
  int64_t experts = 3, k = 40, n = 27;
  std::vector<int64_t> rows = {4, 0, 9};
  auto a = randomArray(random, {13, k});
  auto gate = randomArray(random, {experts, k, n});
  auto up = randomArray(random, {experts, k, n});
  auto bias = randomArray(random, {experts, 2, n});
  Array<float> w = packGatedPanels(gate, up);
  Array<int64_t> counts({experts});
  counts.data = rows;
  for (const Gated &g : std::vector<Gated>{
           {"{activation = \"silu\"}", "silu", 1, 0, INFINITY},
           {"{activation = \"silu\", alpha = 1.702 : f32, beta = 1.0 : f32, "
            "limit = 2.0 : f32}",
            "silu", 1.702f, 1, 2},
           {"{activation = \"gelu_erf\"}", "gelu_erf", 1, 0, INFINITY},
           {"{activation = \"relu\"}", "relu", 1, 0, INFINITY}}) {
    Array<float> h({13, n}, NAN);
    sharedJit().call("expert_gated", g.attributes, {a, none, counts, w, bias, scalar(few), h});
    for (int64_t e = 0, row = 0; e < experts; ++e)
      for (int64_t end = row + rows[e]; row < end; ++row)
        for (int64_t j = 0; j < n; ++j) {
          float x = chain(a, row, gate, e, j) + bias[2 * e * n + j];
          float u = chain(a, row, up, e, j) + bias[(2 * e + 1) * n + j];
          x = std::min(x, g.limit);
          u = std::clamp(u, -g.limit, g.limit);
          double expected = activation(g.name, x, g.alpha) * (u + g.beta);
          ASSERT_NEAR(h[row * n + j], expected, 1e-5) << g.attributes;
        }
  }
}

TEST(Experts, RowsAreGatheredFromTokens) {
  std::mt19937 random(7);
  const int64_t tokens = 30, k = 530, n = 21;
  auto x = randomArray(random, {tokens, k});
  auto gate = randomArray(random, {3, k, n}), up = randomArray(random, {3, k, n});
  Array<int64_t> counts({3});
  counts.data = {2, 0, 120};
  Array<int32_t> sources({122});
  Array<float> rows({122, k});
  for (int64_t row = 0; row < 122; ++row) {
    sources[row] = static_cast<int32_t>(random() % tokens);
    std::copy_n(&x[sources[row] * k], k, &rows[row * k]);
  }
  auto expectSame = [&](const std::string &kernel, Array<float> w,
                        Array<float> bias) {
    Array<float> gathered({122, n}, NAN), plain({122, n}, NAN);
    sharedJit().call(kernel, "", {x, sources, counts, w, bias, scalar(few), gathered});
    sharedJit().call(kernel, "", {rows, none, counts, w, bias, scalar(few), plain});
    EXPECT_EQ(gathered.data, plain.data) << kernel;
  };
  expectSame("expert_gated", packGatedPanels(gate, up), Array<float>({0, 0, 0}));
  expectSame("expert_gemm", packPanels(gate), Array<float>({0, 0}));
}

TEST(Experts, MoreRowsThanABlockGiveTheSameRows) {
  // The result of a row does not depend on the rows around it.
  std::mt19937 random(5);
  auto a = randomArray(random, {211, 600});
  auto b = randomArray(random, {1, 600, 50});
  Array<float> w = packPanels(b), bias({0, 0}), all({211, 50});
  Array<int64_t> counts({1}, 211);
  sharedJit().call("expert_gemm", "", {a, none, counts, w, bias, scalar(few), all});
  for (int64_t row : {0, 95, 96, 209, 210}) {
    Array<float> single({1, 600}), y({1, 50});
    std::copy_n(&a[row * 600], 600, single.data.begin());
    counts[0] = 1;
    sharedJit().call("expert_gemm", "", {single, none, counts, w, bias, scalar(few), y});
    for (int64_t j = 0; j < 50; ++j)
      ASSERT_EQ(y[j], all[row * 50 + j]);
  }
}

TEST(Experts, ThreadsAndInstructionSetsDoNotShow) {
  // The tiles of x86-64-v4 too: compiled for whatever machine runs this test.
  std::mt19937 random(6);
  std::vector<int64_t> rows = {1, 40, 0, 7, 120};
  auto a = randomArray(random, {168, 300});
  auto gate = randomArray(random, {5, 300, 61});
  auto up = randomArray(random, {5, 300, 61});
  Array<float> w = packGatedPanels(gate, up), bias({0, 0, 0});
  Array<int64_t> counts({5});
  counts.data = rows;
  auto run = [&](const std::string &isa, unsigned threads) {
    Array<float> h({168, 61}, NAN);
    Jit *jit = new Jit(isa, threads); // lives for ever, see sharedJit
    jit->call("expert_gated", "{activation = \"silu\"}",
              {a, none, counts, w, bias, scalar(few), h});
    return h.data;
  };
  std::vector<float> expected = run("x86-64-v3", 1);
  EXPECT_EQ(run("x86-64-v3", 3), expected);
  EXPECT_EQ(run("x86-64-v4", 2), expected);
}

TEST(Library, SaysWhatItDoesNotOffer) {
  Array<float> a({1, 1}), c({1, 1});
  Array<double> w({1, 1, 16});
  auto message = [&](const std::string &name, const std::string &attributes,
                     std::vector<Operand> operands) -> std::string {
    try {
      sharedJit().call(name, attributes, operands);
    } catch (const std::runtime_error &error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message("gem", "", {a}),
            "there is no kernel 'gem' in the kernel library\n");
  EXPECT_EQ(message("gemm", "", {a, c}),
            "kernel 'gemm' takes 3 operands (ins, then outs), not 2\n");
  EXPECT_EQ(message("gemm", "", {a, w, c}),
            "kernel 'gemm': operand 1 has elements of f64, not of one of f32, "
            "bf16, f16\n");
  Array<int64_t> counts({1});
  Array<float> bank({1, 1, 1, 16});
  EXPECT_EQ(message("expert_gemm", "{activation = \"swish\"}",
                    {a, none, counts, bank, a, scalar(few), c}),
            "kernel 'expert_gemm': activation = \"swish\", not one of "
            "identity, relu, relu2, gelu_tanh, gelu_erf, silu\n");
  EXPECT_EQ(
      message("expert_gemm", "{alpha = \"big\"}", {a, none, counts, bank, a, scalar(few), c}),
      "kernel 'expert_gemm': alpha = \"big\", not a number\n");
}

} // namespace
