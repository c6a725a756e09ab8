#include "passes/import/RecognizeAnalysis.h"

#include <cmath>

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

/// Axes of Squeeze, Unsqueeze and reductions: an input since opset 13 (18 for
/// some reductions), before that an attribute.
static std::optional<SmallVector<int64_t>> axesOf(Node node) {
  if (node.input(1))
    return constantIntegers(node.input(1));
  return node.integers("axes");
}

static int64_t fromEnd(int64_t axis, size_t rank) {
  return axis < 0 ? axis + static_cast<int64_t>(rank) : axis;
}

void Analysis::visitAlias(Node node) {
  if (std::optional<View> view = this->view(node.input(0)))
    alias(node.output(), *view);
  if (std::optional<double> number = uniform(node.input(0)))
    setUniform(node.output(), *number);
}

/// A cast keeps what a value means if it keeps its numbers; elsewhere it makes
/// a tensor of its own. Between float types it only rounds.
void Analysis::visitCast(Node node) {
  auto to = dyn_cast<RankedTensorType>(node.output().getType());
  if (std::optional<double> number = uniform(node.input(0)); number && to)
    setUniform(node.output(),
               to.getElementType().isInteger(1)
                   ? *number != 0
                   : (to.getElementType().isInteger() ? std::trunc(*number)
                                                      : *number));
  auto known = views.find(node.input(0));
  if (known == views.end() || !to)
    return;
  View view = known->second;
  Type element = to.getElementType();
  const Role *base = role(view.base);
  if (base && base->kind == Role::Ids) {
    if (view.table || element.isInteger(1)) {
      std::vector<double> table(base->selection->experts);
      for (auto [id, x] : llvm::enumerate(table)) {
        double from = view.table ? (*view.table)[id] : static_cast<double>(id);
        x = element.isInteger(1)  ? from != 0
            : element.isInteger() ? std::trunc(from)
                                  : from;
      }
      view.table =
          std::make_shared<const std::vector<double>>(std::move(table));
    }
    // Narrower types may not tell all ids apart.
    if (element.isInteger(1) || element.getIntOrFloatBitWidth() >= 32)
      alias(node.output(), view);
    return;
  }
  bool isPosition = base &&
                    (base->kind == Role::Row || base->kind == Role::Token) &&
                    element.getIntOrFloatBitWidth() >= 32;
  bool isMask = base && base->kind == Role::GroupMask;
  bool isCount =
      base && (base->kind == Role::Counts || base->kind == Role::Offsets ||
               base->kind == Role::OneHot);
  auto from = cast<RankedTensorType>(node.input(0).getType());
  bool sameKind =
      isa<FloatType>(from.getElementType()) == isa<FloatType>(element);
  if (isPosition || isMask || isCount ||
      (view.selection && sameKind && !element.isInteger(1)))
    alias(node.output(), view);
}

/// The target of a Reshape: the constant shape where there is one, else the
/// sizes that the result's type has.
static std::optional<SmallVector<int64_t>> reshapeTarget(Node node) {
  auto type = dyn_cast<RankedTensorType>(node.output().getType());
  std::optional<SmallVector<int64_t>> constant =
      constantIntegers(node.input(1));
  if (!constant) {
    if (!type)
      return std::nullopt;
    return SmallVector<int64_t>(type.getShape());
  }
  auto source = dyn_cast<RankedTensorType>(node.input(0).getType());
  for (auto [i, size] : llvm::enumerate(*constant)) {
    bool copies = size == 0 && node.integer("allowzero", 0) == 0;
    if (copies && source && i < static_cast<size_t>(source.getRank()))
      size = source.getDimSize(i);
    else if (copies || size == -1)
      size = ShapedType::kDynamic;
    if (ShapedType::isDynamic(size) && type &&
        i < static_cast<size_t>(type.getRank()))
      size = type.getDimSize(i);
  }
  return constant;
}

void Analysis::visitReshape(Node node) {
  if (std::optional<double> number = uniform(node.input(0)))
    setUniform(node.output(), *number);
  std::optional<View> view = this->view(node.input(0));
  std::optional<SmallVector<int64_t>> target = reshapeTarget(node);
  if (!view || !target)
    return;
  // `0` copies an axis: leading axes that are copied keep their atoms.
  size_t kept = 0;
  if (std::optional<SmallVector<int64_t>> shape =
          constantIntegers(node.input(1));
      shape && node.integer("allowzero", 0) == 0)
    while (kept < shape->size() && kept < view->axes.size() &&
           (*shape)[kept] == 0)
      ++kept;
  Layout rest(view->axes.begin() + kept, view->axes.end());
  std::optional<Layout> axes =
      reshape(rest, ArrayRef(*target).drop_front(kept));
  if (!axes)
    return;
  axes->insert(axes->begin(), view->axes.begin(), view->axes.begin() + kept);
  view->axes = *axes;
  alias(node.output(), *view);
}

void Analysis::visitFlatten(Node node) {
  std::optional<View> view = this->view(node.input(0));
  if (!view)
    return;
  int64_t rank = view->axes.size();
  int64_t cut = fromEnd(node.integer("axis", 1), rank);
  if (cut < 0 || cut > rank)
    return;
  Layout axes(2);
  for (int64_t i = 0; i < rank; ++i)
    llvm::append_range(axes[i < cut ? 0 : 1], view->axes[i]);
  view->axes = axes;
  alias(node.output(), *view);
}

