#include "passes/import/RecognizeAnalysis.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

/// The layout of an elementwise result: broadcasting, where a feature or bank
/// axis becomes the features of a new tensor. Nothing if rows and rows do not
/// line up.
static std::optional<Layout> broadcastRows(const Layout &a, const Layout &b) {
  size_t rank = std::max(a.size(), b.size());
  Layout result(rank);
  for (size_t i = 0; i < rank; ++i) {
    const Axis none;
    const Axis &left = i < a.size() ? a[a.size() - 1 - i] : none;
    const Axis &right = i < b.size() ? b[b.size() - 1 - i] : none;
    Axis &out = result[rank - 1 - i];
    out = left.empty() ? right : left;
    if (left.empty() || right.empty())
      continue;
    std::optional<std::string> rows = rowClass(left);
    if (rows != rowClass(right) || (!rows && sizeOf(left) != sizeOf(right)))
      return std::nullopt;
  }
  return result;
}

/// Names the last non-row axis `Feature`; nothing if there are several.
static std::optional<Layout> withFreshFeatures(Layout axes) {
  bool seen = false;
  for (Axis &axis : axes) {
    if (rowClass(axis))
      continue;
    int64_t size = sizeOf(axis);
    if (seen || ShapedType::isDynamic(size))
      return std::nullopt;
    seen = true;
    axis = {{AtomKind::Feature, 0, size}};
  }
  return axes;
}

void Analysis::visitElementwise(Node node) {
  if (constants(node) || tables(node) || rowArithmetic(node))
    return;
  Selection *selection = nullptr;
  for (unsigned i = 0; i < node.inputs() && !selection; ++i)
    if (const View *view = node.input(i) ? rowsOf(node.input(i)) : nullptr)
      selection = view->selection;
  if (!selection)
    return;
  std::optional<View> result;
  for (unsigned i = 0; i < node.inputs(); ++i) {
    Value input = node.input(i);
    if (!input || uniform(input))
      continue;
    std::optional<View> view = rowsIn(input, selection);
    if (!view)
      return;
    if (!result) {
      result = *view;
      continue;
    }
    if (view->selection != result->selection || view->sort != result->sort ||
        view->expert != result->expert)
      return;
    std::optional<Layout> axes = broadcastRows(result->axes, view->axes);
    if (!axes)
      return;
    result->axes = *axes;
  }
  if (!result)
    return;
  if (std::optional<Layout> axes = withFreshFeatures(result->axes)) {
    result->axes = *axes;
    define(node.output(), *result);
  }
}

void Analysis::visitSoftmax(Node node) {
  const View *view = rowsOf(node.input(0));
  if (view && !hasKind(view->axes, AtomKind::Feature))
    define(node.output(), *view);
}

/// A choice that is the same everywhere is an alias.
void Analysis::visitWhere(Node node) {
  std::optional<double> condition = uniform(node.input(0));
  if (!condition)
    return;
  Value chosen = node.input(*condition != 0 ? 1 : 2);
  auto from = dyn_cast<RankedTensorType>(chosen.getType());
  auto to = dyn_cast<RankedTensorType>(node.output().getType());
  std::optional<View> view = this->view(chosen);
  if (view && from && to && from.getShape() == to.getShape())
    alias(node.output(), *view);
}

/// Axes of a reduction, all of them if none are given; nothing if they are not
/// known or if the node then does nothing.
static std::optional<SmallVector<int64_t>> reducedAxes(Node node,
                                                       int64_t rank) {
  std::optional<SmallVector<int64_t>> axes =
      node.input(1) ? constantIntegers(node.input(1)) : node.integers("axes");
  if (!axes || (axes->empty() && node.integer("noop_with_empty_axes", 0) != 0))
    return std::nullopt;
  if (axes->empty())
    for (int64_t i = 0; i < rank; ++i)
      axes->push_back(i);
  for (int64_t &axis : *axes) {
    axis = axis < 0 ? axis + rank : axis;
    if (axis < 0 || axis >= rank)
      return std::nullopt;
  }
  return axes;
}

