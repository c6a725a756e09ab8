#include "passes/import/RecognizeAnalysis.h"

#include "llvm/ADT/StringSwitch.h"

#include <cmath>

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

namespace {

using Numbers = llvm::ArrayRef<double>;
using Function = double (*)(double, double);

/// What the operators on numbers that recognition evaluates compute.
/// Comparisons give 0 or 1.
Function binaryFunction(StringRef kind) {
  return llvm::StringSwitch<Function>(kind)
      .Case("Add", [](double a, double b) { return a + b; })
      .Case("Sub", [](double a, double b) { return a - b; })
      .Case("Mul", [](double a, double b) { return a * b; })
      .Case("Div", [](double a, double b) { return a / b; })
      .Case("Min", [](double a, double b) { return std::fmin(a, b); })
      .Case("Max", [](double a, double b) { return std::fmax(a, b); })
      .Case("Less", [](double a, double b) { return double(a < b); })
      .Case("LessOrEqual", [](double a, double b) { return double(a <= b); })
      .Case("Greater", [](double a, double b) { return double(a > b); })
      .Case("GreaterOrEqual", [](double a, double b) { return double(a >= b); })
      .Case("Equal", [](double a, double b) { return double(a == b); })
      .Case("And", [](double a, double b) { return double(a != 0 && b != 0); })
      .Case("Or", [](double a, double b) { return double(a != 0 || b != 0); })
      .Default(nullptr);
}

/// One element of the result of `node` in the arithmetic of the result's type.
std::optional<double> evaluate(Node node, Numbers inputs) {
  auto type = dyn_cast<RankedTensorType>(node.output().getType());
  if (!type)
    return std::nullopt;
  double result;
  if (Function function = binaryFunction(node.kind());
      function && inputs.size() == 2)
    result = function(inputs[0], inputs[1]);
  else if (node.is("Not") && inputs.size() == 1)
    result = inputs[0] == 0;
  else if (node.is("Floor") && inputs.size() == 1)
    result = std::floor(inputs[0]);
  else if (node.is("Neg") && inputs.size() == 1)
    result = -inputs[0];
  else
    return std::nullopt;
  if (type.getElementType().isF32())
    return static_cast<float>(result);
  if (type.getElementType().isInteger())
    return std::trunc(result);
  return type.getElementType().isF64() ? std::optional(result) : std::nullopt;
}

/// Clip as two binary operators; absent bounds do nothing.
double clip(double x, std::optional<double> low, std::optional<double> high) {
  if (low)
    x = std::fmax(x, *low);
  if (high)
    x = std::fmin(x, *high);
  return x;
}

} // namespace

/// All inputs are uniform, or one of them decides the result.
bool Analysis::constants(Node node) {
  SmallVector<double> inputs;
  bool all = true;
  for (unsigned i = 0; i < node.inputs(); ++i) {
    std::optional<double> number =
        node.input(i) ? uniform(node.input(i)) : std::optional<double>();
    if (number &&
        ((node.is("And") && *number == 0) || (node.is("Or") && *number != 0))) {
      setUniform(node.output(), *number);
      return true;
    }
    all &= number.has_value();
    inputs.push_back(number.value_or(0));
  }
  if (!all)
    return false;
  if (std::optional<double> result = evaluate(node, inputs))
    setUniform(node.output(), *result);
  return true;
}

/// Arithmetic on expert ids with constants: a table over the E ids. So a clamp
/// that does nothing, a mask that is always true and a histogram's odd binning
/// are seen for what they are. Ids that no top-k chose may be anything; only
/// those that are sorted are checked when the program runs.
bool Analysis::tables(Node node) {
  const View *ids = nullptr;
  int64_t position = -1;
  for (unsigned i = 0; i < node.inputs(); ++i) {
    Value input = node.input(i);
    if (!input || uniform(input))
      continue;
    const View *view = rowsOf(input);
    const Role *base = view ? role(view->base) : nullptr;
    if (!base || base->kind != Role::Ids || ids)
      return false;
    ids = view;
    position = i;
  }
  if (!ids || (!ids->selection->topk && !ids->sort))
    return false;
  View result = *ids;
  int64_t experts = ids->selection->experts;
  auto table = std::make_shared<std::vector<double>>(experts);
  bool identity = true, same = true;
  for (int64_t id = 0; id < experts; ++id) {
    double x = ids->table ? (*ids->table)[id] : static_cast<double>(id);
    std::optional<double> y;
    if (node.is("Clip")) {
      auto bound = [&](unsigned i) {
        return node.input(i) ? uniform(node.input(i)) : std::optional<double>();
      };
      y = clip(x, bound(1), bound(2));
    } else {
      SmallVector<double> inputs;
      for (unsigned i = 0; i < node.inputs(); ++i)
        inputs.push_back(i == position ? x : *uniform(node.input(i)));
      y = evaluate(node, inputs);
    }
    if (!y)
      return true; // known to be no row arithmetic; nothing to say about it
    (*table)[id] = *y;
    identity &= *y == static_cast<double>(id);
    same &= *y == table->front();
  }
  if (same)
    setUniform(node.output(), table->front());
  result.table = identity ? nullptr : table;
  alias(node.output(), result);
  return true;
}

