#include "passes/import/RecognizeAnalysis.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

std::string missingExperts(const Selection &selection, int64_t computed,
                           const std::string &missing) {
  return "the graph computes " + std::to_string(computed) + " of " +
         std::to_string(selection.experts) + " experts; missing: " + missing +
         "; the export was traced for some inputs only and is wrong for "
         "others, export the model again";
}

std::string wrongBank(const Selection &selection, int64_t experts) {
  return "a bank has " + std::to_string(experts) +
         " experts, the router chooses among " +
         std::to_string(selection.experts) +
         "; a layer needs one matrix per output of its router";
}

std::optional<View> Analysis::view(Value value) const {
  auto known = views.find(value);
  return known != views.end() ? known->second : leafView(value);
}

const Role *Analysis::role(Value base) const {
  auto known = roles.find(base);
  return known != roles.end() ? &known->second : nullptr;
}

const Product *Analysis::product(Value base) const {
  auto known = products.find(base);
  return known != products.end() ? &known->second : nullptr;
}

std::optional<double> Analysis::uniform(Value value) const {
  auto known = uniforms.find(value);
  if (known != uniforms.end())
    return known->second;
  DenseElementsAttr elements = constantValue(value);
  if (!elements || !elements.isSplat())
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType()))
    return elements.getSplatValue<APFloat>().convertToDouble();
  if (elements.getElementType().isInteger(1))
    return elements.getSplatValue<APInt>().getBoolValue();
  return static_cast<double>(elements.getSplatValue<APInt>().getSExtValue());
}

const View *Analysis::rowsOf(Value value) const {
  auto known = views.find(value);
  return known != views.end() && known->second.selection ? &known->second
                                                         : nullptr;
}

/// The layout does not contradict the value's type: what an operator broadcasts
/// to more than its operand has is no view of the operand.
static bool fits(const Layout &axes, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() != static_cast<int64_t>(axes.size()))
    return false;
  for (auto [axis, size] : llvm::zip(axes, type.getShape())) {
    int64_t expected = sizeOf(axis);
    if (axis.empty() ? size != 1
                     : !ShapedType::isDynamic(size) &&
                           !ShapedType::isDynamic(expected) && size != expected)
      return false;
  }
  return true;
}

void Analysis::alias(Value to, View view) {
  if (fits(view.axes, to) || view.expert >= 0)
    views[to] = std::move(view);
}

void Analysis::define(Value value, View view, std::optional<Role> role) {
  if (!fits(view.axes, value) && view.expert < 0)
    return;
  view.base = value;
  view.offsets.clear();
  view.table.reset();
  view.negated = false;
  views[value] = std::move(view);
  if (role)
    roles[value] = *role;
}

bool Analysis::isParameter(Value value, unsigned depth) const {
  Operation *op = value.getDefiningOp();
  if (!op || isa<onnx::WeightOp, onnx::ConstantOp>(op))
    return op != nullptr;
  return depth > 0 && Node::isNode(op) &&
         llvm::all_of(op->getOperands(), [&](Value operand) {
           return isParameter(operand, depth - 1);
         });
}

Analysis::Rule Analysis::ruleFor(StringRef kind) {
  return llvm::StringSwitch<Rule>(kind)
      .Case("Identity", &Analysis::visitAlias)
      .Case("Cast", &Analysis::visitCast)
      .Case("CastLike", &Analysis::visitCast)
      .Case("Reshape", &Analysis::visitReshape)
      .Case("Flatten", &Analysis::visitFlatten)
      .Case("Squeeze", &Analysis::visitSqueeze)
      .Case("Unsqueeze", &Analysis::visitUnsqueeze)
      .Case("Transpose", &Analysis::visitTranspose)
      .Case("Expand", &Analysis::visitExpand)
      .Case("Tile", &Analysis::visitTile)
      .Case("Split", &Analysis::visitSplit)
      .Case("Slice", &Analysis::visitSlice)
      .Case("TopK", &Analysis::visitTopK)
      .Case("Range", &Analysis::visitRange)
      .Case("CumSum", &Analysis::visitCumSum)
      .Case("OneHot", &Analysis::visitOneHot)
      .Case("ConstantOfShape", &Analysis::visitConstantOfShape)
      .Cases({"ScatterElements", "ScatterND"}, &Analysis::visitScatter)
      .Case("Softmax", &Analysis::visitSoftmax)
      .Case("Where", &Analysis::visitWhere)
      .Cases({"ReduceSum", "ReduceMax"}, &Analysis::visitReduce)
      .Cases({"MatMul", "Gemm", "com.microsoft.FusedMatMul"},
             &Analysis::visitMatMul)
      .Case("Concat", &Analysis::visitConcat)
      .Cases({"Gather", "GatherND"}, &Analysis::visitGather)
      .Case("GatherElements", &Analysis::visitGatherElements)
      .Cases({"Add", "Sub", "Mul", "Div", "Mod"}, &Analysis::visitElementwise)
      .Cases({"Min", "Max", "Pow", "Clip", "Neg", "Abs"},
             &Analysis::visitElementwise)
      .Cases({"Sigmoid", "Tanh", "Erf", "Exp", "Relu", "Sqrt"},
             &Analysis::visitElementwise)
      .Cases({"Gelu", "com.microsoft.Gelu", "com.microsoft.QuickGelu", "Swish"},
             &Analysis::visitElementwise)
      .Cases({"Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"},
             &Analysis::visitElementwise)
      .Cases({"And", "Or", "Not", "Floor", "Softplus", "Reciprocal"},
             &Analysis::visitElementwise)
      .Case("Sign", &Analysis::visitElementwise)
      .Default(nullptr);
}

void Analysis::run(Block &block) {
  findChosen(block);
  defineChosen(block.getArguments());
  for (Operation &op : block) {
    if (!Node::isNode(&op))
      continue;
    Node node(&op);
    if (Rule rule = ruleFor(node.kind()))
      (this->*rule)(node);
    defineChosen(op.getResults());
  }
}

std::optional<View> Analysis::repeatedTokens(const View &view,
                                             Selection *selection) const {
  auto type = dyn_cast<RankedTensorType>(view.base.getType());
  if (!type || !view.offsets.empty() || view.selection)
    return std::nullopt;
  unsigned feature = type.getRank() - 1;
  Axis order = flatten(view.axes);
  // Expected: the token axes, k copies of each token (broadcast if absent),
  // features.
  unsigned next = 0;
  bool repeated = false;
  auto skipOnes = [&](unsigned end) { // axes of size 1 have no atom
    while (next < end && type.getDimSize(next) == 1)
      ++next;
  };
  for (const Atom &atom : order) {
    bool copies = atom.kind == AtomKind::Repeat;
    skipOnes(copies ? feature : atom.axis);
    if (copies) {
      if (repeated || next < feature || atom.size != selection->k)
        return std::nullopt;
      repeated = true;
      continue;
    }
    if (atom.axis != next || atom.stride != 1 ||
        atom.size != type.getDimSize(atom.axis))
      return std::nullopt;
    ++next;
  }
  if (next != feature + 1)
    return std::nullopt;
  View result = view;
  result.selection = selection;
  for (Axis &axis : result.axes)
    for (Atom &atom : axis) {
      if (atom.kind == AtomKind::Repeat)
        atom = {AtomKind::Choice, 0, selection->k};
      else if (atom.axis == feature)
        atom = {AtomKind::Feature, 0, atom.size};
      else
        atom = {AtomKind::Token, atom.axis, atom.size};
    }
  return result;
}

} // namespace moec::recognize