/// The mask of the chosen experts, summed over all tokens, counts the rows of
/// each expert: a top-k chooses an expert once.
bool Analysis::countMask(Node node) {
  std::optional<View> mask = view(node.input(0)), out = leafView(node.output());
  const Role *base = mask ? role(mask->base) : nullptr;
  auto type = node.inputType(0);
  if (!base || base->kind != Role::GroupMask || mask->negated || !out ||
      !node.is("ReduceSum") || !base->selection->topk ||
      mask->axes != leafView(mask->base)->axes ||
      type.getElementType().getIntOrFloatBitWidth() < 32)
    return false;
  std::optional<SmallVector<int64_t>> axes = reducedAxes(node, type.getRank());
  auto tokens = llvm::to_vector(llvm::seq<int64_t>(0, type.getRank() - 1));
  if (!axes || out->axes.size() != 1)
    return false;
  llvm::sort(*axes);
  if (*axes != tokens)
    return false;
  define(node.output(), *out, Role{Role::Counts, base->selection});
  return true;
}

void Analysis::visitReduce(Node node) {
  if (countMask(node))
    return;
  const View *known = rowsOf(node.input(0));
  if (!known)
    return;
  View view = *known;
  std::optional<SmallVector<int64_t>> axes =
      reducedAxes(node, view.axes.size());
  if (!axes)
    return;
  Layout reduced, rest = view.axes;
  for (int64_t axis : *axes) {
    reduced.push_back(view.axes[axis]);
    rest[axis].clear();
  }
  const Role *base = role(view.base);
  if (base && base->kind == Role::OneHot)
    return reduceOneHot(node, reduced, rest, base->selection);
  Axis over = flatten(reduced);
  if (view.sort || view.expert >= 0 || over.size() != 1 ||
      over[0].kind != AtomKind::Choice)
    return;
  if (hasKind(view.axes, AtomKind::Feature)) {
    if (node.is("ReduceSum"))
      allCombines.push_back(
          {node.operation(), node.input(0), {}, view.selection});
    return;
  }
  view.axes = rest;
  if (node.integer("keepdims", 1) == 0)
    if (std::optional<Layout> squeezed = squeeze(rest, *axes))
      view.axes = *squeezed;
  define(node.output(), view);
}

/// One-hot ids summed over all rows count the rows of each expert; over the
/// choices they mark the chosen ones, where the experts stay the last axis and
/// a top-k chose none twice.
void Analysis::reduceOneHot(Node node, const Layout &reduced,
                            const Layout &rest, Selection *selection) {
  std::optional<View> leaf = leafView(node.output());
  if (!leaf || hasKind(reduced, AtomKind::Base))
    return;
  bool all =
      !hasKind(rest, AtomKind::Token) && !hasKind(rest, AtomKind::Choice);
  bool choices = hasKind(reduced, AtomKind::Choice) &&
                 !hasKind(reduced, AtomKind::Token) && selection->topk &&
                 axisWith(rest, AtomKind::Base) == rest.size() - 1;
  if (all && node.is("ReduceSum"))
    define(node.output(), *leaf, Role{Role::Counts, selection});
  else if (choices)
    define(node.output(), *leaf, Role{Role::GroupMask, selection});
}

//===----------------------------------------------------------------------===//
// Products with an expert's matrix
//===----------------------------------------------------------------------===//

/// Axes but the last two.
static ArrayRef<Axis> batch(const View &view) {
  return ArrayRef(view.axes).drop_back(2);
}

void Analysis::visitMatMul(Node node) {
  std::optional<View> left = view(node.input(0)), right = view(node.input(1));
  bool addsMore = node.is("Gemm") && node.input(2);
  if (!left || !right || left->axes.size() < 2 || right->axes.size() < 2 ||
      addsMore)
    return;
  if (node.integer("transA", 0) != 0)
    std::swap(left->axes[left->axes.size() - 1],
              left->axes[left->axes.size() - 2]);
  if (node.integer("transB", 0) != 0)
    std::swap(right->axes[right->axes.size() - 1],
              right->axes[right->axes.size() - 2]);
  if (node.real("alpha", 1.0) != 1.0 || node.integer("transBatchA", 0) != 0 ||
      node.integer("transBatchB", 0) != 0)
    return;
  if (multiplyGathered(node, *left, *right))
    return;
  if (left->selection && left->expert >= 0 && left->axes.size() == 2) {
    multiplyPart(node, *left, *right);
    return;
  }
  // Weights [.., 1, k] times rows [.., k, F]: the sum over choices as a
  // product.
  if (left->selection && left->selection == right->selection && !left->sort &&
      !right->sort && hasKind(right->axes, AtomKind::Feature) &&
      !hasKind(left->axes, AtomKind::Feature)) {
    const Axis &inner = left->axes.back(), &rows = *(right->axes.end() - 2);
    if (inner == rows && inner.size() == 1 &&
        inner[0].kind == AtomKind::Choice &&
        sizeOf(*(left->axes.end() - 2)) == 1)
      allCombines.push_back(
          {node.operation(), node.input(1), node.input(0), left->selection});
  }
}

