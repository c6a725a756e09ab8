//===- IndexingRules.cpp - Shapes of operators that pick elements ---------===//

#include "passes/import/shapes/ShapeAnalysis.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
/// One axis of a Slice.
struct AxisSlice {
  int64_t axis;
  Sym start, end;
  int64_t step;
};
} // namespace

/// The slices of a Slice node: attributes (opset 1) or inputs.
static LogicalResult readSlices(ShapeAnalysis &a, Node node, int64_t rank,
                                SmallVectorImpl<AxisSlice> &slices) {
  SymContext &c = a.syms();
  auto constants = [&](ArrayRef<int64_t> values) {
    SymDims result;
    for (int64_t value : values)
      result.push_back(c.constant(value));
    return result;
  };
  std::optional<SymDims> starts, ends, axes, steps;
  if (node.has("starts")) {
    starts = constants(node.integers("starts"));
    ends = constants(node.integers("ends"));
    if (node.has("axes"))
      axes = constants(node.integers("axes"));
  } else {
    starts = a.contentsOrAtoms(node.input(1));
    ends = a.contentsOrAtoms(node.input(2));
    axes = node.input(3) ? a.contentsOrAtoms(node.input(3)) : std::nullopt;
    steps = node.input(4) ? a.contentsOrAtoms(node.input(4)) : std::nullopt;
  }
  if (!starts || !ends || starts->size() != ends->size())
    return a.error(node, "needs as many starts as ends");
  for (size_t i = 0; i < starts->size(); ++i) {
    auto axis = axes ? (*axes)[i].constant() : std::optional<int64_t>(i);
    auto step = steps ? (*steps)[i].constant() : std::optional<int64_t>(1);
    auto normalized = axis ? normalizeAxis(*axis, rank) : std::nullopt;
    if (!normalized || !step || *step == 0)
      return a.error(node, "axes and steps must be constant and in range");
    slices.push_back({*normalized, (*starts)[i], (*ends)[i], *step});
  }
  return success();
}

/// `position` counted from the front and clamped to 0..dim, as a Sym.
static Sym clampPosition(SymContext &c, Sym position, Sym dim) {
  auto value = position.constant();
  if (value && *value < 0)
    return *value <= INT32_MIN ? c.constant(0)
                               : c.max(c.add(dim, position), c.constant(0));
  if (value && *value >= INT32_MAX)
    return dim;
  if (!c.isNonNegative(position))
    return {}; // Its sign, and so its meaning, is known only at run time.
  return c.min(position, dim);
}

static Sym sliceExtent(SymContext &c, const AxisSlice &slice, Sym dim) {
  if (slice.step > 0) {
    Sym start = clampPosition(c, slice.start, dim);
    Sym end = clampPosition(c, slice.end, dim);
    if (!start || !end)
      return {};
    Sym length = c.max(c.sub(end, start), c.constant(0));
    return c.ceilDiv(length, c.constant(slice.step));
  }
  // Backwards: positions are clamped to -1..dim-1.
  auto start = slice.start.constant(), end = slice.end.constant();
  auto extent = dim.constant();
  if (start && end && *start == -1 && *end <= INT32_MIN)
    return c.ceilDiv(dim, c.constant(-slice.step));
  if (!start || !end || !extent)
    return {};
  int64_t first = std::clamp(*start < 0 ? *start + *extent : *start,
                             int64_t{-1}, *extent - 1);
  int64_t last = std::clamp(*end < 0 ? *end + *extent : *end, int64_t{-1},
                            *extent - 1);
  if (*end <= -*extent - 1)
    last = -1;
  int64_t length = std::max<int64_t>(0, (first - last - slice.step - 1) / -slice.step);
  return c.constant(length);
}

static LogicalResult sliceRule(ShapeAnalysis &a, Node node) {
  const ValueShape shape = *a.lookup(node.input(0));
  SmallVector<AxisSlice> slices;
  if (failed(readSlices(a, node, shape.dims.size(), slices)))
    return failure();
  SymDims dims(shape.dims);
  for (const AxisSlice &slice : slices)
    dims[slice.axis] = sliceExtent(a.syms(), slice, shape.dims[slice.axis]);
  std::optional<SymDims> contents;
  auto count = dims.size() == 1 && dims[0] ? dims[0].constant() : std::nullopt;
  if (shape.contents && count && slices.size() == 1 && slices[0].step > 0) {
    Sym start = clampPosition(a.syms(), slices[0].start, shape.dims[0]);
    if (auto first = start ? start.constant() : std::nullopt) {
      contents.emplace();
      for (int64_t i = 0; i < *count; ++i)
        contents->push_back((*shape.contents)[*first + i * slices[0].step]);
    }
  }
  a.set(node.output(), dims, contents);
  return success();
}

