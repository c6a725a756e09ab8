//===- ConvRules.cpp - Shapes of convolutions -----------------------------===//

#include "passes/import/shapes/Windows.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// An attribute with `count` integers, all `value` where it is absent.
static FailureOr<SmallVector<int64_t>> integers(ShapeAnalysis &a, Node node,
                                                StringRef name, size_t count,
                                                int64_t value) {
  SmallVector<int64_t> result = node.integers(name);
  if (result.empty())
    result.assign(count, value);
  if (result.size() != count ||
      llvm::any_of(result, [&](int64_t each) { return each < value; }))
    return a.error(node, name + " must be " + Twine(count) +
                             " integers of at least " + Twine(value));
  return result;
}

/// What a model says twice must be the same.
static LogicalResult checkKernelShape(ShapeAnalysis &a, Node node,
                                      ArrayRef<Sym> kernel) {
  SmallVector<int64_t> sizes = node.integers("kernel_shape");
  if (sizes.empty())
    return success();
  if (sizes.size() != kernel.size())
    return a.error(node, "kernel_shape must be " + Twine(kernel.size()) +
                             " integers");
  for (auto [axis, size] : llvm::enumerate(sizes))
    if (a.syms().differ(kernel[axis], a.syms().constant(size)))
      return a.error(node, "kernel_shape says " + Twine(size) +
                               " for spatial axis " + Twine(axis) +
                               ", the weight has " +
                               a.syms().text(kernel[axis]));
  return success();
}

/// As many zeros as give one window for each `stride` elements, the odd one
/// behind (`upper`) or in front.
static void padToSame(SymContext &c, Windows &w, Sym dim, bool upper) {
  Sym stride = c.constant(w.stride), zero = c.constant(0);
  Sym last = c.mul(c.sub(c.ceilDiv(dim, stride), c.constant(1)), stride);
  Sym total = c.max(c.sub(c.add(last, w.reach), dim), zero);
  Sym less = c.floorDiv(total, c.constant(2)), more = c.sub(total, less);
  w.before = upper ? less : more;
  w.after = upper ? more : less;
}

/// Fills in the extents of windows with their zeros in place.
static LogicalResult countOutputs(ShapeAnalysis &a, Node node, Windows &w,
                                  Sym dim, size_t axis) {
  SymContext &c = a.syms();
  w.padded = c.add(c.add(dim, w.before), w.after);
  Sym room = c.sub(w.padded, w.reach);
  w.outputs = c.add(c.floorDiv(room, c.constant(w.stride)), c.constant(1));
  if (!w.outputs)
    return a.error(node,
                   "the extent of spatial axis " + Twine(axis) + " overflows");
  if (int64_t spare = room.constant().value_or(0); spare < 0)
    return a.error(node, "the kernel is " + Twine(-spare) +
                             " elements longer than the padded input of "
                             "spatial axis " +
                             Twine(axis));
  return success();
}

FailureOr<SmallVector<Windows>> moec::readWindows(ShapeAnalysis &a, Node node) {
  SymContext &c = a.syms();
  ArrayRef<Sym> x = a.dims(node.input(0)).drop_front(2);
  ArrayRef<Sym> kernel = a.dims(node.input(1)).drop_front(2);
  size_t spatial = x.size();
  auto strides = integers(a, node, "strides", spatial, 1);
  auto dilations = integers(a, node, "dilations", spatial, 1);
  auto pads = integers(a, node, "pads", 2 * spatial, 0);
  if (failed(strides) || failed(dilations) || failed(pads) ||
      failed(checkKernelShape(a, node, kernel)))
    return failure();
  StringRef automatic = node.string("auto_pad", "NOTSET");
  bool upper = automatic == "SAME_UPPER", lower = automatic == "SAME_LOWER";
  bool given = automatic == "NOTSET";
  if (!upper && !lower && !given && automatic != "VALID")
    return a.error(node, "auto_pad must be NOTSET, SAME_UPPER, SAME_LOWER or "
                         "VALID, not '" +
                             automatic + "'");
  SmallVector<Windows> result;
  for (size_t i = 0; i < spatial; ++i) {
    Windows w;
    w.stride = (*strides)[i];
    w.dilation = (*dilations)[i];
    w.reach =
        c.add(c.mul(c.constant(w.dilation), c.sub(kernel[i], c.constant(1))),
              c.constant(1));
    w.before = c.constant(given ? (*pads)[i] : 0);
    w.after = c.constant(given ? (*pads)[spatial + i] : 0);
    if (upper || lower)
      padToSame(c, w, x[i], upper);
    if (failed(countOutputs(a, node, w, x[i], i)))
      return failure();
    result.push_back(w);
  }
  return result;
}

/// X [N, C, D...], W [M, C / group, K...], B [M].
static LogicalResult convRule(ShapeAnalysis &a, Node node) {
  ArrayRef<Sym> x = a.dims(node.input(0)), weight = a.dims(node.input(1));
  if (x.size() < 3 || weight.size() != x.size())
    return a.error(node, "needs an input and a weight of the same rank, at "
                         "least 3; got ranks " +
                             Twine(x.size()) + " and " + Twine(weight.size()));
  int64_t group = node.integer("group", 1);
  auto outputs = weight[0].constant(), inputs = weight[1].constant();
  if (!outputs || !inputs || group < 1 || *outputs % group != 0)
    return a.error(node,
                   "group " + Twine(group) +
                       " must divide a constant number of output channels");
  int64_t taken;
  if (llvm::MulOverflow(*inputs, group, taken))
    return a.error(node, "group " + Twine(group) + " times " + Twine(*inputs) +
                             " channels overflows");
  auto channels = x[1].constant();
  if (channels && *channels != taken)
    return a.error(node, "the input has " + Twine(*channels) +
                             " channels; the weight takes " + Twine(taken));
  FailureOr<SmallVector<Windows>> windows = readWindows(a, node);
  if (failed(windows))
    return failure();
  SymDims dims = {x[0], weight[0]};
  for (const Windows &w : *windows)
    dims.push_back(w.outputs);
  a.set(node.output(), dims);
  return success();
}

void moec::addConvRules(llvm::StringMap<ShapeRule> &rules) {
  rules["Conv"] = convRule;
}
