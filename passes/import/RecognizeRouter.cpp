#include "passes/import/RecognizeRouter.h"

#include <cmath>

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

namespace {

/// The masks, bias and score function in front of a top-k, outermost first.
struct Chain {
  Value masked; ///< what the top-k reads
  Value biased; ///< before the group mask
  Value score;  ///< before the bias
  Value logits; ///< before the score function
  moe::Score function = moe::Score::Identity;
  Value bias;
  int64_t groups = 1, topGroups = 1;
  moe::GroupScore groupScore = moe::GroupScore::Max;
  double groupMask = 0;
};

class RouterReader {
public:
  RouterReader(const Analysis &analysis, const Selection &selection)
      : analysis(analysis), selection(selection) {}

  std::optional<Router> read(Value weights, std::string &why);

private:
  Value baseOf(Value value) const {
    std::optional<View> view = analysis.view(value);
    return view ? view->base : value;
  }
  Node definition(Value value) const { return Node::defining(baseOf(value)); }

  Chain readChain() const;
  void readGroups(Chain &chain) const;
  bool readGroupScore(Chain &chain, Value groupScores, int64_t size) const;
  void readBias(Chain &chain) const;
  void readScore(Chain &chain) const;
  bool lastAxis(Node softmax) const;

  bool isSelected(Value base) const;
  Value peel(Value value, Router &router) const;
  std::pair<Value, Value> quotient(Node node) const;
  bool readSum(Value divisor, Value terms, Router &router) const;
  void absorb(const Chain &chain, bool fromValues, Value source,
              Router &router) const;