/// Adding zero and multiplying by one do nothing to any view.
bool Analysis::neutral(Node node, Value operand, double number, bool onRight) {
  auto from = dyn_cast<RankedTensorType>(operand.getType());
  auto to = dyn_cast<RankedTensorType>(node.output().getType());
  const View *view = rowsOf(operand);
  bool nothing = (node.is("Add") && number == 0) ||
                 (node.is("Mul") && number == 1) ||
                 (node.is("Sub") && onRight && number == 0) ||
                 (node.is("Div") && onRight && number == 1);
  if (!nothing || !view || !from || !to || from.getShape() != to.getShape())
    return false;
  alias(node.output(), *view);
  return true;
}

/// A mask of groups of experts, inverted or compared with 0 or 1.
bool Analysis::maskArithmetic(Node node) {
  std::optional<View> mask = view(node.input(0));
  const Role *base = mask ? role(mask->base) : nullptr;
  if (!base || base->kind != Role::GroupMask)
    return false;
  std::optional<double> number =
      node.inputs() == 2 ? uniform(node.input(1)) : std::optional<double>();
  bool keeps = (node.is("Equal") && number == 1) ||
               (node.is("Greater") && number && *number >= 0 && *number < 1);
  bool inverts = node.is("Not") || (node.is("Equal") && number == 0);
  if (!keeps && !inverts)
    return false;
  mask->negated ^= inverts;
  alias(node.output(), *mask);
  return true;
}

/// Position / k is the token, whatever the exporter needs to say "floor
/// division".
bool Analysis::indexArithmetic(Node node, Value operand, double number) {
  std::optional<View> index = view(operand);
  const Role *base = index ? role(index->base) : nullptr;
  if (!base || (base->kind != Role::Row && base->kind != Role::Iota))
    return false;
  if (node.is("Less") && number <= 0) {
    setUniform(node.output(), 0);
    return true;
  }
  auto to = dyn_cast<RankedTensorType>(node.output().getType());
  if (!node.is("Div") || !to || number < 1)
    return false;
  bool isExact = isa<FloatType>(to.getElementType());
  if (isExact && base->kind != Role::Row)
    return false;
  if (base->kind == Role::Iota) {
    if (index->axes.size() != 1)
      return false;
    index->axes[0].push_back(
        {AtomKind::Repeat, 0, static_cast<int64_t>(number)});
    define(node.output(), *index, Role{Role::Iota});
    return true;
  }
  if (number != static_cast<double>(base->selection->k))
    return false;
  define(node.output(), *index,
         Role{isExact ? Role::Quotient : Role::Token, base->selection,
              base->sort});
  return true;
}

/// floor(|position / k|) * sign(position / k): a division that rounds towards
/// zero, in floats.
bool Analysis::quotientArithmetic(Node node) {
  auto operand = [&](unsigned i, Role::Kind kind) {
    std::optional<View> known = view(node.input(i));
    const Role *base = known ? role(known->base) : nullptr;
    return base && base->kind == kind ? known : std::nullopt;
  };
  if (std::optional<View> quotient = operand(0, Role::Quotient)) {
    Role base = *role(quotient->base);
    if (node.is("Abs"))
      return alias(node.output(), *quotient), true;
    base.kind = node.is("Floor") ? Role::Token : Role::Sign;
    if (!node.is("Floor") && !node.is("Sign"))
      return false;
    return define(node.output(), *quotient, base), true;
  }
  if (!node.is("Mul"))
    return false;
  for (unsigned i : {0, 1})
    if (std::optional<View> token = operand(i, Role::Token))
      if (std::optional<View> sign = operand(1 - i, Role::Sign);
          sign && sign->selection == token->selection &&
          sign->axes == token->axes && sign->offsets == token->offsets &&
          role(sign->base)->sort == role(token->base)->sort)
        return alias(node.output(), *token), true;
  return false;
}

bool Analysis::rowArithmetic(Node node) {
  if (maskArithmetic(node) || quotientArithmetic(node))
    return true;
  if (node.inputs() != 2 || !node.input(0) || !node.input(1))
    return false;
  std::optional<double> left = uniform(node.input(0)),
                        right = uniform(node.input(1));
  if (left.has_value() == right.has_value())
    return false;
  Value operand = right ? node.input(0) : node.input(1);
  double number = right ? *right : *left;
  return neutral(node, operand, number, right.has_value()) ||
         (right && indexArithmetic(node, operand, number));
}

} // namespace moec::recognize
