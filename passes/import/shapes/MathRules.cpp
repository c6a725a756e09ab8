//===- MathRules.cpp - Shapes of products, reductions and norms -----------===//

#include "passes/import/shapes/ShapeAnalysis.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

static LogicalResult checkInner(ShapeAnalysis &a, Node node, Sym left, Sym right) {
  auto l = left.constant(), r = right.constant();
  if (l && r && *l != *r)
    return a.error(node, "the inner extents differ: " + Twine(*l) +
                             " on the left, " + Twine(*r) + " on the right");
  return success();
}

static LogicalResult matMulRule(ShapeAnalysis &a, Node node) {
  SymDims x(a.dims(node.input(0))), y(a.dims(node.input(1)));
  if (x.empty() || y.empty())
    return a.error(node, "a scalar cannot be multiplied as a matrix");
  auto transpose = [](SymDims &dims, bool swap) {
    if (swap && dims.size() > 1)
      std::swap(dims[dims.size() - 1], dims[dims.size() - 2]);
  };
  transpose(x, node.integer("transA", 0)); // FusedMatMul
  transpose(y, node.integer("transB", 0));
  bool isRow = x.size() == 1, isColumn = y.size() == 1;
  if (isRow)
    x.insert(x.begin(), a.syms().constant(1));
  if (isColumn)
    y.push_back(a.syms().constant(1));
  if (failed(checkInner(a, node, x.back(), y[y.size() - 2])))
    return failure();
  SymDims dims = a.broadcast(ArrayRef(x).drop_back(2), ArrayRef(y).drop_back(2));
  if (!isRow)
    dims.push_back(x[x.size() - 2]);
  if (!isColumn)
    dims.push_back(y.back());
  a.set(node.output(), dims);
  return success();
}

static LogicalResult gemmRule(ShapeAnalysis &a, Node node) {
  SymDims x(a.dims(node.input(0))), y(a.dims(node.input(1)));
  if (x.size() != 2 || y.size() != 2)
    return a.error(node, "needs two matrices; got ranks " + Twine(x.size()) +
                             " and " + Twine(y.size()));
  if (node.integer("transA", 0))
    std::swap(x[0], x[1]);
  if (node.integer("transB", 0))
    std::swap(y[0], y[1]);
  if (failed(checkInner(a, node, x[1], y[0])))
    return failure();
  a.set(node.output(), {x[0], y[1]});
  return success();
}

static LogicalResult reduceRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> from = a.dims(node.input(0));
  auto axes = axesOf(node, 1, from.size(), a);
  if (!axes && !a.knownContents(node.input(1))) {
    // Only the run knows the axes; their number gives the rank.
    if (node.integer("keepdims", 1))
      return a.set(node.output(), SymDims(from.size())), success();
    auto named = a.contentsOrAtoms(node.input(1));
    if (!named || named->size() > from.size())
      return a.error(node, "the number of axes is not known, or larger than the "
                           "rank " + Twine(from.size()));
    return a.set(node.output(), SymDims(from.size() - named->size())), success();
  }
  if (!axes)
    return a.error(node, "axes must be constant and in range for rank " +
                             Twine(from.size()));
  bool keep = node.integer("keepdims", 1);
  bool all = axes->empty() && !node.integer("noop_with_empty_axes", 0);
  SymDims dims;
  for (auto [axis, dim] : llvm::enumerate(from)) {
    bool reduced = all || llvm::is_contained(*axes, (int64_t)axis);
    if (!reduced)
      dims.push_back(dim);
    else if (keep)
      dims.push_back(a.syms().constant(1));
  }
  a.set(node.output(), dims);
  return success();
}

static LogicalResult argRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  auto axis = normalizeAxis(node.integer("axis", 0), dims.size());
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", 0)) +
                             " is out of range for rank " + Twine(dims.size()));
  if (node.integer("keepdims", 1))
    dims[*axis] = a.syms().constant(1);
  else
    dims.erase(dims.begin() + *axis);
  a.set(node.output(), dims);
  return success();
}

/// (Simplified)LayerNormalization: Y like X; mean and 1/sigma with extent 1 on
/// the normalised axes.
static LogicalResult layerNormRule(ShapeAnalysis &a, Node node) {
  SymDims dims(a.dims(node.input(0)));
  auto axis = normalizeAxis(node.integer("axis", -1), dims.size());
  if (!axis)
    return a.error(node, "axis " + Twine(node.integer("axis", -1)) +
                             " is out of range for rank " + Twine(dims.size()));
  a.set(node.output(0), SymDims(dims));
  for (size_t i = *axis; i < dims.size(); ++i)
    dims[i] = a.syms().constant(1);
  for (unsigned i = 1; i < node.outputs(); ++i)
    a.set(node.output(i), SymDims(dims));
  return success();
}

void moec::addMathRules(llvm::StringMap<ShapeRule> &rules) {
  rules["MatMul"] = rules["com.microsoft.FusedMatMul"] = matMulRule;
  rules["Gemm"] = gemmRule;
  rules["ArgMax"] = rules["ArgMin"] = argRule;
  rules["LayerNormalization"] = rules["SimplifiedLayerNormalization"] =
      layerNormRule;
  for (StringRef kind :
       {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
        "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
        "ReduceSumSquare"})
    rules[kind] = reduceRule;
}
