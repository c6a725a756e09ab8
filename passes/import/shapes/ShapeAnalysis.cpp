#include "passes/import/shapes/ShapeAnalysis.h"

#include "dialect/moe/Moe.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

ShapeRule moec::shapeRule(StringRef kind) {
  static const llvm::StringMap<ShapeRule> rules = [] {
    llvm::StringMap<ShapeRule> result;
    addElementwiseRules(result);
    addDataRules(result);
    addIndexingRules(result);
    addMathRules(result);
    addConvRules(result);
    addContribRules(result);
    return result;
  }();
  auto it = rules.find(kind);
  return it == rules.end() ? nullptr : it->second;
}

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

const ValueShape *ShapeAnalysis::lookup(Value value) const {
  auto it = shapes.find(value);
  return it == shapes.end() ? nullptr : &it->second;
}

ArrayRef<Sym> ShapeAnalysis::dims(Value value) const {
  const ValueShape *shape = lookup(value);
  return shape ? ArrayRef<Sym>(shape->dims) : ArrayRef<Sym>();
}

Sym ShapeAnalysis::dim(Value value, int64_t axis) const {
  ArrayRef<Sym> all = dims(value);
  return all[axis < 0 ? axis + all.size() : axis];
}

Sym ShapeAnalysis::elements(Value value) {
  Sym product = context.constant(1);
  for (Sym dim : dims(value))
    product = context.mul(product, dim);
  return product;
}

std::optional<SymDims> ShapeAnalysis::knownContents(Value value) const {
  const ValueShape *shape = lookup(value);
  if (!shape || !shape->contents || llvm::is_contained(*shape->contents, Sym()))
    return std::nullopt;
  return shape->contents;
}

std::optional<SymDims> ShapeAnalysis::contentsOrAtoms(Value value) {
  const ValueShape *shape = lookup(value);
  if (!shape)
    return std::nullopt;
  SymDims result;
  if (shape->contents) {
    result = *shape->contents;
  } else {
    int64_t count = 1;
    for (Sym dim : shape->dims) {
      auto size = dim.constant();
      if (!size || *size > maxContents)
        return std::nullopt;
      count *= *size;
    }
    if (count > maxContents)
      return std::nullopt;
    result.resize(count);
  }
  for (auto [i, element] : llvm::enumerate(result))
    if (!element)
      element = context.element(value, i);
  return result;
}

RankedTensorType moec::tensorTypeOf(ArrayRef<Sym> dims, Type element) {
  SmallVector<int64_t> shape;
  for (Sym dim : dims)
    shape.push_back(dim.constant().value_or(ShapedType::kDynamic));
  return RankedTensorType::get(shape, element);
}

RankedTensorType ShapeAnalysis::type(Value value) const {
  return tensorTypeOf(dims(value),
                      cast<ShapedType>(value.getType()).getElementType());
}

void ShapeAnalysis::set(Value value, SymDims dims,
                        std::optional<SymDims> contents) {
  if (!value)
    return;
  // What the model itself declares is used only where nothing is derived.
  auto declared = dyn_cast<RankedTensorType>(value.getType());
  for (auto [axis, dim] : llvm::enumerate(dims)) {
    if (dim)
      continue;
    bool isStatic = declared &&
                    declared.getRank() == static_cast<int64_t>(dims.size()) &&
                    !declared.isDynamicDim(axis);
    dim = isStatic ? context.constant(declared.getDimSize(axis))
                   : context.extent(value, axis);
  }
  if (contents && static_cast<int64_t>(contents->size()) > maxContents)
    contents.reset();
  shapes[value] = {std::move(dims), std::move(contents)};
}

LogicalResult ShapeAnalysis::error(Node node, const Twine &message) const {
  return emitError(node.loc()) << node.kind() << ": " << message;
}

SymDims ShapeAnalysis::broadcast(ArrayRef<Sym> a, ArrayRef<Sym> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  SymDims result(a.begin(), a.end());
  size_t shift = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i)
    result[shift + i] = context.broadcast(a[shift + i], b[i]);
  return result;
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

void ShapeAnalysis::seedArgument(func::FuncOp function, BlockArgument argument) {
  auto type = dyn_cast<RankedTensorType>(argument.getType());
  if (!type)
    return;
  auto names = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(),
                                                    "onnx.dims");
  SymDims dims;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    StringAttr name;
    if (names && axis < static_cast<int64_t>(names.size()))
      name = dyn_cast<StringAttr>(names[axis]);
    if (!type.isDynamicDim(axis))
      dims.push_back(context.constant(type.getDimSize(axis)));
    else if (name && !name.getValue().empty())
      dims.push_back(context.named(name.getValue(), argument, axis));
    else
      dims.push_back(context.extent(argument, axis));
  }
  shapes[argument] = {std::move(dims), std::nullopt};
}

