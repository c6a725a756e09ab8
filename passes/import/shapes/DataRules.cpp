//===- DataRules.cpp - Shapes of operators that move data whole -----------===//
//
// Shape, Reshape, Transpose, Concat, ...: the plumbing, whose contents matter.
//
//===----------------------------------------------------------------------===//

#include "passes/import/shapes/ShapeAnalysis.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static LogicalResult shapeOfRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> dims = a.dims(node.input(0));
  int64_t rank = dims.size();
  auto clamp = [&](int64_t axis) {
    return std::clamp<int64_t>(axis < 0 ? axis + rank : axis, 0, rank);
  };
  int64_t start = clamp(node.integer("start", 0));
  int64_t end = std::max(start, clamp(node.integer("end", rank)));
  SymDims contents(dims.slice(start, end - start));
  a.set(node.output(), {a.syms().constant(end - start)}, contents);
  return success();
}

static LogicalResult sizeRule(ShapeAnalysis &a, Node node) {
  a.set(node.output(), {}, SymDims{a.elements(node.input(0))});
  return success();
}

static LogicalResult constantOfShapeRule(ShapeAnalysis &a, Node node) {
  auto dims = a.contentsOrAtoms(node.input(0));
  if (!dims)
    return a.error(node, "the number of dimensions is not known");
  std::optional<SymDims> contents;
  auto value = node.operation()->getAttrOfType<DenseElementsAttr>("value");
  auto count = dims->size() <= 1
                   ? (dims->empty() ? std::optional<int64_t>(1)
                                    : dims->front().constant())
                   : std::nullopt;
  if (count && *count <= ShapeAnalysis::maxContents && value &&
      isa<IntegerType>(value.getElementType()))
    contents = SymDims(*count, a.syms().constant(
                                   value.getSplatValue<APInt>().getSExtValue()));
  a.set(node.output(), *dims, contents);
  return success();
}

/// Extents that an op states but the graph does not: what the model declares.
/// Nothing if it does not declare them all.
static std::optional<SymDims> declaredDims(ShapeAnalysis &a, Node node) {
  RankedTensorType type = node.outputType();
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  SymDims dims;
  for (int64_t extent : type.getShape())
    dims.push_back(a.syms().constant(extent));
  return dims;
}

/// An element of an input: it may be -1 or 0, whose meaning is another.
static bool isData(SymContext &c, Sym dim) {
  auto id = c.singleAtom(dim);
  return id && c.atom(*id).kind == SymAtom::Element;
}

/// -1 stands for what is left over; 0 copies unless `allowzero`.
static LogicalResult reshapeRule(ShapeAnalysis &a, Node node) {
  SymContext &c = a.syms();
  auto target = a.contentsOrAtoms(node.input(1));
  if (!target)
    return a.error(node, "the number of dimensions of the new shape is not known");
  bool allowZero = node.integer("allowzero", 0);
  ArrayRef<Sym> from = a.dims(node.input(0));
  SymDims dims = *target;
  std::optional<size_t> open;
  Sym known = c.constant(1);
  for (auto [axis, dim] : llvm::enumerate(dims)) {
    if (dim.is(-1)) {
      if (open)
        return a.error(node, "the new shape has two -1");
      open = axis;
      continue;
    }
    if (dim.is(0) && !allowZero) {
      if (axis >= from.size())
        return a.error(node, "the new shape copies axis " + Twine(axis) +
                                 " of an input of rank " + Twine(from.size()));
      dim = from[axis];
    }
    if (isData(c, dim))
      dim = Sym(); // The lowering settles it.
    known = c.mul(known, dim);
  }
  Sym total = a.elements(node.input(0));
  if (open)
    dims[*open] = known && !known.is(0) ? c.floorDiv(total, known) : Sym();
  auto before = total ? total.constant() : std::nullopt;
  auto after = known ? known.constant() : std::nullopt;
  if (before && after && (open ? *after && *before % *after : *before != *after))
    return a.error(node, "cannot reshape " + Twine(*before) + " elements into " +
                             Twine(*after));
  const ValueShape *shape = a.lookup(node.input(0));
  a.set(node.output(), dims, shape->contents);
  return success();
}

static LogicalResult flattenRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> from = a.dims(node.input(0));
  int64_t rank = from.size(), axis = node.integer("axis", 1);
  axis = axis < 0 ? axis + rank : axis;
  if (axis < 0 || axis > rank)
    return a.error(node, "axis " + Twine(node.integer("axis", 1)) +
                             " is out of range for rank " + Twine(rank));
  Sym outer = a.syms().constant(1), inner = outer;
  for (int64_t i = 0; i < rank; ++i)
    (i < axis ? outer : inner) = a.syms().mul(i < axis ? outer : inner, from[i]);
  a.set(node.output(), {outer, inner});
  return success();
}

