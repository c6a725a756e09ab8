//===- Conv.cpp - Convolutions --------------------------------------------===//
//
// Sums as written, one multiply-add per element of the kernel: what language
// models convolve are a few past tokens, one channel at a time.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Lowering.h"
#include "passes/import/shapes/Windows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

/// x with the windows' zeros in front of and behind each spatial axis.
static SymTensor padded(Lowering &l, SymTensor x, ArrayRef<Windows> windows) {
  for (auto [i, w] : llvm::enumerate(windows)) {
    auto zeros = [&](Sym count) {
      SymDims dims = x.dims;
      dims[i + 2] = count;
      return l.splat(dims, l.zero(x.element()));
    };
    SmallVector<SymTensor> parts{x};
    if (!w.before.is(0))
      parts.insert(parts.begin(), zeros(w.before));
    if (!w.after.is(0))
      parts.push_back(zeros(w.after));
    x = l.concat(parts, i + 2);
    x.dims[i + 2] = w.padded;
    if (!w.padded.constant() || !w.reach.constant())
      l.check(arith::CmpIOp::create(l.b, arith::CmpIPredicate::sge,
                                    l.index(w.padded), l.index(w.reach)),
              "Conv: the kernel is longer than its input");
  }
  return x;
}

/// x [N, G, C, padded...] times weight [G, M, C, kernel...]: the sum over C and
/// the kernel, [N, G, M, outputs...].
static SymTensor convolve(Lowering &l, const SymTensor &x,
                          const SymTensor &weight, ArrayRef<Windows> windows) {
  MLIRContext *context = l.b.getContext();
  unsigned spatial = windows.size(), outer = 3 + spatial,
           all = outer + 1 + spatial;
  auto dim = [&](unsigned i) { return getAffineDimExpr(i, context); };
  // Loops: n, g, m, outputs..., c, kernel...
  SmallVector<AffineExpr> from{dim(0), dim(1), dim(outer)};
  SmallVector<AffineExpr> by{dim(1), dim(2), dim(outer)};
  SymDims dims{x.dims[0], x.dims[1], weight.dims[1]};
  for (auto [i, w] : llvm::enumerate(windows)) {
    AffineExpr tap = dim(outer + 1 + i);
    from.push_back(dim(3 + i) * w.stride + tap * w.dilation);
    by.push_back(tap);
    dims.push_back(w.outputs);
  }
  SmallVector<AffineMap> maps = {
      AffineMap::get(all, 0, from, context),
      AffineMap::get(all, 0, by, context),
      AffineMap::getMultiDimIdentityMap(all, context).getMajorSubMap(outer)};
  SmallVector<utils::IteratorType> iterators(outer,
                                             utils::IteratorType::parallel);
  iterators.append(1 + spatial, utils::IteratorType::reduction);
  SymTensor init = l.splat(dims, l.zero(x.element()));
  auto generic = linalg::GenericOp::create(
      l.b, init.type(), ValueRange{x.value, weight.value}, init.value, maps,
      iterators, [](OpBuilder &nested, Location loc, ValueRange v) {
        Value product = arith::MulFOp::create(nested, loc, v[0], v[1]);
        linalg::YieldOp::create(
            nested, loc,
            ValueRange{arith::AddFOp::create(nested, loc, v[2], product)});
      });
  return {generic.getResult(0), dims};
}

/// [A, B, rest...] as [.., B', ..]: axis `axis` cut into `group` equal parts.
static SymTensor grouped(Lowering &l, const SymTensor &x, int64_t axis,
                         Sym group) {
  SymDims dims = x.dims;
  Sym each = l.syms().floorDiv(dims[axis], group);
  dims[axis] = each;
  dims.insert(dims.begin() + axis, group);
  return l.reshape(x, dims);
}

static LogicalResult lowerConv(Lowering &l, Node node) {
  SymTensor x = l.get(node.input(0)), weight = l.get(node.input(1));
  Type element = x.element();
  auto windows = readWindows(l.shapes, node);
  if (failed(windows))
    return failure();
  if (element.getIntOrFloatBitWidth() < 32) {
    x = l.cast(x, l.b.getF32Type());
    weight = l.cast(weight, l.b.getF32Type());
  }
  for (auto [extent, size] : llvm::zip(ArrayRef(weight.dims).drop_front(2),
                                       node.integers("kernel_shape")))
    l.checkEqual(extent, l.syms().constant(size),
                 "Conv: the weight is not of kernel_shape");
  Sym group = l.syms().constant(node.integer("group", 1));
  Sym channels = l.syms().mul(group, weight.dims[1]);
  l.checkEqual(x.dims[1], channels, "Conv: the channels differ");
  SymDims known = x.dims;
  known[1] = channels;
  x = padded(l, l.reshape(x, known), *windows);
  SymTensor result = convolve(l, grouped(l, x, 1, group),
                              grouped(l, weight, 0, group), *windows);
  result = l.reshape(result, l.shapes.dims(node.output()));
  if (node.input(2)) {
    Sym one = l.syms().constant(1);
    SymDims dims(result.rank(), one);
    dims[1] = result.dims[1];
    SymTensor bias = l.cast(l.get(node.input(2)), result.element());
    l.checkEqual(bias.dims[0], dims[1],
                 "Conv: not one bias per output channel");
    result = l.add(result, l.reshape(bias, dims));
  }
  l.set(node.output(), l.cast(result, element));
  return success();
}

void moec::addConvLowerings(llvm::StringMap<NodeLowering> &table) {
  table["Conv"] = lowerConv;
}