  const Analysis &analysis;
  const Selection &selection;
};

/// Softmax runs over the last axis.
bool RouterReader::lastAxis(Node softmax) const {
  auto type = softmax.inputType(0);
  if (!type)
    return false;
  int64_t axis = softmax.integer("axis", softmax.opset() >= 13 ? -1 : 1);
  return axis == -1 || axis == type.getRank() - 1;
}

//===----------------------------------------------------------------------===//
// In front of the top-k
//===----------------------------------------------------------------------===//

/// A group's score: the largest of its experts' scores, or the sum of the two
/// largest.
bool RouterReader::readGroupScore(Chain &chain, Value groupScores,
                                  int64_t size) const {
  Node reduce = definition(groupScores);
  if (!reduce.is("ReduceSum") && !reduce.is("ReduceMax"))
    return false;
  std::optional<SmallVector<int64_t>> axes =
      reduce.input(1) ? constantIntegers(reduce.input(1))
                      : std::optional(reduce.integers("axes"));
  Value grouped = reduce.input(0);
  if (reduce.is("ReduceSum")) {
    auto topk = grouped.getDefiningOp();
    Node top = topk ? Node(topk) : Node();
    std::optional<double> k;
    if (top.is("TopK") && grouped == top.output(0) && top.input(1) &&
        top.integer("largest", 1) != 0)
      k = analysis.uniform(top.input(1));
    if (k != 2)
      return false;
    grouped = top.input(0);
    chain.groupScore = moe::GroupScore::Top2Sum;
  }
  std::optional<View> view = analysis.view(grouped),
                      whole = analysis.view(chain.biased);
  int64_t rank = view ? view->axes.size() : 0;
  if (!axes || axes->size() != 1 || rank < 2 || !whole ||
      ((*axes)[0] != -1 && (*axes)[0] != rank - 1))
    return false;
  return view->base == whole->base &&
         flatten(view->axes) == flatten(whole->axes) &&
         sizeOf(view->axes[rank - 1]) == size &&
         sizeOf(view->axes[rank - 2]) == selection.experts / size;
}

/// Where(mask, scores, c), Where(not mask, c, scores) or scores * mask, where
/// the mask repeats each group's bit for its experts.
void RouterReader::readGroups(Chain &chain) const {
  Node node = definition(chain.masked);
  Value maskValue, scores;
  double fill = 0;
  bool wantNegated = false;
  if (node.is("Where")) {
    std::optional<double> yes = analysis.uniform(node.input(1)),
                          no = analysis.uniform(node.input(2));
    if (yes.has_value() == no.has_value())
      return;
    maskValue = node.input(0);
    scores = node.input(yes ? 2 : 1);
    fill = yes ? *yes : *no;
    wantNegated = yes.has_value();
  } else if (node.is("Mul")) {
    for (unsigned i : {0, 1}) {
      std::optional<View> view = analysis.view(node.input(i));
      const Role *role = view ? analysis.role(view->base) : nullptr;
      if (role && role->kind == Role::GroupMask) {
        maskValue = node.input(i);
        scores = node.input(1 - i);
      }
    }
  }
  std::optional<View> mask =
      maskValue ? analysis.view(maskValue) : std::optional<View>();
  const Role *role = mask ? analysis.role(mask->base) : nullptr;
  if (!role || role->kind != Role::GroupMask || !role->selection->topk ||
      mask->negated != wantNegated)
    return;
  const Selection &groups = *role->selection;
  auto maskType = cast<RankedTensorType>(mask->base.getType());
  unsigned last = maskType.getRank() - 1;
  int64_t size = selection.experts / groups.experts;
  Axis expected = {{AtomKind::Base, last, groups.experts}};
  if (size > 1)
    expected.push_back({AtomKind::Repeat, 0, size});
  if (selection.experts % groups.experts != 0 || mask->axes.empty() ||
      mask->axes.back() != expected)
    return;
  Chain candidate = chain;
  candidate.biased = scores;
  if (!readGroupScore(candidate, groups.scores, size))
    return;
  candidate.groups = groups.experts;
  candidate.topGroups = groups.k;
  candidate.groupMask = fill;
  chain = candidate;
}

/// score + b with one constant b per expert.
void RouterReader::readBias(Chain &chain) const {
  chain.score = chain.biased;
  Node add = definition(chain.biased);
  if (!add.is("Add"))
    return;
  for (unsigned i : {0, 1}) {
    auto type = add.inputType(i);
    Operation *source = baseOf(add.input(i)).getDefiningOp();
    if (!type || !source || !isa<onnx::WeightOp, onnx::ConstantOp>(source) ||
        !type.hasStaticShape() || type.getNumElements() != selection.experts ||
        type.getRank() == 0 ||
        type.getDimSize(type.getRank() - 1) != selection.experts)
      continue;
    chain.bias = add.input(i);
    chain.score = add.input(1 - i);
    return;
  }
}

void RouterReader::readScore(Chain &chain) const {
  chain.logits = chain.score;
  Node node = definition(chain.score);
  if (node.is("Softmax") && lastAxis(node))
    chain.function = moe::Score::Softmax;
  else if (node.is("Sigmoid"))
    chain.function = moe::Score::Sigmoid;
  else if (Node inner = node.is("Sqrt") ? definition(node.input(0)) : Node();
           inner && inner.is("Softplus")) {
    chain.function = moe::Score::SqrtSoftplus;
    node = inner;
  } else {
    return;
  }
  chain.logits = node.input(0);
}

Chain RouterReader::readChain() const {
  Chain chain;
  chain.masked = chain.biased = selection.scores;
  // moe.route computes in f32; scores that the model rounds to a narrower type
  // can have ties that f32 has not, so those stay as they are.
  auto type = cast<RankedTensorType>(selection.scores.getType());
  if (!type.getElementType().isF32()) {
    chain.score = chain.logits = selection.scores;
    return chain;
  }
  readGroups(chain);
  readBias(chain);
  readScore(chain);
  return chain;
}

//===----------------------------------------------------------------------===//
// Behind the top-k
//===----------------------------------------------------------------------===//

/// `divisor` is max(sum(terms) + epsilon, floor).
bool RouterReader::readSum(Value divisor, Value terms, Router &router) const {
  Node node = definition(divisor);
  if (node.is("Clip") && node.input(1) && !node.input(2)) {
    std::optional<double> low = analysis.uniform(node.input(1));
    if (!low)
      return false;
    router.floor = *low;
    node = definition(node.input(0));
  } else if (node.is("Max") && node.inputs() == 2) {
    std::optional<double> low = analysis.uniform(node.input(1));
    if (!low)
      return false;
    router.floor = *low;
    node = definition(node.input(0));
  }
  if (node.is("Add")) {
    for (unsigned i : {0, 1})
      if (std::optional<double> number = analysis.uniform(node.input(i))) {
        router.epsilon = *number;
        node = definition(node.input(1 - i));
        break;
      }
  }
  return node.is("ReduceSum") && baseOf(node.input(0)) == baseOf(terms) &&
         router.epsilon >= 0 && router.floor >= 0;
}

/// {a, b} of a / b, or of a * (1 / b); b is null if it is neither.
std::pair<Value, Value> RouterReader::quotient(Node node) const {
  if (node.is("Div") && !analysis.uniform(node.input(1)))
    return {node.input(0), node.input(1)};
  if (node.is("Mul"))
    for (unsigned i : {0, 1})
      if (Node inverse = definition(node.input(i)); inverse.is("Reciprocal"))
        return {node.input(1 - i), inverse.input(0)};
  return {};
}

/// A gather of scores by the ids of this selection.
bool RouterReader::isSelected(Value base) const {
  const Role *role = analysis.role(base);
  return role && role->kind == Role::Selected && role->selection == &selection;
}

/// Takes scale and normalisation off `value` and returns the selected scores
/// below them, or null.
Value RouterReader::peel(Value value, Router &router) const {
  Value base = baseOf(value);
  Node node = Node::defining(base);
  if (base == Node(selection.topk).output(0) || isSelected(base))
    return base;
  bool fresh = router.normalize == moe::Normalize::None;
  if (node.is("Mul"))
    for (unsigned i : {0, 1})
      if (std::optional<double> factor = analysis.uniform(node.input(i))) {
        Value below = peel(node.input(1 - i), router);
        router.scale *= *factor;
        return below;
      }
  Router inner;
  Value below;
  if (auto [terms, divisor] = quotient(node); divisor && fresh) {
    below = peel(terms, inner);
    if (!below || !readSum(divisor, terms, router))
      return {};
    router.normalize = moe::Normalize::Sum;
  } else if (node.is("Softmax") && lastAxis(node) && fresh) {
    below = peel(node.input(0), inner);
    router.normalize = moe::Normalize::Softmax;
  }
  // moe.route scales after it has normalised, once.
  bool simple = inner.scale == 1 && inner.normalize == moe::Normalize::None;
  return below && simple ? below : Value();
}

void RouterReader::absorb(const Chain &chain, bool fromValues, Value source,
                          Router &router) const {
  router.logits = chain.masked;
  bool grouped = chain.groups > 1;
  if (fromValues) {
    // The top-k's values carry bias and mask: those stay in front of the route,
    // except a mask that cannot be selected.
    bool positive = chain.function == moe::Score::Softmax ||
                    chain.function == moe::Score::Sigmoid;
    bool harmless = std::isinf(chain.groupMask) ||
                    (positive && !chain.bias && chain.groupMask == 0);
    if (chain.bias || (grouped && !harmless)) {
      if (grouped && std::isinf(chain.groupMask))
        router.logits = chain.biased;
      else
        return;
    } else {
      router.logits = chain.logits;
      router.score = chain.function;
    }
  } else {
    router.logits = chain.logits;
    router.score = chain.function;
    router.bias = chain.bias;
    if (baseOf(source) != baseOf(chain.score))
      router.weightsFrom = source;
  }
  router.groups = chain.groups;
  router.topGroups = chain.topGroups;
  router.groupScore = chain.groupScore;
  router.groupMask = chain.groupMask;
}

std::optional<Router> RouterReader::read(Value weights, std::string &why) {
  const View *view = analysis.rowsOf(weights);
  if (!view || view->selection != &selection) {
    why = "the weights of the experts do not come from the router's top-k";
    return std::nullopt;
  }
  Router router;
  if (!selection.topk)
    return router;
  Node topk(selection.topk);
  Value root = peel(view->base, router);
  if (!root) { // the arithmetic on the weights stays behind the route
    router = Router();
    root = topk.output(0);
  } else {
    router.weights = view->base;
  }
  Chain chain = readChain();
  Value source =
      root == topk.output(0) ? Value() : Node::defining(root).input(0);
  Operation *definer = source ? source.getDefiningOp() : nullptr;
  if (definer && !definer->isBeforeInBlock(selection.topk)) {
    router = Router(); // gathered behind the route, as it was
    source = {};
  }
  if (!router.weights)
    router.weights = topk.output(0);
  // Where nothing reads the top-k's values, only the selection matters.
  if (!source && topk.output(0).use_empty())
    source = chain.score;
  absorb(chain, !source, source, router);
  return router;
}

} // namespace

std::optional<Router> readRouter(const Analysis &analysis,
                                 const Selection &selection, Value weights,
                                 std::string &why) {
  return RouterReader(analysis, selection).read(weights, why);
}

} // namespace moec::recognize
