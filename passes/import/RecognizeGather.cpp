#include "passes/import/RecognizeAnalysis.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

/// A gather with a constant index is a slice.
static std::optional<View> pick(const View &data, int64_t axis, int64_t index) {
  int64_t size = sizeOf(data.axes[axis]);
  if (ShapedType::isDynamic(size))
    return std::nullopt;
  std::optional<View> part =
      slice(data, axis, index < 0 ? index + size : index, 1, 1);
  if (!part)
    return std::nullopt;
  std::optional<Layout> axes = squeeze(part->axes, {axis});
  if (!axes)
    return std::nullopt;
  part->axes = *axes;
  return part;
}

void Analysis::visitGather(Node node) {
  std::optional<View> data = view(node.input(0)), index = view(node.input(1));
  if (!data || !index || data->axes.empty())
    return;
  bool nd = node.is("GatherND");
  int64_t rank = data->axes.size();
  int64_t axis = nd ? 0 : node.integer("axis", 0);
  axis = axis < 0 ? axis + rank : axis;
  if (node.integer("batch_dims", 0) != 0 || axis < 0 || axis >= rank)
    return;
  if (nd) {
    if (index->axes.empty() || sizeOf(index->axes.back()) != 1)
      return;
    std::optional<Layout> axes = squeeze(index->axes, {-1});
    if (!axes)
      return;
    index->axes = *axes;
  }
  std::optional<SmallVector<int64_t>> constant =
      constantIntegers(node.input(1));
  if (constant && constant->size() == 1) {
    const Role *base = role(data->base);
    const Axis &along = data->axes[axis];
    if (base && base->kind == Role::OneHot && base->selection->topk &&
        along.size() == 1 && along[0].kind == AtomKind::Base)
      base->selection->unrolled.insert(constant->front());
    std::optional<View> part = pick(*data, axis, constant->front());
    if (!part)
      return;
    if (!index->axes.empty() || nd) // the index was not a scalar
      part->axes = unsqueeze(part->axes, llvm::to_vector(llvm::seq<int64_t>(
                                             axis, axis + index->axes.size())));
    return alias(node.output(), *part);
  }
  const Role *base = role(index->base);
  if (axis != 0 || !base || index->table)
    return;
  if (base->kind == Role::Ids)
    return gatherByExpert(node, *data, *index);
  gatherRows(node, *data, *index);
}

/// Gathers along axis 0 by expert id: a matrix, a bias or a number for each
/// row.
void Analysis::gatherByExpert(Node node, const View &data, const View &index) {
  Selection *selection = index.selection;
  auto type = dyn_cast<RankedTensorType>(node.input(0).getType());
  if (!type || !type.hasStaticShape() || data.selection || role(data.base))
    return;
  bool isBank = type.getRank() >= 3 && isParameter(node.input(0));
  selection->usesExperts |= isBank && selection->topk;
  if (type.getDimSize(0) != selection->experts) {
    if (isBank && selection->topk)
      selection->error = wrongBank(*selection, type.getDimSize(0));
    return;
  }
  // A transposed bank is the bank itself read in another order.
  View bank = data;
  auto baseType = cast<RankedTensorType>(bank.base.getType());
  bool whole = bank.offsets.empty() && baseType.getRank() == type.getRank() &&
               flatten(ArrayRef(bank.axes).take_front(1)) ==
                   flatten(ArrayRef(leafView(bank.base)->axes).take_front(1)) &&
               baseType.getElementType() == type.getElementType();
  for (const Axis &axis : bank.axes)
    whole &= axis.size() <= 1 &&
             (axis.empty() ||
              (axis[0].kind == AtomKind::Base && axis[0].stride == 1 &&
               axis[0].size == baseType.getDimSize(axis[0].axis)));
  if (!whole)
    bank = *leafView(node.input(0));
  View result = index;
  for (auto [i, axis] : llvm::enumerate(ArrayRef(bank.axes).drop_front())) {
    result.axes.push_back(axis);
    for (Atom &atom : result.axes.back())
      atom.kind = AtomKind::Bank;
    if (axis.empty()) // keep the axis apart from the rows
      result.axes.back().push_back({AtomKind::Bank, unsigned(i + 1), 1});
  }
  Role gathered{Role::Gathered, selection, index.sort};
  gathered.source = bank.base;
  if (type.getRank() == 1)
    return define(node.output(), result);
  define(node.output(), result, gathered);
}

