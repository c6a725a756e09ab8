//===- IndexingRules.cpp - Shapes of operators that pick elements ---------===//

#include "passes/import/shapes/Slices.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static FailureOr<SmallVector<AxisSlice>>
sliceEntries(ShapeAnalysis &a, Node node, int64_t rank, const SymDims &starts,
             const SymDims &ends, const std::optional<SymDims> &axes,
             const std::optional<SymDims> &steps) {
  SmallVector<AxisSlice> slices;
  SymContext &c = a.syms();
  for (size_t i = 0; i < starts.size(); ++i) {
    AxisSlice slice;
    slice.start = starts[i];
    slice.end = ends[i];
    slice.axisSym = axes ? (*axes)[i] : c.constant(i);
    slice.stepSym = steps ? (*steps)[i] : c.constant(1);
    slice.step = slice.stepSym.constant();
    if (slice.step == 0)
      return a.error(node, "a step is 0");
    if (auto axis = slice.axisSym.constant()) {
      slice.axis = normalizeAxis(*axis, rank);
      if (!slice.axis)
        return a.error(node, "axis " + Twine(*axis) +
                                 " is out of range for rank " + Twine(rank));
    }
    slices.push_back(slice);
  }
  return slices;
}

FailureOr<SmallVector<AxisSlice>> moec::readSlices(ShapeAnalysis &a, Node node,
                                                   int64_t rank) {
  auto constants = [&](ArrayRef<int64_t> values) {
    SymDims result;
    for (int64_t value : values)
      result.push_back(a.syms().constant(value));
    return result;
  };
  std::optional<SymDims> starts, ends, axes, steps;
  if (node.has("starts")) {
    starts = constants(node.integers("starts"));
    ends = constants(node.integers("ends"));
    if (node.has("axes"))
      axes = constants(node.integers("axes"));
  } else {
    if (!node.input(1) || !node.input(2))
      return a.error(node, "has no starts or no ends");
    starts = a.contentsOrAtoms(node.input(1));
    ends = a.contentsOrAtoms(node.input(2));
    axes = node.input(3) ? a.contentsOrAtoms(node.input(3)) : std::nullopt;
    steps = node.input(4) ? a.contentsOrAtoms(node.input(4)) : std::nullopt;
    bool isMissing = (node.input(3) && !axes) || (node.input(4) && !steps);
    if (!starts || !ends || isMissing)
      return a.error(node, "the number of slices is not known");
  }
  for (const auto &others : {ends, axes, steps})
    if (others && others->size() != starts->size())
      return a.error(node, "has " + Twine(starts->size()) + " starts and " +
                               Twine(others->size()) +
                               " ends, axes or steps; there must be as many");
  return sliceEntries(a, node, rank, *starts, *ends, axes, steps);
}

Sym moec::clampPosition(SymContext &c, Sym position, Sym dim) {
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
  if (*slice.step > 0) {
    Sym start = clampPosition(c, slice.start, dim);
    Sym end = clampPosition(c, slice.end, dim);
    if (!start || !end)
      return {};
    Sym length = c.max(c.sub(end, start), c.constant(0));
    return c.ceilDiv(length, c.constant(*slice.step));
  }
  // Backwards: the start is clamped to 0..dim-1, the end to -1..dim-1.
  auto start = slice.start.constant(), end = slice.end.constant();
  auto extent = dim.constant();
  if (start && end && *start == -1 && *end <= INT32_MIN)
    return c.ceilDiv(dim, c.constant(-*slice.step));
  if (!start || !end || !extent)
    return {};
  auto fromFront = [&](int64_t position) {
    return position < 0 ? position + *extent : position;
  };
  int64_t last = *extent - 1;
  int64_t from = std::min(std::max<int64_t>(fromFront(*start), 0), last);
  int64_t to = std::min(std::max<int64_t>(fromFront(*end), -1), last);
  int64_t stride = -*slice.step;
  return c.constant(from > to ? (from - to - 1) / stride + 1 : 0);
}

static LogicalResult sliceRule(ShapeAnalysis &a, Node node) {
  const ValueShape shape = *a.lookup(node.input(0));
  auto slices = readSlices(a, node, shape.dims.size());
  if (failed(slices))
    return failure();
  SymDims dims(shape.dims);
  for (const AxisSlice &slice : *slices)
    if (!slice.axis) // It may be any.
      dims.assign(dims.size(), Sym());
  for (const AxisSlice &slice : *slices)
    if (slice.axis)
      dims[*slice.axis] =
          slice.step && dims[*slice.axis]
              ? sliceExtent(a.syms(), slice, shape.dims[*slice.axis])
              : Sym();
  std::optional<SymDims> contents;
  auto count = dims.size() == 1 && dims[0] ? dims[0].constant() : std::nullopt;
  if (shape.contents && count && slices->size() == 1 &&
      slices->front().isForward()) {
    const AxisSlice &slice = slices->front();
    Sym start = clampPosition(a.syms(), slice.start, shape.dims[0]);
    if (auto first = start ? start.constant() : std::nullopt) {
      contents.emplace();
      for (int64_t i = 0; i < *count; ++i)
        contents->push_back((*shape.contents)[*first + i * *slice.step]);
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
  int64_t rank = a.rank(node.input(0)), axis = node.integer("axis", 0);
  if (a.rank(node.input(1)) != rank || !normalizeAxis(axis, rank))
    return a.error(node, "needs indices of the data's rank " + Twine(rank) +
                             " and an axis in range; got rank " +
                             Twine(a.rank(node.input(1))) + " and axis " +
                             Twine(axis));
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
  else if (auto contents = node.input(1) ? a.contentsOrAtoms(node.input(1))
                                         : std::nullopt;
           contents && contents->size() == 1)
    k = contents->front();
  else
    return a.error(node, "needs one number k");
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
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", -1)) +
                             " is out of range");
  ArrayRef<Sym> values = a.dims(node.input(2));
  if (values.size() != 1 || (values[0].constant() && !values[0].is(2)))
    return a.error(node, "needs a vector of two values, off and on");
  auto depth = a.knownContents(node.input(1));
  dims.insert(dims.begin() + *axis, depth && depth->size() == 1 &&
                                            a.syms().isNonNegative(depth->front())
                                        ? depth->front()
                                        : Sym());
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
