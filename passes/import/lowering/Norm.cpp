//===- Norm.cpp - Normalisation of rows -----------------------------------===//
//
// All of them are (x - mean) / sqrt(variance + epsilon) * scale + bias over the
// axes from `axis` on, the simplified ones without the mean. Computed in f32
// (f64 for f64) and rounded once.
//
//===----------------------------------------------------------------------===//

#include "passes/import/lowering/Lowering.h"
#include "passes/import/lowering/ScalarMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace moec;
using onnx::Node;

namespace {
struct NormSpec {
  int64_t axis;
  bool centred; ///< subtracts the mean
  double epsilon;
  std::optional<SymTensor> scale, bias;
};

struct NormResult {
  SymTensor y;
  /// One number a row, [rows, 1]; made only by `normParts`.
  std::optional<SymTensor> mean, inverse;
};
} // namespace

/// The matrix [axes before `axis`, the others].
static SymTensor asRows(Lowering &l, const SymTensor &x, int64_t axis) {
  Sym rows = l.syms().constant(1), width = rows;
  for (auto [i, dim] : llvm::enumerate(x.dims)) {
    Sym &extent = static_cast<int64_t>(i) < axis ? rows : width;
    extent = l.syms().mul(extent, dim);
  }
  return l.reshape(x, {rows, width});
}

/// True if `parameter` has one element for each normalised element.
static bool fitsRow(const SymTensor &x, int64_t axis,
                    const SymTensor &parameter) {
  return ArrayRef<Sym>(parameter.dims) ==
         ArrayRef<Sym>(x.dims).drop_front(axis);
}

static SymTensor flat(Lowering &l, const SymTensor &x) {
  Sym total = l.syms().constant(1);
  for (Sym dim : x.dims)
    total = l.syms().mul(total, dim);
  return l.reshape(l.cast(x, l.b.getF32Type()), {total});
}

/// One pass over each row; nothing if the kernels have no such form.
static std::optional<SymTensor> normKernel(Lowering &l, const SymTensor &wide,
                                           const NormSpec &spec) {
  bool fits = wide.element().isF32() && spec.scale &&
              fitsRow(wide, spec.axis, *spec.scale) &&
              (spec.centred || !spec.bias) &&
              (!spec.bias || fitsRow(wide, spec.axis, *spec.bias));
  if (!fits)
    return std::nullopt;
  SymTensor rows = asRows(l, wide, spec.axis);
  Type f32 = l.b.getF32Type();
  SmallVector<Value> inputs = {rows.value, flat(l, *spec.scale).value};
  if (spec.centred)
    inputs.push_back(spec.bias ? flat(l, *spec.bias).value
                               : l.empty({l.syms().constant(0)}, f32).value);
  inputs.push_back(l.number(f32, spec.epsilon));
  SymTensor y = l.kernel(spec.centred ? "layer_norm" : "rms_norm", inputs,
                         l.empty(rows.dims, f32));
  return l.reshape(y, wide.dims);
}

/// Sum of squares (or of the elements) of each row over its length, [rows, 1].
static SymTensor rowMean(Lowering &l, const SymTensor &rows, bool squares) {
  SymTensor sum = l.reduce(
      rows, 1, l.zero(rows.element()),
      [=](ImplicitLocOpBuilder &b, ValueRange v) {
        Value term =
            squares ? arith::MulFOp::create(b, v[0], v[0]).getResult() : v[0];
        return addReassociated(b, term, v[1]);
      });
  Value count =
      arith::IndexCastOp::create(l.b, l.b.getI64Type(), l.index(rows.dims[1]));
  Value length = arith::SIToFPOp::create(l.b, rows.element(), count);
  SymTensor mean = l.elementwise(
      sum, rows.element(), [&](ImplicitLocOpBuilder &b, ValueRange v) {
        return arith::DivFOp::create(b, v[0], length).getResult();
      });
  return l.reshape(mean, {rows.dims[0], l.syms().constant(1)});
}

/// Any form, with the mean and 1/sigma of each row.
static NormResult normParts(Lowering &l, const SymTensor &wide,
                            const NormSpec &spec) {
  Type type = wide.element();
  NormResult result;
  SymTensor rows = asRows(l, wide, spec.axis);
  if (spec.centred) {
    result.mean = rowMean(l, rows, /*squares=*/false);
    rows =
        l.elementwise({rows, *result.mean}, rows.dims, type,
                      [](ImplicitLocOpBuilder &b, ValueRange v) {
                        return arith::SubFOp::create(b, v[0], v[1]).getResult();
                      });
  }
  Value epsilon = l.number(type, spec.epsilon), one = l.number(type, 1);
  result.inverse =
      l.elementwise(rowMean(l, rows, /*squares=*/true), type,
                    [&](ImplicitLocOpBuilder &b, ValueRange v) {
                      Value guarded = arith::AddFOp::create(b, v[0], epsilon);
                      Value root = math::SqrtOp::create(b, guarded);
                      return arith::DivFOp::create(b, one, root).getResult();
                    });
  SymTensor unit =
      l.elementwise({rows, *result.inverse}, rows.dims, type,
                    [](ImplicitLocOpBuilder &b, ValueRange v) {
                      return arith::MulFOp::create(b, v[0], v[1]).getResult();
                    });
  result.y = l.reshape(unit, wide.dims);
  auto apply = [&](const std::optional<SymTensor> &parameter, auto combine) {
    if (parameter)
      result.y = l.elementwise({result.y, l.cast(*parameter, type)}, wide.dims,
                               type, combine);
  };
  apply(spec.scale, [](ImplicitLocOpBuilder &b, ValueRange v) {
    return arith::MulFOp::create(b, v[0], v[1]).getResult();
  });
  apply(spec.bias, [](ImplicitLocOpBuilder &b, ValueRange v) {
    return arith::AddFOp::create(b, v[0], v[1]).getResult();
  });
  return result;
}

