#include "passes/import/RecognizeAnalysis.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

/// `value` holds the ids of a selection (or what `kind` says), each as it is.
bool Analysis::isExperts(Value value, Role::Kind kind) const {
  auto known = views.find(value);
  if (known == views.end() || known->second.table)
    return false;
  const Role *base = role(known->second.base);
  return base && base->kind == kind;
}

/// A 1-d TopK keeps all elements. Layers may take the length from each other's
/// tensors, so it is compared as a symbol.
bool Analysis::sortsAll(Node topk) const {
  std::optional<SymDims> length = shapes.knownContents(topk.input(1));
  return length && length->size() == 1 &&
         length->front() == shapes.dim(topk.input(0), 0);
}

/// Argsort by expert (then token, choice: TopK puts equal keys in order of
/// index), or of such a permutation, which inverts it.
bool Analysis::argsort(Node node, const View &keys) {
  const Role *base = role(keys.base);
  bool ascending = node.integer("largest", 1) == 0;
  if (!base || !ascending || keys.axes.size() != 1 || keys.table ||
      node.integer("sorted", 1) == 0)
    return false;
  Selection *selection = base->selection;
  bool ofIds = base->kind == Role::Ids && !keys.sort &&
               flatten(keys.axes) == flatten(selection->axes);
  if (!ofIds && base->kind != Role::Row)
    return false;
  selection->usesExperts |= ofIds;
  if (!sortsAll(node)) {
    selection->obstacle =
        "the length of the sort by expert is not provably the "
        "number of rows";
    return false;
  }
  View order = keys;
  if (ofIds) {
    order.sort = node.operation();
    alias(node.output(0), order);
    define(node.output(1), order, Role{Role::Row, selection, order.sort});
  } else {
    order.sort = nullptr;
    define(node.output(1), order, Role{Role::Inverse, selection, base->sort});
  }
  return true;
}

void Analysis::visitTopK(Node node) {
  std::optional<View> view = this->view(node.input(0));
  auto type = dyn_cast<RankedTensorType>(node.input(0).getType());
  if (!view || !type || !node.output(1) || type.getRank() == 0)
    return;
  int64_t last = type.getRank() - 1, axis = node.integer("axis", -1);
  if (axis != -1 && axis != last)
    return;
  if (argsort(node, *view))
    return;
  std::optional<double> k =
      node.input(1) ? uniform(node.input(1)) : std::optional<double>();
  if (!k && node.has("k"))
    k = static_cast<double>(node.integer("k", 1));
  int64_t experts = type.getDimSize(last);
  if (!k || *k < 1 || ShapedType::isDynamic(experts) || *k > experts ||
      node.integer("largest", 1) == 0 || !isa<FloatType>(type.getElementType()))
    return;
  allSelections.push_back({});
  Selection &selection = allSelections.back();
  selection.ids = node.output(1);
  selection.topk = node.operation();
  selection.scores = node.input(0);
  selection.k = static_cast<int64_t>(*k);
  selection.experts = experts;
  for (int64_t i = 0; i < last; ++i)
    selection.axes.push_back(
        {{AtomKind::Token, static_cast<unsigned>(i), type.getDimSize(i)}});
  selection.axes.push_back({{AtomKind::Choice, 0, selection.k}});
  View chosen;
  chosen.axes = selection.axes;
  chosen.selection = &selection;
  if (node.output(0))
    define(node.output(0), chosen);
  define(node.output(1), chosen, Role{Role::Ids, &selection});
}

/// The end of the rows of expert e, as e; -1 is the start of expert 0's.
std::optional<int64_t> Analysis::boundary(Value value) const {
  if (!value)
    return std::nullopt;
  if (std::optional<double> number = uniform(value))
    return *number == 0 ? std::optional<int64_t>(-1) : std::nullopt;
  auto known = views.find(value);
  if (known == views.end() || sizeOf(flatten(known->second.axes)) != 1)
    return std::nullopt;
  const Role *base = role(known->second.base);
  if (!base || base->kind != Role::Offsets)
    return std::nullopt;
  return known->second.offset(AtomKind::Base, 0) - base->shift;
}

Selection *Analysis::selectionOf(Value boundary) const {
  std::optional<View> view = this->view(boundary);
  const Role *base = view ? role(view->base) : nullptr;
  return base ? base->selection : nullptr;
}

void Analysis::visitRange(Node node) {
  std::optional<int64_t> from = boundary(node.input(0)),
                         to = boundary(node.input(1));
  std::optional<View> leaf = leafView(node.output());
  if (!leaf || uniform(node.input(2)) != 1)
    return;
  if (from && to && *to == *from + 1) {
    Role range{Role::RowRange};
    range.selection = selectionOf(node.input(1));
    range.expert = *to;
    return define(node.output(), *leaf, range);
  }
  if (uniform(node.input(0)) == 0)
    define(node.output(), *leaf, Role{Role::Iota});
}

void Analysis::visitCumSum(Node node) {
  std::optional<View> view = this->view(node.input(0));
  if (!view || !isExperts(node.input(0), Role::Counts) ||
      view->axes.size() != 1 || node.integer("exclusive", 0) != 0 ||
      node.integer("reverse", 0) != 0)
    return;
  define(node.output(), *view,
         Role{Role::Offsets, role(view->base)->selection});
}