/// The matrix of each row's expert, gathered, times the row's vector (either
/// side).
bool Analysis::multiplyGathered(Node node, View left, View right) {
  const Role *leftRole = role(left.base), *rightRole = role(right.base);
  bool matrixLeft = leftRole && leftRole->kind == Role::Gathered;
  bool matrixRight = rightRole && rightRole->kind == Role::Gathered;
  if (matrixLeft == matrixRight)
    return false;
  View &matrix = matrixLeft ? left : right;
  View &vector = matrixLeft ? right : left;
  Selection *selection = matrix.selection;
  selection->usesExperts = true;
  size_t rank = matrix.axes.size();
  const Axis &outer = matrix.axes[rank - 2], &inner = matrix.axes[rank - 1];
  const Axis &outAxis = matrixLeft ? outer : inner;
  const Axis &inAxis = matrixLeft ? inner : outer;
  if (outAxis.size() != 1 || inAxis.size() != 1 ||
      outAxis[0].kind != AtomKind::Bank || inAxis[0].kind != AtomKind::Bank)
    return false;
  std::optional<View> rows = vector.selection
                                 ? std::optional(vector)
                                 : repeatedTokens(vector, selection);
  if (!rows || rows->selection != selection || rows->sort != matrix.sort ||
      rows->axes.size() < 2) {
    selection->obstacle =
        "the vectors that the gathered matrices multiply are not "
        "the tokens, once per choice";
    return true;
  }
  size_t n = rows->axes.size();
  const Axis &features = rows->axes[matrixLeft ? n - 2 : n - 1];
  const Axis &single = rows->axes[matrixLeft ? n - 1 : n - 2];
  if (!single.empty() || features.size() != 1 ||
      features[0].kind != AtomKind::Feature)
    return true;
  std::optional<Layout> out =
      broadcastRows(Layout(batch(matrix)), Layout(batch(*rows)));
  if (!out)
    return true;
  Axis fresh = {{AtomKind::Feature, 0, outAxis[0].size}};
  out->push_back(matrixLeft ? fresh : Axis());
  out->push_back(matrixLeft ? Axis() : fresh);
  products[node.output()] = {*rows,
                             role(matrix.base)->source,
                             {},
                             outAxis[0].axis < inAxis[0].axis,
                             outAxis[0].size};
  View result = matrix;
  result.axes = *out;
  define(node.output(), result, Role{Role::Linear, selection, matrix.sort});
  return true;
}

/// The rows of one expert times its matrix: a slice of a bank or a matrix of
/// its own.
bool Analysis::multiplyPart(Node node, const View &rows, const View &matrix) {
  if (matrix.selection || matrix.axes.size() != 2 || rows.axes[1].size() != 1 ||
      rows.axes[1][0].kind != AtomKind::Feature)
    return false;
  const Axis &in = matrix.axes[0], &out = matrix.axes[1];
  auto type = cast<RankedTensorType>(matrix.base.getType());
  unsigned first = type.getRank() - 2; // the matrix' own axes
  auto isWhole = [&](const Axis &axis) {
    return axis.size() == 1 && axis[0].kind == AtomKind::Base &&
           axis[0].axis >= first && axis[0].stride == 1 &&
           axis[0].size == type.getDimSize(axis[0].axis);
  };
  if (!type.hasStaticShape() || type.getRank() < 2 || type.getRank() > 3 ||
      !isWhole(in) || !isWhole(out))
    return false;
  Product product{rows, {}, {}, out[0].axis < in[0].axis, out[0].size};
  // A matrix of its own may be kept as a bank of one.
  bool isBank = type.getRank() == 3 &&
                (type.getDimSize(0) > 1 || rows.selection->experts == 1);
  if (isBank) {
    if (matrix.offset(AtomKind::Base, 0) != rows.expert) {
      rows.selection->contradict(
          "the rows of expert " + std::to_string(rows.expert) +
          " are multiplied by the matrix of expert " +
          std::to_string(matrix.offset(AtomKind::Base, 0)));
      return false;
    }
    product.bank = matrix.base;
  } else {
    product.matrices.push_back(matrix.base);
  }
  products[node.output()] = product;
  View result = rows;
  result.axes[1] = {{AtomKind::Feature, 0, product.width}};
  define(node.output(), result,
         Role{Role::Part, rows.selection, rows.sort, rows.expert});
  return true;
}

