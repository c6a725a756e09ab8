#include "passes/import/RecognizeExperts.h"

#include <cmath>

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

namespace {

/// Some features of a row tensor: `size` of them from `first` in steps of
/// `stride`.
struct Slice {
  Value base;
  int64_t first = 0, stride = 1, size = 0;
  bool operator==(const Slice &) const = default;
};

/// A product of slices and a number.
struct Factors {
  SmallVector<Slice> slices;
  double number = 1;
};

bool near(double a, double b) {
  return std::fabs(a - b) <= 1e-3 * std::fabs(b);
}

class ExpertsReader {
public:
  ExpertsReader(const Analysis &analysis, const Combine &combine,
                std::string &why)
      : analysis(analysis), combine(combine), why(why) {}

  std::optional<Experts> read();

private:
  bool fail(StringRef reason) {
    if (why.empty())
      why = reason.str();
    return false;
  }
  std::optional<Slice> sliceOf(Value value) const;
  /// The slice is all of its base.
  bool isWhole(const Slice &slice) const;
  Node definition(const Slice &slice) const {
    return isWhole(slice) ? Node::defining(slice.base) : Node();
  }
  void multiply(Value value, Factors &factors);
  Factors factorsOf(Value value);
  Value takeWeights(Factors &factors);
  /// `value` if it is one slice times a number.
  std::optional<std::pair<Slice, double>> scaled(Value value);

  bool readOutput(Value rows);
  bool readHidden(const View &hidden);
  bool readActivation(Factors &factors);
  bool readUnary(Factors &factors, unsigned at);
  bool readGelu(Factors &factors, unsigned at);
  bool isCubic(Value value, const Slice &gate);
  bool readGateAndUp(Slice gate, std::optional<Slice> up);
  Slice clamped(Slice slice, std::optional<double> &low,
                std::optional<double> &high) const;
  std::optional<Projection> projectionOf(const Slice &slice) const;
  bool fuse(const Slice &gate, const Slice &up);
  bool checkTokens();