void Analysis::visitOneHot(Node node) {
  std::optional<View> view = this->view(node.input(0));
  std::optional<SmallVector<int64_t>> values;
  if (DenseElementsAttr elements = constantValue(node.input(2));
      elements && elements.getNumElements() == 2) {
    bool zeroOne = false;
    if (isa<FloatType>(elements.getElementType())) {
      auto range = elements.getValues<APFloat>();
      zeroOne = (*range.begin()).isZero() &&
                (*std::next(range.begin())).isExactlyValue(1.0);
    } else if (auto list = constantIntegers(node.input(2))) {
      zeroOne = (*list)[0] == 0 && (*list)[1] == 1;
    }
    if (!zeroOne)
      return;
  } else {
    return;
  }
  if (!view || !isExperts(node.input(0), Role::Ids) ||
      node.integer("axis", -1) != -1)
    return;
  Selection *selection = role(view->base)->selection;
  if (uniform(node.input(1)) != static_cast<double>(selection->experts))
    return;
  View hot = *view;
  hot.axes.push_back({{AtomKind::Base, 0, selection->experts}});
  define(node.output(), hot, Role{Role::OneHot, selection});
}

void Analysis::visitConstantOfShape(Node node) {
  auto value = node.operation()->getAttrOfType<DenseElementsAttr>("value");
  if (!value)
    return setUniform(node.output(), 0);
  if (!value.isSplat())
    return;
  if (isa<FloatType>(value.getElementType()))
    setUniform(node.output(), value.getSplatValue<APFloat>().convertToDouble());
  else
    setUniform(node.output(), static_cast<double>(
                                  value.getSplatValue<APInt>().getSExtValue()));
}

/// Without its last axis, over which ScatterND's and GatherND's indices run.
static std::optional<Layout> withoutIndexAxis(const Layout &axes) {
  if (axes.empty() || sizeOf(axes.back()) != 1)
    return std::nullopt;
  return squeeze(axes, {-1});
}

/// Ones scattered onto zeros by id: a histogram if they add up, else a mask.
void Analysis::scatterOnes(Node node, const Layout &positions,
                           Selection *selection) {
  std::optional<View> leaf = leafView(node.output());
  if (!leaf)
    return;
  auto type = cast<RankedTensorType>(node.output().getType());
  bool nd = node.is("ScatterND");
  bool adds = node.string("reduction", "none") == "add";
  int64_t axis = nd ? 0 : node.integer("axis", 0), last = type.getRank() - 1;
  int64_t width = type.getShape().back();
  bool counts = adds && axis == 0 && type.getRank() == 1 &&
                flatten(positions) == flatten(selection->axes);
  bool mask = !adds && !nd && positions == selection->axes &&
              (axis == -1 || axis == last) && width == selection->experts;
  if (counts && width == selection->experts)
    define(node.output(), *leaf, Role{Role::Counts, selection});
  else if (counts)
    selection->obstacle = "the histogram over experts has " +
                          std::to_string(width) + " bins, the router " +
                          std::to_string(selection->experts) + " experts";
  else if (mask && selection->k == selection->experts && selection->topk)
    setUniform(node.output(), 1); // all are chosen
  else if (mask)
    define(node.output(), *leaf, Role{Role::GroupMask, selection});
}

/// 0, .., 0, 1, .., 1, ...: each index k times.
static bool repeatsEach(const Layout &positions, int64_t k) {
  Axis order = flatten(positions);
  bool repeats = order.size() == 2 && order[1].kind == AtomKind::Repeat &&
                 order[1].size == k;
  return order.size() >= 1 && order[0].kind == AtomKind::Base &&
         (k == 1 ? order.size() == 1 : repeats);
}

void Analysis::visitScatter(Node node) {
  Value data = node.input(0), indices = node.input(1), updates = node.input(2);
  bool nd = node.is("ScatterND");
  bool adds = node.string("reduction", "none") == "add";
  std::optional<View> index = this->view(indices);
  const Role *base = index && !index->table ? role(index->base) : nullptr;
  if (!base)
    return;
  Selection *selection = base->selection;
  Layout positions = index->axes;
  if (nd) {
    std::optional<Layout> stripped = withoutIndexAxis(positions);
    if (!stripped)
      return;
    positions = *stripped;
  }
  int64_t axis = nd ? 0 : node.integer("axis", 0);
  bool ontoZeros = uniform(data) == 0;
  if (base->kind == Role::Ids) {
    if (ontoZeros && uniform(updates) == 1)
      scatterOnes(node, positions, selection);
    return;
  }
  std::optional<View> source = this->view(updates);
  const Role *sourceRole = source ? role(source->base) : nullptr;
  if (base->kind == Role::Row && axis == 0 && !adds && positions.size() == 1 &&
      sourceRole && sourceRole->kind == Role::Iota) {
    View inverse = *index;
    inverse.axes = positions;
    inverse.sort = nullptr;
    return define(node.output(), inverse,
                  Role{Role::Inverse, selection, base->sort});
  }
  // index_add: each row is added to its token.
  bool byToken = givesToken(*base) && source &&
                 source->selection == selection && source->sort == index->sort;
  bool byPosition = base->kind == Role::Iota && source && source->selection &&
                    !source->sort &&
                    repeatsEach(positions, source->selection->k);
  if ((byToken || byPosition) && axis == 0 && adds && ontoZeros &&
      source->expert < 0 && hasKind(source->axes, AtomKind::Feature))
    allCombines.push_back({node.operation(), updates, {}, source->selection});
}

/// Split of sorted rows into as many parts as there are experts, by their
/// counts.
bool Analysis::splitByCounts(Node node) {
  std::optional<View> rows = this->view(node.input(0));
  if (!rows || !rows->selection || !rows->sort || !node.input(1) ||
      node.integer("axis", 0) != 0 || !isExperts(node.input(1), Role::Counts) ||
      selectionOf(node.input(1)) != rows->selection ||
      node.outputs() != rows->selection->experts)
    return false;
  for (unsigned i = 0; i < node.outputs(); ++i) {
    View part = *rows;
    part.expert = i;
    if (node.output(i))
      alias(node.output(i), part);
  }
  return true;
}

} // namespace moec::recognize