static LogicalResult squeezeRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> from = a.dims(node.input(0));
  auto axes = axesOf(node, 1, from.size(), a);
  if (!axes && node.input(1) && !a.knownContents(node.input(1)))
    if (auto declared = declaredDims(a, node))
      return a.set(node.output(), *declared), success();
  if (!axes)
    return a.error(node, "axes must be constant and in range");
  bool all = !node.has("axes") && !(node.inputs() > 1 && node.input(1));
  SymDims dims;
  for (auto [axis, dim] : llvm::enumerate(from)) {
    bool drop = all ? dim.is(1) : llvm::is_contained(*axes, (int64_t)axis);
    if (drop && dim.constant() && !dim.is(1))
      return a.error(node, "axis " + Twine(axis) + " has extent " +
                               Twine(*dim.constant()) + ", not 1");
    if (!drop)
      dims.push_back(dim);
  }
  a.set(node.output(), dims, a.lookup(node.input(0))->contents);
  return success();
}

static LogicalResult unsqueezeRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> from = a.dims(node.input(0));
  // Axes count in the result, whose rank they determine.
  SmallVector<int64_t> raw = node.integers("axes");
  if (raw.empty() && node.inputs() > 1) {
    auto contents = a.knownContents(node.input(1));
    auto declared = contents ? std::nullopt : declaredDims(a, node);
    if (declared)
      return a.set(node.output(), *declared), success();
    if (!contents)
      return a.error(node, "axes must be constant, or the model must declare the "
                           "shape of the result");
    for (Sym element : *contents)
      raw.push_back(element.constant().value_or(INT64_MIN));
  }
  int64_t rank = from.size() + raw.size();
  SmallVector<bool> isNew(rank, false);
  for (int64_t axis : raw) {
    auto normalized = normalizeAxis(axis, rank);
    if (!normalized || isNew[*normalized])
      return a.error(node, "axis " + Twine(axis) +
                               " is repeated or out of range for rank " +
                               Twine(rank));
    isNew[*normalized] = true;
  }
  SymDims dims;
  const Sym *next = from.begin();
  for (bool fresh : isNew)
    dims.push_back(fresh ? a.syms().constant(1) : *next++);
  a.set(node.output(), dims, a.lookup(node.input(0))->contents);
  return success();
}

static LogicalResult transposeRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> from = a.dims(node.input(0));
  SmallVector<int64_t> perm = node.integers("perm");
  if (perm.empty() && !node.has("perm"))
    for (int64_t i = from.size(); i-- > 0;)
      perm.push_back(i);
  if (perm.size() != from.size())
    return a.error(node, "perm has " + Twine(perm.size()) +
                             " axes, the input has " + Twine(from.size()));
  SmallVector<bool> seen(from.size(), false);
  SymDims dims;
  for (int64_t axis : perm) {
    auto normalized = normalizeAxis(axis, from.size());
    if (!normalized || seen[*normalized])
      return a.error(node, "perm is no permutation of " + Twine(from.size()) +
                               " axes");
    seen[*normalized] = true;
    dims.push_back(from[*normalized]);
  }
  a.set(node.output(), dims);
  return success();
}

static LogicalResult expandRule(ShapeAnalysis &a, Node node) {
  auto target = a.contentsOrAtoms(node.input(1));
  if (!target)
    return a.error(node, "the number of dimensions of the new shape is not known");
  const ValueShape *shape = a.lookup(node.input(0));
  SymDims dims = a.broadcast(a.dims(node.input(0)), *target);
  std::optional<SymDims> contents;
  auto count = dims.size() == 1 && dims[0] ? dims[0].constant() : std::nullopt;
  if (shape->contents && shape->contents->size() == 1 && count &&
      *count <= ShapeAnalysis::maxContents)
    contents = SymDims(*count, shape->contents->front());
  a.set(node.output(), dims, contents);
  return success();
}

static LogicalResult tileRule(ShapeAnalysis &a, Node node) {
  auto repeats = a.contentsOrAtoms(node.input(1));
  ArrayRef<Sym> from = a.dims(node.input(0));
  if (!repeats || repeats->size() != from.size())
    return a.error(node, "needs one repeat count per axis");
  SymDims dims;
  for (auto [dim, count] : llvm::zip(from, *repeats))
    dims.push_back(a.syms().mul(dim, count));
  a.set(node.output(), dims);
  return success();
}

