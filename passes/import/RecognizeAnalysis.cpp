#include "passes/import/RecognizeAnalysis.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

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

void Analysis::alias(Value to, const View &view) { views[to] = view; }

void Analysis::define(Value value, View view, std::optional<Role> role) {
  view.base = value;
  view.offsets.clear();
  view.table.reset();
  view.negated = false;
  views[value] = std::move(view);
  if (role)
    roles[value] = *role;
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
      .Cases({"Shape", "Size"}, &Analysis::visitShape)
      .Case("TopK", &Analysis::visitTopK)
      .Case("Range", &Analysis::visitRange)
      .Case("CumSum", &Analysis::visitCumSum)
      .Case("OneHot", &Analysis::visitOneHot)
      .Case("ConstantOfShape", &Analysis::visitConstantOfShape)
      .Cases({"ScatterElements", "ScatterND"}, &Analysis::visitScatter)
      .Case("Softmax", &Analysis::visitSoftmax)
      .Case("Where", &Analysis::visitWhere)
      .Cases({"ReduceSum", "ReduceMax"}, &Analysis::visitReduce)
      .Cases({"MatMul", "com.microsoft.FusedMatMul"}, &Analysis::visitMatMul)
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
      .Default(nullptr);
}

void Analysis::run(Block &block) {
  for (Operation &op : block) {
    if (!Node::isNode(&op))
      continue;
    Node node(&op);
    if (Rule rule = ruleFor(node.kind()))
      (this->*rule)(node);
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
  for (const Atom &atom : order) {
    if (atom.kind == AtomKind::Repeat) {
      if (repeated || next < feature || atom.size != selection->k)
        return std::nullopt;
      repeated = true;
      continue;
    }
    // Axes of size 1 have no atom.
    while (next < atom.axis && type.getDimSize(next) == 1)
      ++next;
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