  const Analysis &analysis;
  const Combine &combine;
  std::string &why;
  Experts experts;
};

std::optional<Slice> ExpertsReader::sliceOf(Value value) const {
  const View *view = analysis.rowsOf(value);
  if (!view || view->selection != combine.selection || view->expert >= 0)
    return std::nullopt;
  Slice slice{view->base};
  for (const Axis &axis : view->axes)
    for (const Atom &atom : axis)
      if (atom.kind == AtomKind::Feature) {
        if (slice.size != 0)
          return std::nullopt; // features in several axes
        slice.stride = atom.stride;
        slice.size = atom.size;
        slice.first = view->offset(AtomKind::Feature, atom.axis);
      }
  return slice;
}

bool ExpertsReader::isWhole(const Slice &slice) const {
  std::optional<Slice> base = sliceOf(slice.base);
  return base && *base == slice;
}

/// Multiplies the factors of `value` into `factors`.
void ExpertsReader::multiply(Value value, Factors &factors) {
  if (std::optional<double> number = analysis.uniform(value)) {
    factors.number *= *number;
    return;
  }
  std::optional<Slice> slice = sliceOf(value);
  if (!slice) {
    factors.slices.push_back({value});
    return;
  }
  // A product of weights alone is one factor.
  Node node = slice->size > 0 ? definition(*slice) : Node();
  if (!node.is("Mul")) {
    factors.slices.push_back(*slice);
    return;
  }
  multiply(node.input(0), factors);
  multiply(node.input(1), factors);
}

Factors ExpertsReader::factorsOf(Value value) {
  Factors factors;
  multiply(value, factors);
  return factors;
}

/// Takes the one factor without features out of the product.
Value ExpertsReader::takeWeights(Factors &factors) {
  for (auto it = factors.slices.begin(); it != factors.slices.end(); ++it)
    if (it->size == 0 && analysis.rowsOf(it->base)) {
      Value weights = it->base;
      factors.slices.erase(it);
      return weights;
    }
  return {};
}

std::optional<std::pair<Slice, double>> ExpertsReader::scaled(Value value) {
  std::optional<Slice> slice = sliceOf(value);
  if (!slice)
    return std::nullopt;
  Node node = definition(*slice);
  if (node.is("Mul"))
    for (unsigned i : {0, 1})
      if (std::optional<double> number = analysis.uniform(node.input(i)))
        if (std::optional<Slice> inner = sliceOf(node.input(1 - i)))
          return std::pair(*inner, *number);
  if (node.is("Div"))
    if (std::optional<double> number = analysis.uniform(node.input(1)))
      if (std::optional<Slice> inner = sliceOf(node.input(0)))
        return std::pair(*inner, 1 / *number);
  return std::pair(*slice, 1.0);
}

//===----------------------------------------------------------------------===//
// From the sum to the second product
//===----------------------------------------------------------------------===//

/// Linear, or Add(Linear, gathered bias).
std::optional<Projection>
ExpertsReader::projectionOf(const Slice &slice) const {
  Projection result;
  Value base = slice.base;
  Node add = Node::defining(base);
  if (add.is("Add"))
    for (unsigned i : {0, 1}) {
      std::optional<View> bias = analysis.view(add.input(i));
      const Role *role = bias ? analysis.role(bias->base) : nullptr;
      std::optional<Slice> linear = sliceOf(add.input(1 - i));
      if (role && role->kind == Role::Gathered && linear && isWhole(*linear) &&
          bias->offsets.empty()) {
        result.bias = role->source;
        base = linear->base;
        break;
      }
    }
  result.product = analysis.product(base);
  if (!result.product)
    return std::nullopt;
  return result;
}

bool ExpertsReader::readOutput(Value rows) {
  Factors factors = factorsOf(rows);
  experts.weights = combine.weights ? combine.weights : takeWeights(factors);
  if (factors.slices.size() != 1 || factors.number != 1)
    return fail("what is summed over the choices is not one vector per choice "
                "times its weight");
  if (!isWhole(factors.slices[0]))
    return fail("only a part of the experts' outputs is summed");
  std::optional<Projection> fc2 = projectionOf(factors.slices[0]);
  if (!fc2)
    return fail("the summed rows are not products with a matrix per expert");
  experts.fc2 = *fc2;
  experts.sorted = fc2->product->input.sort != nullptr;
  return readHidden(fc2->product->input);
}

bool ExpertsReader::readHidden(const View &hidden) {
  std::optional<Slice> slice = sliceOf(hidden.base);
  View whole = hidden;
  if (!slice || !hidden.offsets.empty() ||
      hidden.offset(AtomKind::Feature, 0) != 0)
    return fail("the second product does not read all hidden features");
  Factors factors = factorsOf(hidden.base);
  if (!experts.weights) {
    if (experts.fc2.bias)
      return fail("the choices are summed without weights");
    experts.weights = takeWeights(factors);
  }
  if (!experts.weights)
    return fail("the choices are summed without weights");
  return readActivation(factors);
}

//===----------------------------------------------------------------------===//
// Activation
//===----------------------------------------------------------------------===//

bool ExpertsReader::readActivation(Factors &factors) {
  SmallVector<Slice> all = factors.slices;
  for (unsigned i = 0; i < all.size(); ++i) {
    why.clear();
    Factors rest = factors;
    if (!readUnary(rest, i))
      continue;
    if (rest.slices.size() == 1 && rest.number == 1)
      return readGateAndUp(rest.slices[0], std::nullopt);
    if (rest.slices.size() == 2 && rest.number == 1)
      return readGateAndUp(rest.slices[0], rest.slices[1]);
    return fail("the hidden features are not act(gate) or act(gate) * up");
  }
  if (all.empty() || all.size() > 2 || factors.number != 1)
    return fail("the hidden features are not act(gate) or act(gate) * up");
  // No activation known to us: the factors must be the projections themselves.
  for (const Slice &slice : all)
    if (!projectionOf(slice))
      return fail("the experts' activation is none that moe.experts knows");
  experts.activation = moe::Activation::Identity;
  return readGateAndUp(all[0],
                       all.size() == 2 ? std::optional(all[1]) : std::nullopt);
}

/// Factor `at` is an activation (or the sigmoid of one): leaves {gate} or
/// {gate, up}.
bool ExpertsReader::readUnary(Factors &factors, unsigned at) {
  Node node = definition(factors.slices[at]);
  if (!node || node.inputs() == 0)
    return false;
  std::optional<Slice> gate = sliceOf(node.input(0));
  auto finish = [&](moe::Activation activation, double alpha) {
    experts.activation = activation;
    experts.alpha = alpha;
    factors.slices.erase(factors.slices.begin() + at);
    factors.slices.insert(factors.slices.begin(), *gate);
    return true;
  };
  if (!gate)
    return false;
  if (node.is("Sigmoid")) {
    std::optional<std::pair<Slice, double>> argument = scaled(node.input(0));
    for (auto [slice, number] : {std::pair(*gate, 1.0), *argument}) {
      auto *x = llvm::find(factors.slices, slice);
      if (x == factors.slices.end())
        continue;
      gate = slice;
      unsigned place = x - factors.slices.begin();
      factors.slices.erase(x);
      at -= place < at;
      return finish(moe::Activation::Silu, number);
    }
    return false;
  }
  if (node.is("Swish"))
    return finish(moe::Activation::Silu, node.real("alpha", 1.0));
  if (node.is("com.microsoft.QuickGelu"))
    return finish(moe::Activation::Silu, node.real("alpha", 1.702));
  if (node.is("Gelu") && node.string("approximate", "none") == "tanh")
    return finish(moe::Activation::GeluTanh, 1);
  if (node.is("Gelu") || node.is("com.microsoft.Gelu"))
    return finish(moe::Activation::GeluErf, 1);
  if (node.is("Pow") && analysis.uniform(node.input(1)) == 2) {
    Node relu = definition(*gate);
    if (!relu.is("Relu") || !(gate = sliceOf(relu.input(0))))
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
  return node.is("Add") && readGelu(factors, at);
}

/// 0.5 * x * (1 + erf(x / sqrt 2)) or 0.5 * x * (1 + tanh(sqrt(2/pi) * (x +
/// 0.044715 x^3))).
bool ExpertsReader::readGelu(Factors &factors, unsigned at) {
  Node add = definition(factors.slices[at]);
  for (unsigned i : {0, 1}) {
    if (analysis.uniform(add.input(i)) != 1 || !near(factors.number, 0.5))
      continue;
    std::optional<Slice> inner = sliceOf(add.input(1 - i));
    Node function = inner ? definition(*inner) : Node();
    bool erf = function.is("Erf");
    if (!erf && !function.is("Tanh"))
      return false;
    std::optional<std::pair<Slice, double>> argument =
        scaled(function.input(0));
    for (unsigned j = 0; argument && j < factors.slices.size(); ++j) {
      Slice gate = factors.slices[j];
      bool matches =
          erf ? gate == argument->first && near(argument->second, M_SQRT1_2)
              : near(argument->second, std::sqrt(M_2_PI)) &&
                    isCubic(argument->first.base, gate);
      if (j == at || !matches)
        continue;
      factors.slices.erase(factors.slices.begin() + std::max(at, j));
      factors.slices.erase(factors.slices.begin() + std::min(at, j));
      factors.slices.insert(factors.slices.begin(), gate);
      factors.number = 1;
      experts.activation =
          erf ? moe::Activation::GeluErf : moe::Activation::GeluTanh;
      return true;
    }
  }
  return false;
}

/// x + 0.044715 x^3
bool ExpertsReader::isCubic(Value value, const Slice &gate) {
  Node add = Node::defining(value);
  if (!add.is("Add"))
    return false;
  for (unsigned i : {0, 1}) {
    std::optional<Slice> x = sliceOf(add.input(i));
    if (!x || !(*x == gate))
      continue;
    Factors cube = factorsOf(add.input(1 - i));
    if (!near(cube.number, 0.044715))
      return false;
    if (cube.slices.size() == 3)
      return llvm::all_of(cube.slices,
                          [&](const Slice &s) { return s == gate; });
    Node power = cube.slices.size() == 1 ? definition(cube.slices[0]) : Node();
    std::optional<Slice> root =
        power.is("Pow") && analysis.uniform(power.input(1)) == 3
            ? sliceOf(power.input(0))
            : std::nullopt;
    return root && *root == gate;
  }
  return false;
}

/// What is clamped, and to what.
Slice ExpertsReader::clamped(Slice slice, std::optional<double> &low,
                             std::optional<double> &high) const {
  for (;;) {
    Node node = definition(slice);
    bool isClip = node.is("Clip"), isMin = node.is("Min");
    if (!isClip && !isMin && !node.is("Max"))
      return slice;
    std::optional<Slice> inner = sliceOf(node.input(0));
    auto bound = [&](unsigned i) {
      return node.input(i) ? analysis.uniform(node.input(i))
                           : std::optional<double>();
    };
    std::optional<double> first = bound(1), second = bound(2);
    if (!inner || (!isClip && !first))
      return slice;
    (isMin ? high : low) = first ? first : (isMin ? high : low);
    high = isClip && second ? second : high;
    if (low && std::isinf(*low) && *low < 0)
      low.reset();
    slice = *inner;
  }
}

bool ExpertsReader::readGateAndUp(Slice gate, std::optional<Slice> up) {
  std::optional<double> gateLow, gateHigh, upLow, upHigh;
  gate = clamped(gate, gateLow, gateHigh);
  if (!up) {
    if (gateLow || gateHigh)
      return fail("clamped experts without a gate are not supported");
    std::optional<Projection> fc1 = projectionOf(gate);
    if (!fc1 || gate.first != 0 || gate.stride != 1 ||
        gate.size != fc1->product->width)
      return fail("the activation does not read one product per expert");
    experts.fc1 = *fc1;
    return checkTokens();
  }
  if (Node add = definition(*up); add.is("Add"))
    for (unsigned i : {0, 1})
      if (std::optional<double> number = analysis.uniform(add.input(i)))
        if (std::optional<Slice> inner = sliceOf(add.input(1 - i))) {
          experts.beta = *number;
          up = inner;
        }
  up = clamped(*up, upLow, upHigh);
  bool clampedBoth = gateHigh && upHigh && upLow && *upLow == -*upHigh &&
                     *gateHigh == *upHigh && !gateLow;
  bool clampedNone = !gateLow && !gateHigh && !upLow && !upHigh;
  if (!clampedBoth && !clampedNone)
    return fail("gate and up are clamped in a way that moe.experts has not");
  experts.limit = gateHigh;
  bool silu = experts.activation == moe::Activation::Silu;
  if (!silu && (experts.limit || experts.beta != 0))
    return fail("clamps and an offset of the up projection need silu");
  return fuse(gate, *up) && checkTokens();
}

/// Where gate and up lie: in two products, or in the halves or the even and odd
/// features of one.
bool ExpertsReader::fuse(const Slice &gate, const Slice &up) {
  std::optional<Projection> fc1 = projectionOf(gate), fc3 = projectionOf(up);
  if (!fc1 || !fc3)
    return fail("gate and up are not products with a matrix per expert");
  int64_t width = fc1->product->width;
  experts.fc1 = *fc1;
  if (gate.base != up.base) {
    experts.fc3 = *fc3;
    experts.fusion = moe::Fusion::Separate;
    bool whole = isWhole(gate) && isWhole(up);
    return (whole && fc1->product->outFirst == fc3->product->outFirst) ||
           fail("gate and up are stored in different layouts");
  }
  bool halves = gate.size * 2 == width && up.size == gate.size;
  if (halves && gate.stride == 1 && up.stride == 1 && gate.first == 0 &&
      up.first == gate.size)
    experts.fusion = moe::Fusion::Concatenated;
  else if (halves && gate.stride == 2 && up.stride == 2 && gate.first == 0 &&
           up.first == 1)
    experts.fusion = moe::Fusion::Interleaved;
  else
    return fail("gate and up are neither the halves nor the even and odd "
                "features of one product, gate first");
  return true;
}

/// All first products read the same tokens, and nothing else.
bool ExpertsReader::checkTokens() {
  const View &input = experts.fc1.product->input;
  const Product *fc3 = experts.fc3.product;
  if (analysis.rowsOf(input.base))
    return fail("the experts do not read the tokens, once per choice");
  if (fc3 && (fc3->input.base != input.base || fc3->input.sort != input.sort))
    return fail("gate and up read different tokens");
  experts.tokens = input.base;
  auto type = cast<RankedTensorType>(input.base.getType());
  for (const Projection &fc : {experts.fc1, experts.fc3, experts.fc2}) {
    Value bank = !fc.product                    ? Value()
                 : fc.product->matrices.empty() ? fc.product->bank
                                                : fc.product->matrices.front();
    if (bank && cast<RankedTensorType>(bank.getType()).getElementType() !=
                    type.getElementType())
      return fail("tokens and expert matrices have different element types");
  }
  return true;
}

std::optional<Experts> ExpertsReader::read() {
  return readOutput(combine.rows) ? std::optional(experts) : std::nullopt;
}

} // namespace

std::optional<Experts> readExperts(const Analysis &analysis,
                                   const Combine &combine, std::string &why) {
  return ExpertsReader(analysis, combine, why).read();
}

} // namespace moec::recognize