/// [0] before the running sum of the counts.
bool Analysis::prependZero(Node node) {
  if (node.inputs() != 2 || uniform(node.input(0)) != 0 ||
      !isExperts(node.input(1), Role::Offsets))
    return false;
  std::optional<View> leaf = leafView(node.output()),
                      offsets = view(node.input(1));
  Role shifted = *role(offsets->base);
  if (leaf && shifted.shift == 0 && offsets->axes.size() == 1) {
    shifted.shift = 1;
    define(node.output(), *leaf, shifted);
  }
  return true;
}

/// The elements of a vector, taken apart and put together again in order.
bool Analysis::joinElements(Node node) {
  std::optional<View> whole;
  for (unsigned i = 0; i < node.inputs(); ++i) {
    std::optional<View> element = view(node.input(i));
    std::optional<View> from =
        element ? view(element->base) : std::optional<View>();
    if (!from || from->axes.size() != 1 || element->axes.size() != 1 ||
        !element->axes[0].empty() || element->negated || element->table ||
        sizeOf(from->axes[0]) != static_cast<int64_t>(node.inputs()) ||
        element->offset(AtomKind::Base, 0) != static_cast<int64_t>(i) ||
        (whole && whole->base != from->base))
      return false;
    whole = from;
  }
  if (whole)
    alias(node.output(), *whole);
  return whole.has_value();
}

/// The products of all experts' rows, one after the other, are the product of
/// the sorted rows with the bank.
void Analysis::visitConcat(Node node) {
  if (node.integer("axis", 0) != 0)
    return;
  if (prependZero(node) || joinElements(node))
    return;
  const View *first = rowsOf(node.input(0));
  const Product *pattern = first ? product(first->base) : nullptr;
  if (!pattern || first->expert < 0)
    return;
  Selection *selection = first->selection;
  llvm::SmallVector<bool> seen(selection->experts, false);
  Product whole = *pattern;
  whole.matrices.clear();
  for (unsigned i = 0; i < node.inputs(); ++i) {
    const View *part = rowsOf(node.input(i));
    const Product *one = part ? product(part->base) : nullptr;
    bool same = one && part->selection == selection && part->expert == i &&
                one->bank == pattern->bank && one->width == pattern->width &&
                one->outFirst == pattern->outFirst &&
                one->input.base == pattern->input.base &&
                one->input.sort == pattern->input.sort &&
                one->input.offsets == pattern->input.offsets;
    if (part && part->selection == selection && part->expert >= 0 &&
        part->expert < selection->experts)
      seen[part->expert] = true;
    if (!same && (!part || part->expert == i)) {
      selection->obstacle = "the products of the experts are not alike";
      return;
    }
    if (one)
      llvm::append_range(whole.matrices, one->matrices);
  }
  std::string missing;
  for (auto [expert, present] : llvm::enumerate(seen))
    if (!present)
      missing += (missing.empty() ? "" : ", ") + std::to_string(expert);
  if (!missing.empty() || node.inputs() != selection->experts) {
    selection->contradict(missingExperts(*selection, node.inputs(), missing));
    return;
  }
  int64_t inBank = selection->experts;
  if (whole.bank)
    inBank = cast<RankedTensorType>(whole.bank.getType()).getDimSize(0);
  if (inBank != selection->experts) {
    selection->contradict(wrongBank(*selection, inBank));
    return;
  }
  View result = *first;
  result.expert = -1;
  whole.input.expert = -1;
  products[node.output()] = whole;
  define(node.output(), result, Role{Role::Linear, selection, result.sort});
}

} // namespace moec::recognize