static LogicalResult gatherRule(ShapeAnalysis &a, Node node) {
  const ValueShape data = *a.lookup(node.input(0));
  const ValueShape index = *a.lookup(node.input(1));
  auto axis = normalizeAxis(node.integer("axis", 0), data.dims.size());
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", 0)) +
                             " is out of range for rank " +
                             Twine(data.dims.size()));
  SymDims dims(data.dims.begin(), data.dims.begin() + *axis);
  dims.append(index.dims.begin(), index.dims.end());
  dims.append(data.dims.begin() + *axis + 1, data.dims.end());
  std::optional<SymDims> contents;
  if (data.contents && data.dims.size() == 1 && index.contents) {
    contents.emplace();
    for (Sym position : *index.contents) {
      auto value = position ? position.constant() : std::nullopt;
      auto in = value ? normalizeAxis(*value, data.contents->size()) : std::nullopt;
      if (value && !in)
        return a.error(node, "index " + Twine(*value) + " is out of range for " +
                                 Twine(data.contents->size()) + " elements");
      contents->push_back(in ? (*data.contents)[*in] : Sym());
    }
  }
  a.set(node.output(), dims, contents);
  return success();
}

static LogicalResult gatherElementsRule(ShapeAnalysis &a, Node node) {
  a.set(node.output(), SymDims(a.dims(node.input(1))));
  return success();
}

static LogicalResult gatherNDRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> data = a.dims(node.input(0)), index = a.dims(node.input(1));
  int64_t batch = node.integer("batch_dims", 0);
  auto depth = index.empty() ? std::nullopt : index.back().constant();
  if (!depth || batch < 0 || batch + *depth > (int64_t)data.size() ||
      batch >= (int64_t)index.size())
    return a.error(node, "the last extent of the indices must be constant and "
                         "fit the data's rank " + Twine(data.size()));
  SymDims dims(index.drop_back());
  dims.append(data.begin() + batch + *depth, data.end());
  a.set(node.output(), dims);
  return success();
}

static LogicalResult topKRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  auto axis = normalizeAxis(node.integer("axis", -1), dims.size());
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", -1)) +
                             " is out of range for rank " + Twine(dims.size()));
  Sym k;
  if (node.has("k"))
    k = a.syms().constant(node.integer("k", 1));
  else if (auto contents = a.contentsOrAtoms(node.input(1)))
    k = contents->front();
  auto chosen = k ? k.constant() : std::nullopt, extent = dims[*axis].constant();
  if (chosen && (*chosen < 0 || (extent && *chosen > *extent)))
    return a.error(node, "k = " + Twine(*chosen) + " of " +
                             (extent ? Twine(*extent) : Twine("n")) + " elements");
  dims[*axis] = k;
  a.set(node.output(0), dims);
  a.set(node.output(1), SymDims(dims));
  return success();
}

static LogicalResult oneHotRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  auto axis = normalizeAxis(node.integer("axis", -1), dims.size() + 1);
  auto depth = a.contentsOrAtoms(node.input(1));
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", -1)) +
                             " is out of range");
  dims.insert(dims.begin() + *axis, depth ? depth->front() : Sym());
  a.set(node.output(), dims);
  return success();
}

static LogicalResult nonZeroRule(ShapeAnalysis &a, Node node) {
  a.set(node.output(), {a.syms().constant(a.rank(node.input(0))), Sym()});
  return success();
}

void moec::addIndexingRules(llvm::StringMap<ShapeRule> &rules) {
  rules["Gather"] = gatherRule;
  rules["GatherElements"] = gatherElementsRule;
  rules["GatherND"] = gatherNDRule;
  rules["NonZero"] = nonZeroRule;
  rules["OneHot"] = oneHotRule;
  rules["Slice"] = sliceRule;
  rules["TopK"] = topKRule;
}