bool Analysis::givesToken(const Role &role) {
  return role.kind == Role::Token ||
         (role.kind == Role::Row && role.selection->k == 1);
}

/// Gathers along axis 0 by row, token or position.
void Analysis::gatherRows(Node node, View data, const View &index) {
  Role by = *role(index.base);
  if (by.kind == Role::Row && !givesToken(by))
    if (std::optional<View> rows = rowsIn(node.input(0), by.selection))
      data = *rows;
  View result = data;
  ArrayRef<Axis> rest = ArrayRef(data.axes).drop_front();
  result.axes = index.axes;
  llvm::append_range(result.axes, rest);
  bool gathersTokens = !data.selection && givesToken(by);
  switch (gathersTokens ? Role::Token : by.kind) {
  case Role::Row: // natural order to sorted order
    if (!data.selection || data.selection != by.selection || data.sort ||
        data.expert >= 0 ||
        rowClass(data.axes[0]) != rowClass(flatten(index.axes)))
      return;
    result.sort = by.sort;
    return alias(node.output(), result);
  case Role::Inverse: // and back
    if (!data.selection || data.sort != by.sort || data.expert >= 0 ||
        rowClass(data.axes[0]) != rowClass(flatten(index.axes)))
      return;
    result.sort = nullptr;
    return alias(node.output(), result);
  case Role::RowRange:
    if (!data.selection || data.selection != by.selection || !data.sort ||
        data.expert >= 0)
      return;
    result.axes = data.axes;
    result.expert = by.expert;
    return alias(node.output(), result);
  case Role::Token:
    return gathersTokens ? gatherTokens(node, data, index) : void();
  case Role::Iota:
    return data.selection ? void() : gatherByPosition(node, data, index);
  default:
    return;
  }
}

/// The rows of x, once per choice.
void Analysis::gatherTokens(Node node, const View &data, const View &index) {
  const Role *by = role(index.base);
  View repeated = data;
  repeated.axes[0].push_back({AtomKind::Repeat, 0, by->selection->k});
  std::optional<View> rows = repeatedTokens(repeated, by->selection);
  if (!rows || rowClass(rows->axes[0]) != rowClass(flatten(index.axes)))
    return;
  rows->sort = by->sort;
  Layout axes = index.axes;
  llvm::append_range(axes, ArrayRef(rows->axes).drop_front());
  rows->axes = axes;
  alias(node.output(), *rows);
}

/// x[0], x[1], ...: each index axis runs over axis 0 of the data or repeats it.
void Analysis::gatherByPosition(Node node, const View &data,
                                const View &index) {
  View result = data;
  result.axes.clear();
  for (const Axis &axis : index.axes) {
    result.axes.emplace_back();
    for (const Atom &atom : axis)
      if (atom.kind == AtomKind::Repeat)
        result.axes.back().push_back(atom);
      else
        llvm::append_range(result.axes.back(), data.axes[0]);
  }
  llvm::append_range(result.axes, ArrayRef(data.axes).drop_front());
  alias(node.output(), result);
}

/// scores[token, id]: the scores of the chosen experts. Data of more tokens
/// than there are ids are another tensor's.
void Analysis::visitGatherElements(Node node) {
  std::optional<View> index = view(node.input(1));
  const Role *base = index ? role(index->base) : nullptr;
  auto type = dyn_cast<RankedTensorType>(node.input(0).getType());
  if (!base || base->kind != Role::Ids || index->table || index->sort || !type)
    return;
  int64_t axis = node.integer("axis", 0), last = type.getRank() - 1;
  if ((axis != -1 && axis != last) || index->axes != base->selection->axes ||
      type.getDimSize(last) != base->selection->experts)
    return;
  for (int64_t i = 0; i < last; ++i)
    if (shapes.dim(node.input(0), i) != shapes.dim(node.input(1), i))
      return;
  define(node.output(), *index, Role{Role::Selected, base->selection});
}

} // namespace moec::recognize