/// Normalises `wide` and sets the node's outputs: y, then (in `parts`) mean
/// and 1/sigma where the node asks for them.
static LogicalResult finish(Lowering &l, Node node, const SymTensor &wide,
                            const NormSpec &spec, Value meanOut,
                            Value inverseOut) {
  for (const auto &parameter : {spec.scale, spec.bias})
    if (parameter && parameter->rank() > wide.rank())
      return l.error(
          node, "a scale or bias of rank " + Twine(parameter->rank()) +
                    " does not fit an input of rank " + Twine(wide.rank()));
  NormResult result;
  bool onlyY = (!meanOut || meanOut.use_empty()) &&
               (!inverseOut || inverseOut.use_empty());
  auto fast = onlyY ? normKernel(l, wide, spec) : std::nullopt;
  if (fast)
    result.y = *fast;
  else
    result = normParts(l, wide, spec);
  auto element = [](Value output) {
    return Lowering::signless(Lowering::onnxElement(output));
  };
  if (Value y = node.output(0))
    l.set(y, l.cast(result.y, element(y)));
  auto setRows = [&](Value output, const std::optional<SymTensor> &rows) {
    if (output && rows)
      l.set(output,
            l.reshape(l.cast(*rows, element(output)), l.shapes.dims(output)));
  };
  if (meanOut && !meanOut.use_empty() && !result.mean)
    return l.error(node, "has no mean to put out");
  setRows(meanOut, result.mean);
  setRows(inverseOut, result.inverse);
  return success();
}

static std::optional<SymTensor> optionalInput(Lowering &l, Node node,
                                              unsigned i) {
  return node.input(i) ? std::optional(l.get(node.input(i))) : std::nullopt;
}

static LogicalResult requireFloat(Lowering &l, Node node) {
  if (isa<FloatType>(Lowering::onnxElement(node.input(0))))
    return success();
  return l.error(node, "needs floating-point numbers");
}

/// LayerNormalization, RMSNormalization, SimplifiedLayerNormalization (whose
/// second output is 1/sigma).
static LogicalResult lowerNorm(Lowering &l, Node node) {
  if (failed(requireFloat(l, node)))
    return failure();
  SymTensor x = l.get(node.input(0));
  auto axis = normalizeAxis(node.integer("axis", -1), x.rank());
  if (!axis)
    return l.error(node, "axis " + Twine(node.integer("axis", -1)) +
                             " is out of range for rank " + Twine(x.rank()));
  bool centred = node.is("LayerNormalization");
  NormSpec spec = {*axis, centred, node.real("epsilon", 1e-5),
                   optionalInput(l, node, 1), optionalInput(l, node, 2)};
  return finish(l, node, l.cast(x, computeType(l.b, x.element())), spec,
                centred ? node.output(1) : Value(),
                node.output(centred ? 2 : 1));
}

/// Inputs: input, skip, gamma, (beta,) bias. Outputs: y, mean, 1/sigma and the
/// sum input + skip + bias.
static LogicalResult lowerSkipNorm(Lowering &l, Node node) {
  if (failed(requireFloat(l, node)))
    return failure();
  SymTensor x = l.get(node.input(0));
  bool centred = node.is("com.microsoft.SkipLayerNormalization");
  Type wide = computeType(l.b, x.element());
  SymTensor sum = l.cast(x, wide);
  auto addTo = [&](const SymTensor &other) {
    sum =
        l.elementwise({sum, l.cast(other, wide)}, x.dims, wide,
                      [](ImplicitLocOpBuilder &b, ValueRange v) {
                        return arith::AddFOp::create(b, v[0], v[1]).getResult();
                      });
  };
  std::optional<SymTensor> bias = optionalInput(l, node, centred ? 4 : 3);
  SymTensor skip = l.get(node.input(1));
  if (x.rank() == 0 || skip.rank() > x.rank() ||
      (bias && bias->rank() > x.rank()))
    return l.error(node,
                   "skip and bias must not have a higher rank than the input");
  addTo(skip);
  if (bias)
    addTo(*bias);
  if (Value output = node.output(3))
    l.set(output, l.cast(sum, x.element()));
  NormSpec spec = {x.rank() - 1, centred, node.real("epsilon", 1e-12),
                   optionalInput(l, node, 2),
                   centred ? optionalInput(l, node, 3) : std::nullopt};
  return finish(l, node, sum, spec, node.output(1), node.output(2));
}

void moec::addNormLowerings(llvm::StringMap<NodeLowering> &table) {
  for (StringRef kind : {"LayerNormalization", "RMSNormalization",
                         "SimplifiedLayerNormalization"})
    table[kind] = lowerNorm;
  for (StringRef kind : {"com.microsoft.SkipLayerNormalization",
                         "com.microsoft.SkipSimplifiedLayerNormalization"})
    table[kind] = lowerSkipNorm;
}
