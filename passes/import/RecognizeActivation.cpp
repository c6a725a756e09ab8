#include "passes/import/RecognizeActivation.h"

#include <cmath>

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

namespace {

/// Constants of an approximation are rounded in files.
bool near(double a, double b) {
  return std::fabs(a - b) <= 1e-3 * std::fabs(b);
}

class ActivationReader {
public:
  explicit ActivationReader(const FactorReader &reader) : reader(reader) {}

  std::optional<ActivationMatch> read(const Factors &factors);

private:
  bool readUnary(Factors &factors, unsigned at);
  bool readSilu(Factors &factors, unsigned at, Node sigmoid);
  bool readGelu(Factors &factors, unsigned at);
  bool isCubic(Value value, const Slice &gate) const;
  bool isPower(const Factors &factors, const Slice &x, unsigned degree) const;

  const FactorReader &reader;
  moe::Activation activation = moe::Activation::Identity;
  double alpha = 1;
};

std::optional<ActivationMatch> ActivationReader::read(const Factors &factors) {
  for (unsigned i = 0; i < factors.slices.size(); ++i) {
    Factors rest = factors;
    if (!readUnary(rest, i) || rest.number != 1)
      continue;
    if (rest.slices.size() == 1)
      return ActivationMatch{activation, alpha, rest.slices[0], std::nullopt};
    if (rest.slices.size() == 2)
      return ActivationMatch{activation, alpha, rest.slices[0], rest.slices[1]};
  }
  return std::nullopt;
}

/// Factor `at` is sigmoid(alpha * x) and another one x: leaves x first.
bool ActivationReader::readSilu(Factors &factors, unsigned at, Node sigmoid) {
  std::optional<Slice> argument = reader.sliceOf(sigmoid.input(0));
  std::optional<std::pair<Slice, double>> scaled =
      reader.scaled(sigmoid.input(0));
  if (!argument || !scaled)
    return false;
  for (auto [x, factor] : {std::pair(*argument, 1.0), *scaled}) {
    unsigned place = llvm::find(factors.slices, x) - factors.slices.begin();
    if (place == factors.slices.size())
      continue;
    factors.slices.erase(factors.slices.begin() + std::max(place, at));
    factors.slices.erase(factors.slices.begin() + std::min(place, at));
    factors.slices.insert(factors.slices.begin(), x);
    activation = moe::Activation::Silu;
    alpha = factor;
    return true;
  }
  return false;
}

/// Factor `at` is an activation (or the sigmoid of one): leaves {gate} or
/// {gate, up}.
bool ActivationReader::readUnary(Factors &factors, unsigned at) {
  Node node = reader.definition(factors.slices[at]);
  if (!node || node.inputs() == 0)
    return false;
  if (node.is("Add"))
    return readGelu(factors, at);
  if (node.is("Sigmoid"))
    return readSilu(factors, at, node);
  std::optional<Slice> gate = reader.sliceOf(node.input(0));
  auto finish = [&](moe::Activation found, double factor) {
    activation = found;
    alpha = factor;
    factors.slices.erase(factors.slices.begin() + at);
    factors.slices.insert(factors.slices.begin(), *gate);
    return true;
  };
  if (!gate)
    return false;
  if (node.is("Swish"))
    return finish(moe::Activation::Silu, node.real("alpha", 1.0));
  if (node.is("com.microsoft.QuickGelu"))
    return finish(moe::Activation::Silu, node.real("alpha", 1.702));
  if (node.is("Gelu") && node.string("approximate", "none") == "tanh")
    return finish(moe::Activation::GeluTanh, 1);
  if (node.is("Gelu") || node.is("com.microsoft.Gelu"))
    return finish(moe::Activation::GeluErf, 1);
  if (node.is("Pow") && reader.uniform(node.input(1)) == 2) {
    Node relu = reader.definition(*gate);
    if (!relu.is("Relu") || !(gate = reader.sliceOf(relu.input(0))))
      return false;
    return finish(moe::Activation::Relu2, 1);
  }
  if (node.is("Relu")) {
    Slice self = factors.slices[at];
    for (unsigned i = at + 1; i < factors.slices.size(); ++i)
      if (factors.slices[i] == self) {
        factors.slices.erase(factors.slices.begin() + i);
        return finish(moe::Activation::Relu2, 1);
      }
    return finish(moe::Activation::Relu, 1);
  }
  return false;
}

/// 0.5 * x * (1 + erf(x / sqrt 2)) or 0.5 * x * (1 + tanh(sqrt(2/pi) * (x +
/// 0.044715 x^3))).
bool ActivationReader::readGelu(Factors &factors, unsigned at) {
  Node add = reader.definition(factors.slices[at]);
  for (unsigned i : {0, 1}) {
    if (reader.uniform(add.input(i)) != 1 || !near(factors.number, 0.5))
      continue;
    std::optional<Slice> inner = reader.sliceOf(add.input(1 - i));
    Node function = inner ? reader.definition(*inner) : Node();
    bool erf = function.is("Erf");
    if (!erf && !function.is("Tanh"))
      return false;
    std::optional<std::pair<Slice, double>> argument =
        reader.scaled(function.input(0));
    for (unsigned j = 0; argument && j < factors.slices.size(); ++j) {
      Slice gate = factors.slices[j];
      bool matches =
          erf ? gate == argument->first && near(argument->second, M_SQRT1_2)
              : isCubic(function.input(0), gate);
      if (j == at || !matches)
        continue;
      factors.slices.erase(factors.slices.begin() + std::max(at, j));
      factors.slices.erase(factors.slices.begin() + std::min(at, j));
      factors.slices.insert(factors.slices.begin(), gate);
      factors.number = 1;
      activation = erf ? moe::Activation::GeluErf : moe::Activation::GeluTanh;
      return true;
    }
  }
  return false;
}

/// sqrt(2/pi) * (x + 0.044715 x^3), also with x before the parenthesis.
bool ActivationReader::isCubic(Value value, const Slice &gate) const {
  Factors outer = reader.factorsOf(value);
  auto *x = llvm::find(outer.slices, gate);
  bool factored = x != outer.slices.end();
  if (factored)
    outer.slices.erase(x);
  Node add =
      outer.slices.size() == 1 ? reader.definition(outer.slices[0]) : Node();
  if (!add.is("Add") || !near(outer.number, std::sqrt(M_2_PI)))
    return false;
  unsigned degree = factored ? 2 : 3;
  for (unsigned i : {0, 1}) {
    std::optional<Slice> term = reader.sliceOf(add.input(i));
    bool linear =
        factored ? reader.uniform(add.input(i)) == 1 : term && *term == gate;
    Factors power = reader.factorsOf(add.input(1 - i));
    if (linear && near(power.number, 0.044715) && isPower(power, gate, degree))
      return true;
  }
  return false;
}

/// The factors are x, `degree` times or as Pow.
bool ActivationReader::isPower(const Factors &factors, const Slice &x,
                               unsigned degree) const {
  if (factors.slices.size() == degree)
    return llvm::all_of(factors.slices,
                        [&](const Slice &slice) { return slice == x; });
  Node pow = factors.slices.size() == 1 ? reader.definition(factors.slices[0])
                                        : Node();
  std::optional<Slice> root =
      pow.is("Pow") && reader.uniform(pow.input(1)) == degree
          ? reader.sliceOf(pow.input(0))
          : std::nullopt;
  return root && *root == x;
}

} // namespace

std::optional<ActivationMatch> readActivation(const FactorReader &reader,
                                              const Factors &factors) {
  return ActivationReader(reader).read(factors);
}

} // namespace moec::recognize