static std::optional<SymDims> constantContents(SymContext &context, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() ||
      type.getNumElements() > ShapeAnalysis::maxContents)
    return std::nullopt;
  auto integers = onnx::constantIntegers(value);
  if (!integers)
    return std::nullopt;
  SymDims contents;
  for (int64_t integer : *integers)
    contents.push_back(context.constant(integer));
  return contents;
}

/// Recognised layers: N tokens, N * k rows.
static bool visitMoe(ShapeAnalysis &a, Operation *op) {
  SymContext &c = a.syms();
  auto fixed = [&](Value value, int64_t axis) {
    return c.constant(cast<RankedTensorType>(value.getType()).getDimSize(axis));
  };
  if (auto route = dyn_cast<moe::RouteOp>(op)) {
    SymDims dims = {a.dim(route.getLogits(), 0), c.constant(route.getK())};
    a.set(route.getWeights(), dims);
    a.set(route.getExperts(), dims);
  } else if (auto dispatch = dyn_cast<moe::DispatchOp>(op)) {
    a.set(dispatch.getRows(), {a.elements(dispatch.getExperts()),
                               a.dim(dispatch.getTokens(), 1)});
    a.set(dispatch.getCounts(), {c.constant(dispatch.getNumExperts())});
    a.set(dispatch.getSlots(), SymDims(a.dims(dispatch.getExperts())));
  } else if (auto experts = dyn_cast<moe::ExpertsOp>(op)) {
    a.set(experts.getResult(),
          {a.dim(experts.getRows(), 0), fixed(experts.getResult(), 1)});
  } else if (auto combine = dyn_cast<moe::CombineOp>(op)) {
    a.set(combine.getResult(),
          {a.dim(combine.getSlots(), 0), a.dim(combine.getY(), 1)});
  } else {
    return false;
  }
  return true;
}

LogicalResult ShapeAnalysis::visit(Operation *op) {
  if (visitMoe(*this, op))
    return success();
  if (Node::isNode(op)) {
    Node node(op);
    ShapeRule rule = shapeRule(node.kind());
    if (!rule)
      return error(node, "no shape rule; moec cannot compile this operator yet");
    if (failed(rule(*this, node)))
      return failure();
    for (Value result : op->getResults())
      if (isa<TensorType>(result.getType()) && !lookup(result))
        return error(node, "the shape of output " +
                               Twine(cast<OpResult>(result).getResultNumber()) +
                               " is not known");
    return success();
  }
  // Weights, constants and ops of other dialects: static extents, and the
  // operand-derived ones they state themselves.
  for (Value result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      continue;
    SymDims dims(type.getRank());
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (!type.isDynamicDim(axis))
        dims[axis] = context.constant(type.getDimSize(axis));
    set(result, dims, constantContents(context, result));
  }
  return success();
}

LogicalResult ShapeAnalysis::run(func::FuncOp function) {
  shapes.clear();
  if (function.isExternal())
    return success();
  for (BlockArgument argument : function.getArguments())
    seedArgument(function, argument);
  for (Operation &op : function.getBody().front())
    if (failed(visit(&op)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Helpers of the rules
//===----------------------------------------------------------------------===//

std::optional<int64_t> moec::normalizeAxis(int64_t axis, int64_t rank) {
  int64_t result = axis < 0 ? axis + rank : axis;
  if (result < 0 || result >= rank)
    return std::nullopt;
  return result;
}

std::optional<SmallVector<int64_t>>
moec::axesOf(Node node, unsigned input, int64_t rank,
             const ShapeAnalysis &shapes) {
  SmallVector<int64_t> axes = node.integers("axes");
  if (Value value = input < node.inputs() ? node.input(input) : Value()) {
    auto contents = shapes.knownContents(value);
    ArrayRef<Sym> size = shapes.dims(value);
    if (!contents && size.size() == 1 && size[0].is(0))
      contents.emplace(); // An input without elements.
    if (!contents)
      return std::nullopt;
    for (Sym element : *contents) {
      auto axis = element.constant();
      if (!axis)
        return std::nullopt;
      axes.push_back(*axis);
    }
  }
  for (int64_t &axis : axes) {
    auto normalized = normalizeAxis(axis, rank);
    if (!normalized)
      return std::nullopt;
    axis = *normalized;
  }
  llvm::sort(axes);
  return axes;
}
