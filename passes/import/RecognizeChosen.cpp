#include "passes/import/RecognizeAnalysis.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

/// The one operand of an element-wise node that is no parameter, or null.
static Value onlyVariable(Node node, llvm::function_ref<bool(Value)> isFixed) {
  Value only;
  for (unsigned i = 0; i < node.inputs(); ++i) {
    Value input = node.input(i);
    if (!input || isFixed(input))
      continue;
    if (only)
      return {};
    only = input;
  }
  return only;
}

/// Where the ids come from that `index` holds in some order and shape; null for
/// positions of a sort. Ids that are clamped or shifted are other ids, but a
/// histogram may bin them between the sort and itself.
static Value sourceOfIds(Value index, bool mayBin,
                         llvm::function_ref<bool(Value)> isFixed) {
  Value binned; // what arithmetic that no sort precedes makes of the ids
  for (;;) {
    Node node = Node::defining(index);
    Value from;
    if (node.is("Reshape") || node.is("Squeeze") || node.is("Unsqueeze") ||
        node.is("Flatten") || node.is("Identity") || node.is("Cast") ||
        node.is("Expand"))
      from = node.input(0);
    else if (mayBin && (node.is("Clip") || node.is("Min") || node.is("Max") ||
                        node.is("Add") || node.is("Sub") || node.is("Mul") ||
                        node.is("Div"))) {
      from = onlyVariable(node, isFixed);
      binned = from && !binned ? index : binned;
    } else if (node.is("TopK") && node.integer("largest", 1) == 0) {
      from = index == node.output(0) ? node.input(0) : Value();
      mayBin = false;
      binned = {};
    }
    if (node.is("TopK") && !from)
      return {};
    if (!from)
      return binned ? binned : index;
    index = from;
  }
}

/// Every layer gathers matrices by expert id (form C) or counts the ids of each
/// expert (form G). Followed backwards from there, each step once.
void Analysis::findChosen(Block &block) {
  auto isFixed = [&](Value value) { return isParameter(value); };
  for (Operation &op : block) {
    if (!Node::isNode(&op))
      continue;
    Node node(&op);
    bool gathers = node.is("Gather") || node.is("GatherND");
    bool counts = node.is("ScatterElements") || node.is("ScatterND");
    if ((!gathers && !counts) || node.integer("axis", 0) != 0 ||
        (counts && node.string("reduction", "none") != "add"))
      continue;
    RankedTensorType data = node.inputType(0);
    bool isBank = gathers && data && data.getRank() >= 3;
    bool isHistogram = counts && data && data.getRank() == 1;
    if ((!isBank && !isHistogram) || !data.hasStaticShape() ||
        !isParameter(node.input(0)) || isParameter(node.input(1)))
      continue;
    if (Value ids = sourceOfIds(node.input(1), isHistogram, isFixed))
      chosen.try_emplace(ids, data.getDimSize(0));
  }
}

void Analysis::defineChosen(ValueRange values) {
  for (Value value : values) {
    auto found = chosen.find(value);
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (found == chosen.end() || isExperts(value, Role::Ids) || !type ||
        !type.getElementType().isSignlessInteger() || type.getRank() == 0)
      continue;
    int64_t last = type.getRank() - 1, k = type.getDimSize(last);
    bool hasChoices = type.getRank() > 1 && !ShapedType::isDynamic(k);
    allSelections.push_back({});
    Selection &selection = allSelections.back();
    selection.ids = value;
    selection.k = hasChoices ? k : 1;
    selection.experts = found->second;
    for (int64_t i = 0; i < last + !hasChoices; ++i)
      selection.axes.push_back(
          {{AtomKind::Token, static_cast<unsigned>(i), type.getDimSize(i)}});
    if (hasChoices)
      selection.axes.push_back({{AtomKind::Choice, 0, k}});
    View view;
    view.axes = selection.axes;
    view.selection = &selection;
    define(value, view, Role{Role::Ids, &selection});
  }
}

/// Whether `value` can hold a number for each token and choice.
static bool isPerChoice(Value value, int64_t k) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !isa<FloatType>(type.getElementType()))
    return false;
  return type.getRank() >= 2 ? type.getShape().back() == k
                             : type.getRank() == 1 && k == 1;
}

/// What `value` is a reshape of, perhaps in another float type; null if it is
/// none.
static Value reshaped(Value value) {
  Node node = Node::defining(value);
  auto isFloat = [](Value x) {
    auto type = dyn_cast<RankedTensorType>(x.getType());
    return type && isa<FloatType>(type.getElementType());
  };
  bool isReshape =
      node.is("Reshape") || node.is("Squeeze") || node.is("Unsqueeze") ||
      node.is("Flatten") || node.is("Identity") ||
      (node.is("Cast") && isFloat(value) && isFloat(node.input(0)));
  return isReshape ? node.input(0) : Value();
}

/// Over how many axes of unknown or larger size than 1 the tokens run.
static int64_t tokenRank(const Layout &axes) {
  Axis order = flatten(axes);
  return llvm::count_if(order, [](const Atom &atom) {
    return atom.kind == AtomKind::Token && atom.size != 1;
  });
}

/// Numbers for each token and choice that some ops computed from something
/// else than the ids. Their number of tokens is checked when the program runs,
/// which would refuse numbers that the graph broadcasts over tokens.
std::optional<View> Analysis::rowsIn(Value value, Selection *selection) {
  std::optional<View> known = view(value);
  if (!known || known->selection)
    return known;
  Value numbers = value;
  while (numbers && !isPerChoice(numbers, selection->k))
    numbers = reshaped(numbers);
  if (!numbers || isParameter(numbers) || uniform(numbers) || role(numbers))
    return std::nullopt;
  auto type = cast<RankedTensorType>(numbers.getType());
  View rows;
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    bool isChoice = selection->k > 1 && axis + 1 == type.getShape().size();
    rows.axes.emplace_back();
    if (size != 1) // an axis of size 1 has no atom
      rows.axes.back().push_back(
          isChoice ? Atom{AtomKind::Choice, 0, size}
                   : Atom{AtomKind::Token, unsigned(axis), size});
  }
  if (tokenRank(rows.axes) != tokenRank(selection->axes) &&
      shapes.elements(numbers) != shapes.elements(selection->ids))
    return std::nullopt;
  rows.selection = selection;
  std::optional<Layout> axes =
      reshape(rows.axes, cast<RankedTensorType>(value.getType()).getShape());
  if (!axes)
    return std::nullopt;
  define(numbers, rows);
  rows.base = numbers;
  rows.axes = *axes;
  views[value] = rows;
  return rows;
}

} // namespace moec::recognize
