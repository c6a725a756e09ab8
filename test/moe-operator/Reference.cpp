#include "Reference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace {

struct Choice {
  int64_t expert;
  double weight;
};

constexpr double minusInfinity = -std::numeric_limits<double>::infinity();

std::vector<double> softmax(std::vector<double> values) {
  double largest = *std::max_element(values.begin(), values.end());
  double sum = 0;
  for (double &value : values)
    sum += value = std::exp(value - largest);
  for (double &value : values)
    value /= sum;
  return values;
}

std::vector<Choice> topK(const MoeNode &node,
                         const std::vector<double> &logits) {
  std::vector<int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  std::vector<double> probabilities = softmax(logits);
  double sum = 0;
  for (int64_t i = 0; i < node.k; ++i)
    sum += probabilities[order[i]];
  std::vector<Choice> choices;
  for (int64_t i = 0; i < node.k; ++i)
    choices.push_back({order[i], probabilities[order[i]] /
                                     (node.normalize != 0 ? sum : 1.0)});
  return choices;
}

/// PhiMoE's router: twice the best expert, weighted by a softmax over those
/// whose logits come close to the best one's.
std::vector<Choice> sparseMixer(const std::vector<double> &logits) {
  constexpr double epsilon = 0.01;
  std::vector<Choice> choices;
  std::vector<double> left = logits;
  for (int round = 0; round < 2; ++round) {
    auto best = std::max_element(left.begin(), left.end());
    std::vector<double> near = left;
    for (double &logit : near)
      if (*best - logit > 2 * epsilon * std::max(std::fabs(logit), *best))
        logit = minusInfinity;
    int64_t expert = best - left.begin();
    choices.push_back({expert, softmax(near)[expert]});
    left[expert] = minusInfinity;
  }
  return choices;
}

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double activate(MoeActivation activation, double x) {
  switch (activation) {
  case MOE_RELU:
    return std::max(x, 0.0);
  case MOE_GELU:
    return 0.5 * x *
           (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  case MOE_SILU:
    return x * sigmoid(x);
  default:
    return x;
  }
}

/// x W^T + b with W [rows, columns]; empty without a W.
std::vector<double> linear(const double *weights, const double *bias,
                           int64_t expert, int64_t rows, int64_t columns,
                           const double *x) {
  if (weights == nullptr)
    return {};
  std::vector<double> result(rows);
  for (int64_t row = 0; row < rows; ++row) {
    const double *w = weights + (expert * rows + row) * columns;
    double sum = bias != nullptr ? bias[expert * rows + row] : 0.0;
    result[row] = std::inner_product(x, x + columns, w, sum);
  }
  return result;
}

double swiglu(const MoeNode &node, double gate, double up) {
  gate = std::min(gate, node.limit);
  up = std::clamp(up, -node.limit, node.limit);
  return gate * sigmoid(node.alpha * gate) * (up + node.beta);
}

/// The expert's hidden activations [I] of one token.
std::vector<double> hiddenOf(const MoeNode &node, int64_t expert,
                             const double *x) {
  int64_t inner = node.inner;
  bool isSwiglu = node.activation == MOE_SWIGLU;
  bool isFused = isSwiglu && node.fusion != MOE_SEPARATE;
  std::vector<double> first =
      linear(node.fc1, node.bias1, expert, isFused ? 2 * inner : inner,
             node.hidden, x);
  std::vector<double> third =
      linear(node.fc3, node.bias3, expert, inner, node.hidden, x);
  std::vector<double> result(inner);
  for (int64_t i = 0; i < inner; ++i) {
    if (isSwiglu && node.fusion == MOE_INTERLEAVED)
      result[i] = swiglu(node, first[2 * i], first[2 * i + 1]);
    else if (isSwiglu && node.fusion == MOE_CONCATENATED)
      result[i] = swiglu(node, first[i], first[inner + i]);
    else if (isSwiglu)
      result[i] = swiglu(node, first[i], third[i]);
    else
      result[i] = activate(node.activation, first[i]) *
                  (third.empty() ? 1.0 : third[i]);
  }
  return result;
}

} // namespace

void moeReference(const MoeNode *node, int64_t tokens, const double *input,
                  const double *logits, double *output) {
  int64_t hidden = node->hidden, experts = node->experts;
  std::fill(output, output + tokens * hidden, 0.0);
  for (int64_t token = 0; token < tokens; ++token) {
    const double *x = input + token * hidden;
    std::vector<double> scores(logits + token * experts,
                               logits + (token + 1) * experts);
    std::vector<Choice> choices =
        node->sparseMixer != 0 ? sparseMixer(scores) : topK(*node, scores);
    for (auto [expert, weight] : choices) {
      std::vector<double> inner = hiddenOf(*node, expert, x);
      std::vector<double> y = linear(node->fc2, node->bias2, expert, hidden,
                                     node->inner, inner.data());
      for (int64_t i = 0; i < hidden; ++i)
        output[token * hidden + i] += weight * y[i];
    }
  }
}
