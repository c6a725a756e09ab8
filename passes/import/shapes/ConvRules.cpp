//===- ConvRules.cpp - Shapes of convolutions -----------------------------===//

#include "passes/import/shapes/Windows.h"

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

FailureOr<SmallVector<Windows>> moec::readWindows(ShapeAnalysis &a, Node node) {
  SymContext &c = a.syms();
  ArrayRef<Sym> x = a.dims(node.input(0)), weight = a.dims(node.input(1));
  size_t spatial = x.size() - 2;
  auto strides = integers(a, node, "strides", spatial, 1);
  auto dilations = integers(a, node, "dilations", spatial, 1);
  auto pads = integers(a, node, "pads", 2 * spatial, 0);
  if (failed(strides) || failed(dilations) || failed(pads))
    return failure();
  StringRef automatic = node.string("auto_pad", "NOTSET");
  Sym zero = c.constant(0), one = c.constant(1), two = c.constant(2);
  SmallVector<Windows> result;
  for (size_t i = 0; i < spatial; ++i) {
    Windows w;
    w.stride = (*strides)[i];
    w.dilation = (*dilations)[i];
    Sym dim = x[i + 2], stride = c.constant(w.stride);
    w.reach =
        c.add(c.mul(c.constant(w.dilation), c.sub(weight[i + 2], one)), one);
    w.before = automatic == "NOTSET" ? c.constant((*pads)[i]) : zero;
    w.after = automatic == "NOTSET" ? c.constant((*pads)[spatial + i]) : zero;
    if (automatic.starts_with("SAME")) {
      Sym last = c.mul(c.sub(c.ceilDiv(dim, stride), one), stride);
      Sym total = c.max(c.sub(c.add(last, w.reach), dim), zero);
      Sym less = c.floorDiv(total, two);
      bool upper = automatic == "SAME_UPPER";
      w.before = upper ? less : c.sub(total, less);
      w.after = upper ? c.sub(total, less) : less;
    }
    w.padded = c.add(c.add(dim, w.before), w.after);
    Sym room = c.sub(w.padded, w.reach);
    if (room.constant().value_or(0) < 0)
      return a.error(node, "the kernel reaches over " +
                               Twine(*w.reach.constant()) + " of " +
                               Twine(*w.padded.constant()) +
                               " elements of spatial axis " + Twine(i));
    w.outputs = c.add(c.floorDiv(room, stride), one);
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
  auto channels = x[1].constant();
  if (channels && *channels != *inputs * group)
    return a.error(node, "the input has " + Twine(*channels) +
                             " channels; the weight takes " +
                             Twine(*inputs * group));
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
