#include "passes/import/RecognizeExperts.h"

#include "passes/import/RecognizeActivation.h"

#include <cmath>

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

namespace {

class ExpertsReader : FactorReader {
public:
  ExpertsReader(const Analysis &analysis, const Combine &combine,
                std::string &why)
      : FactorReader(analysis, combine.selection), combine(combine), why(why) {}

  std::optional<Experts> read();

private:
  bool fail(StringRef reason) {
    if (why.empty())
      why = reason.str();
    return false;
  }
  Value takeWeights(Factors &factors);

  bool readOutput(Value rows);
  bool readHidden(const View &hidden);
  bool readHiddenFactors(const Factors &factors);
  bool readGateAndUp(Slice gate, std::optional<Slice> up);
  Slice clamped(Slice slice, std::optional<double> &low,
                std::optional<double> &high) const;
  std::optional<Projection> projectionOf(const Slice &slice) const;
  bool fuse(const Slice &gate, const Slice &up);
  bool checkTokens();

  const Combine &combine;
  std::string &why;
  Experts experts;
};

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
  std::optional<Slice> slice = sliceOf(hidden);
  if (!slice || !isWhole(*slice))
    return fail("the second product does not read all hidden features");
  Factors factors = factorsOf(hidden.base);
  if (!experts.weights) {
    if (experts.fc2.bias)
      return fail("the choices are summed without weights");
    experts.weights = takeWeights(factors);
  }
  if (!experts.weights)
    return fail("the choices are summed without weights");
  const View *weights = analysis.rowsOf(experts.weights);
  bool natural = weights && !weights->sort &&
                 rowClass(flatten(weights->axes)) ==
                     rowClass(flatten(combine.selection->axes));
  if (!natural)
    return fail("the weights are not computed in the order of the tokens");
  return readHiddenFactors(factors);
}

//===----------------------------------------------------------------------===//
// From the hidden features to the first product
//===----------------------------------------------------------------------===//

bool ExpertsReader::readHiddenFactors(const Factors &factors) {
  if (std::optional<ActivationMatch> match = readActivation(*this, factors)) {
    experts.activation = match->activation;
    experts.alpha = match->alpha;
    return readGateAndUp(match->gate, match->up);
  }
  const SmallVector<Slice> &slices = factors.slices;
  if (slices.empty() || slices.size() > 2 || factors.number != 1)
    return fail("the hidden features are not act(gate) or act(gate) * up");
  // No activation known to us: the factors must be the projections themselves.
  for (const Slice &slice : slices)
    if (!projectionOf(slice))
      return fail("the experts' activation is none that moe.experts knows");
  experts.activation = moe::Activation::Identity;
  return readGateAndUp(slices[0], slices.size() == 2 ? std::optional(slices[1])
                                                     : std::nullopt);
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
  auto tokens = cast<RankedTensorType>(input.base.getType());
  std::optional<Slice> features = sliceOf(input);
  bool all = features && features->first == 0 && features->stride == 1 &&
             features->size == tokens.getShape().back();
  if (analysis.rowsOf(input.base) || !all)
    return fail("the experts do not read the tokens, once per choice");
  if (fc3 && (fc3->input.base != input.base || fc3->input.sort != input.sort))
    return fail("gate and up read different tokens");
  experts.tokens = input.base;
  for (const Projection &fc : {experts.fc1, experts.fc3, experts.fc2}) {
    Value bank = !fc.product                    ? Value()
                 : fc.product->matrices.empty() ? fc.product->bank
                                                : fc.product->matrices.front();
    if (bank && cast<RankedTensorType>(bank.getType()).getElementType() !=
                    tokens.getElementType())
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