void Analysis::visitSqueeze(Node node) {
  if (std::optional<double> number = uniform(node.input(0)))
    setUniform(node.output(), *number);
  std::optional<View> view = this->view(node.input(0));
  std::optional<SmallVector<int64_t>> positions = axesOf(node);
  if (!view || !positions)
    return;
  if (positions->empty()) // every axis of size 1
    for (auto [i, axis] : llvm::enumerate(view->axes))
      if (sizeOf(axis) == 1)
        positions->push_back(i);
  std::optional<Layout> axes = squeeze(view->axes, *positions);
  if (!axes)
    return;
  view->axes = *axes;
  alias(node.output(), *view);
}

void Analysis::visitUnsqueeze(Node node) {
  if (std::optional<double> number = uniform(node.input(0)))
    setUniform(node.output(), *number);
  std::optional<View> view = this->view(node.input(0));
  std::optional<SmallVector<int64_t>> positions = axesOf(node);
  if (!view || !positions)
    return;
  view->axes = unsqueeze(view->axes, *positions);
  alias(node.output(), *view);
}

void Analysis::visitTranspose(Node node) {
  std::optional<View> view = this->view(node.input(0));
  if (!view)
    return;
  SmallVector<int64_t> perm = node.integers("perm");
  size_t rank = view->axes.size();
  if (perm.empty())
    for (size_t i = 0; i < rank; ++i)
      perm.push_back(rank - 1 - i);
  Layout axes;
  for (int64_t from : perm)
    if (from >= 0 && from < static_cast<int64_t>(rank))
      axes.push_back(view->axes[from]);
  if (axes.size() != rank)
    return;
  view->axes = axes;
  alias(node.output(), *view);
}

void Analysis::visitExpand(Node node) {
  if (std::optional<double> number = uniform(node.input(0)))
    setUniform(node.output(), *number);
  std::optional<View> view = this->view(node.input(0));
  std::optional<SmallVector<int64_t>> target = constantIntegers(node.input(1));
  if (!target)
    if (auto type = dyn_cast<RankedTensorType>(node.output().getType()))
      target = SmallVector<int64_t>(type.getShape());
  if (!view || !target)
    return;
  for (int64_t &size : *target) // -1 stands for "as it was" in some exports
    size = size == -1 ? 1 : size;
  if (std::optional<Layout> axes = expand(view->axes, *target)) {
    view->axes = *axes;
    alias(node.output(), *view);
  }
}

void Analysis::visitTile(Node node) {
  std::optional<View> view = this->view(node.input(0));
  std::optional<SmallVector<int64_t>> repeats = constantIntegers(node.input(1));
  if (!view || !repeats)
    return;
  if (std::optional<Layout> axes = tile(view->axes, *repeats)) {
    view->axes = *axes;
    alias(node.output(), *view);
  }
}

void Analysis::visitSplit(Node node) {
  if (splitByCounts(node))
    return;
  std::optional<View> view = this->view(node.input(0));
  if (!view)
    return;
  int64_t axis = fromEnd(node.integer("axis", 0), view->axes.size());
  if (axis < 0 || axis >= static_cast<int64_t>(view->axes.size()))
    return;
  int64_t size = sizeOf(view->axes[axis]), parts = node.outputs(), first = 0;
  std::optional<SmallVector<int64_t>> sizes =
      node.input(1) ? constantIntegers(node.input(1)) : node.integers("split");
  if (ShapedType::isDynamic(size) || !sizes)
    return;
  if (sizes->empty()) // equal parts, the last one smaller if need be
    sizes->assign(parts, (size + parts - 1) / parts);
  for (int64_t i = 0; i < parts && i < static_cast<int64_t>(sizes->size());
       ++i) {
    int64_t count = std::min((*sizes)[i], size - first);
    std::optional<View> part = slice(*view, axis, first, 1, count);
    if (part && node.output(i))
      alias(node.output(i), *part);
    first += count;
  }
}

void Analysis::visitSlice(Node node) {
  std::optional<View> view = this->view(node.input(0));
  if (!view || node.inputs() < 3)
    return;
  auto one = [&](unsigned i) -> std::optional<int64_t> {
    std::optional<SmallVector<int64_t>> list = constantIntegers(node.input(i));
    return list && list->size() == 1 ? std::optional(list->front())
                                     : std::nullopt;
  };
  int64_t axis = 0, step = 1;
  if (node.input(3)) {
    std::optional<int64_t> given = one(3);
    if (!given)
      return;
    axis = fromEnd(*given, view->axes.size());
  }
  if (node.input(4)) {
    std::optional<int64_t> given = one(4);
    if (!given)
      return;
    step = *given;
  }
  // Rows of one expert, cut out of the sorted rows.
  std::optional<int64_t> from = boundary(node.input(1)),
                         to = boundary(node.input(2));
  if (axis == 0 && step == 1 && from && to && *to == *from + 1 &&
      view->selection && view->sort && view->expert < 0 &&
      selectionOf(node.input(2)) == view->selection) {
    view->expert = *to;
    return alias(node.output(), *view);
  }
  std::optional<int64_t> start = one(1), end = one(2);
  if (axis < 0 || axis >= static_cast<int64_t>(view->axes.size()) || !start ||
      !end || step < 1)
    return;
  int64_t size = sizeOf(view->axes[axis]);
  if (ShapedType::isDynamic(size))
    return;
  auto clamp = [&](int64_t x) {
    return std::clamp<int64_t>(x < 0 ? x + size : x, 0, size);
  };
  int64_t first = clamp(*start), last = clamp(*end);
  int64_t count = last > first ? (last - first + step - 1) / step : 0;
  if (std::optional<View> part = slice(*view, axis, first, step, count))
    alias(node.output(), *part);
}

} // namespace moec::recognize