static LogicalResult concatRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  auto axis = normalizeAxis(node.integer("axis", 1), dims.size());
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", 1)) +
                             " is out of range for rank " + Twine(dims.size()));
  std::optional<SymDims> contents = SymDims{};
  for (unsigned i = 0; i < node.inputs(); ++i) {
    const ValueShape *shape = a.lookup(node.input(i));
    if (shape->dims.size() != dims.size())
      return a.error(node, "input " + Twine(i) + " has rank " +
                               Twine(shape->dims.size()) + ", input 0 has " +
                               Twine(dims.size()));
    for (size_t d = 0; d < dims.size(); ++d) {
      auto mine = dims[d].constant(), theirs = shape->dims[d].constant();
      if (d != static_cast<size_t>(*axis) && mine && theirs && *mine != *theirs)
        return a.error(node, "input " + Twine(i) + " has extent " +
                                 Twine(*theirs) + " on axis " + Twine(d) +
                                 ", input 0 has " + Twine(*mine));
      if (d != static_cast<size_t>(*axis) && !mine && theirs)
        dims[d] = shape->dims[d];
    }
    if (i)
      dims[*axis] = a.syms().add(dims[*axis], shape->dims[*axis]);
    auto known = dims.size() == 1 ? a.contentsOrAtoms(node.input(i)) : std::nullopt;
    bool integral = isa<IntegerType>(
        cast<ShapedType>(node.output().getType()).getElementType());
    if (contents && known && integral)
      contents->append(known->begin(), known->end());
    else
      contents.reset();
  }
  a.set(node.output(), dims, contents);
  return success();
}

static LogicalResult splitRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> from = a.dims(node.input(0));
  auto axis = normalizeAxis(node.integer("axis", 0), from.size());
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", 0)) +
                             " is out of range for rank " + Twine(from.size()));
  SymDims sizes;
  for (int64_t size : node.integers("split"))
    sizes.push_back(a.syms().constant(size));
  if (sizes.empty() && node.inputs() > 1 && node.input(1)) {
    auto contents = a.contentsOrAtoms(node.input(1));
    if (!contents)
      return a.error(node, "the number of parts is not known");
    sizes = *contents;
  }
  if (sizes.empty()) { // Equal parts, the last one smaller.
    Sym parts = a.syms().constant(node.outputs());
    Sym chunk = a.syms().ceilDiv(from[*axis], parts);
    sizes.assign(node.outputs(), chunk);
    Sym before = a.syms().mul(chunk, a.syms().constant(node.outputs() - 1));
    sizes.back() = a.syms().sub(from[*axis], before);
  }
  if (sizes.size() != node.outputs())
    return a.error(node, "has " + Twine(node.outputs()) + " outputs for " +
                             Twine(sizes.size()) + " parts");
  const ValueShape shape = *a.lookup(node.input(0));
  int64_t offset = 0;
  for (auto [i, size] : llvm::enumerate(sizes)) {
    SymDims dims(shape.dims);
    dims[*axis] = size;
    std::optional<SymDims> contents;
    if (shape.contents && dims.size() == 1 && offset >= 0 && size.constant() &&
        offset + *size.constant() <= (int64_t)shape.contents->size())
      contents = SymDims(ArrayRef(*shape.contents).slice(offset, *size.constant()));
    offset = size.constant() && offset >= 0 ? offset + *size.constant() : -1;
    a.set(node.output(i), dims, contents);
  }
  return success();
}

static LogicalResult rangeRule(ShapeAnalysis &a, Node node) {
  SymContext &c = a.syms();
  auto start = a.contentsOrAtoms(node.input(0));
  auto limit = a.contentsOrAtoms(node.input(1));
  auto delta = a.contentsOrAtoms(node.input(2));
  for (const auto &number : {start, limit, delta})
    if (!number || number->size() != 1)
      return a.error(node, "needs one number for start, limit and delta");
  // The operand's rank need not be declared.
  bool integral = isa<IntegerType>(
      cast<ShapedType>(node.input(0).getType()).getElementType());
  auto step = integral && delta ? delta->front().constant() : std::nullopt;
  if (!step || *step == 0) {
    // The length is known only when the program runs.
    a.set(node.output(), {Sym()});
    return success();
  }
  Sym length = *step > 0 ? c.sub(limit->front(), start->front())
                         : c.sub(start->front(), limit->front());
  length = c.ceilDiv(length, c.constant(std::abs(*step)));
  length = c.max(length, c.constant(0));
  std::optional<SymDims> contents;
  auto count = length ? length.constant() : std::nullopt;
  if (count && *count <= ShapeAnalysis::maxContents) {
    contents.emplace();
    for (int64_t i = 0; i < *count; ++i)
      contents->push_back(c.add(start->front(), c.constant(i * *step)));
  }
  a.set(node.output(), {length}, contents);
  return success();
}

void moec::addDataRules(llvm::StringMap<ShapeRule> &rules) {
  rules["Concat"] = concatRule;
  rules["ConstantOfShape"] = constantOfShapeRule;
  rules["Expand"] = expandRule;
  rules["Flatten"] = flattenRule;
  rules["Range"] = rangeRule;
  rules["Reshape"] = reshapeRule;
  rules["Shape"] = shapeOfRule;
  rules["Size"] = sizeRule;
  rules["Split"] = splitRule;
  rules["Squeeze"] = squeezeRule;
  rules["Tile"] = tileRule;
  rules["Transpose"] = transposeRule;
  rules["Unsqueeze"] = unsqueezeRule;
}
