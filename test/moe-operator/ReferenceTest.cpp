// The reference against numbers worked out by hand.
#include "Reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Experts of one number: expert e multiplies by e + 1.
class Router : public testing::Test {
protected:
  double run(std::vector<double> logits) {
    std::vector<double> ones(logits.size(), 1.0), factors;
    for (size_t i = 0; i < logits.size(); ++i)
      factors.push_back(static_cast<double>(i + 1));
    node.experts = static_cast<int64_t>(logits.size());
    node.fc1 = ones.data();
    node.fc2 = factors.data();
    double x = 1, y;
    moeReference(&node, 1, &x, logits.data(), &y);
    return y;
  }

  MoeNode node{.hidden = 1, .inner = 1, .k = 1, .activation = MOE_IDENTITY};
};

TEST_F(Router, WeighsBySoftmaxOverAllExperts) {
  EXPECT_DOUBLE_EQ(run({0, std::log(3)}), 0.75 * 2);
}

TEST_F(Router, NormalizesOverTheChosen) {
  node.normalize = 1;
  EXPECT_DOUBLE_EQ(run({0, std::log(3)}), 2);
  node.k = 2;
  EXPECT_DOUBLE_EQ(run({0, std::log(3), -100}), 0.25 * 1 + 0.75 * 2);
}

TEST_F(Router, GivesTiesToTheLowerId) {
  node.normalize = 1;
  EXPECT_DOUBLE_EQ(run({-1, 2, 2}), 2);
  node.k = 2;
  EXPECT_DOUBLE_EQ(run({5, 5, 5}), 0.5 * 1 + 0.5 * 2);
}

TEST_F(Router, SparseMixerWeighsAmongNearLogits) {
  node.k = 2;
  node.sparseMixer = 1;
  // Only 0.99 lies within 2 % of 1; nothing else within 2 % of 0.99.
  EXPECT_DOUBLE_EQ(run({1, 0.99, -5}), sigmoid(0.01) * 1 + 1.0 * 2);
}

/// One expert of one inner number; x = 1.
double runExpert(MoeNode node, std::vector<double> fc1,
                 std::vector<double> fc3 = {}) {
  double one = 1, logit = 0, y;
  node.experts = node.hidden = node.inner = node.k = 1;
  node.fc1 = fc1.data();
  node.fc2 = &one;
  node.fc3 = fc3.empty() ? nullptr : fc3.data();
  moeReference(&node, 1, &one, &logit, &y);
  return y;
}

TEST(Expert, Activations) {
  EXPECT_EQ(runExpert({.activation = MOE_RELU}, {-2}), 0);
  EXPECT_EQ(runExpert({.activation = MOE_RELU}, {2}), 2);
  EXPECT_NEAR(runExpert({.activation = MOE_GELU}, {1}), 0.8411919906082768,
              1e-15);
  EXPECT_DOUBLE_EQ(runExpert({.activation = MOE_SILU}, {1}), sigmoid(1));
  EXPECT_DOUBLE_EQ(runExpert({.activation = MOE_SILU}, {1}, {3}),
                   sigmoid(1) * 3);
}

TEST(Expert, SwigluClampsBothPartsAndTakesEveryFusion) {
  MoeNode node{.activation = MOE_SWIGLU, .alpha = 1.702, .beta = 1, .limit = 2};
  double expected = 2 * sigmoid(1.702 * 2) * (-2 + 1); // gate 3, linear -5
  EXPECT_DOUBLE_EQ(runExpert(node, {3}, {-5}), expected);
  node.fusion = MOE_INTERLEAVED;
  EXPECT_DOUBLE_EQ(runExpert(node, {3, -5}), expected);
  node.fusion = MOE_CONCATENATED;
  EXPECT_DOUBLE_EQ(runExpert(node, {3, -5}), expected);
  node.limit = INFINITY;
  EXPECT_DOUBLE_EQ(runExpert(node, {3, -5}), 3 * sigmoid(1.702 * 3) * (-5 + 1));
}

/// Rows of fc1 with I = 2, which one inner number cannot tell apart.
TEST(Expert, FusionsOrderTheRowsOfFc1) {
  std::vector<double> interleaved{1, 10, 2, 20}, concatenated{1, 2, 10, 20};
  std::vector<double> fc2{1, 100};
  MoeNode node{
      .experts = 1, .hidden = 1, .inner = 2, .k = 1, .activation = MOE_SWIGLU};
  node.fc2 = fc2.data();
  double x = 1, logit = 0, y;
  double expected = sigmoid(1) * 10 + 100 * 2 * sigmoid(2) * 20;
  node.fusion = MOE_INTERLEAVED;
  node.fc1 = interleaved.data();
  moeReference(&node, 1, &x, &logit, &y);
  EXPECT_DOUBLE_EQ(y, expected);
  node.fusion = MOE_CONCATENATED;
  node.fc1 = concatenated.data();
  moeReference(&node, 1, &x, &logit, &y);
  EXPECT_DOUBLE_EQ(y, expected);
}

TEST(Expert, BiasesLieInsideTheWeightedSum) {
  std::vector<double> fc1{1, 1}, bias1{1, -3}, fc2{1, 1}, bias2{10, 20};
  MoeNode node{
      .experts = 2, .hidden = 1, .inner = 1, .k = 2, .activation = MOE_RELU};
  node.fc1 = fc1.data(), node.bias1 = bias1.data();
  node.fc2 = fc2.data(), node.bias2 = bias2.data();
  double x = 1, y;
  std::vector<double> logits{0, std::log(3)};
  moeReference(&node, 1, &x, logits.data(), &y);
  EXPECT_DOUBLE_EQ(y, 0.25 * (2 + 10) + 0.75 * (0 + 20));
}

} // namespace
