#include "passes/import/RecognizeRaise.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

namespace {

/// Reads a com.microsoft.MoE node by its schema.
class FusedWriter {
public:
  FusedWriter(Node node, int64_t layer)
      : node(node), layer(layer), builder(node.operation()) {}

  FailureOr<Raised> write();

private:
  InFlightDiagnostic fail() { return node.operation()->emitOpError(); }
  enum Input { Tokens, Logits, Fc1, Fc1Bias, Fc2, Fc2Bias, Fc3, Fc3Bias };

  LogicalResult readActivation();
  LogicalResult readShapes();
  LogicalResult readRouter();
  moe::RouteOp writeRoute(Value logits);

  Node node;
  int64_t layer;
  OpBuilder builder;
  moe::Activation activation = moe::Activation::Relu;
  moe::Fusion fusion = moe::Fusion::None;
  double alpha = 1, beta = 0;
  FloatAttr limit;
  int64_t experts = 0, hidden = 0, inner = 0, k = 1;
};

LogicalResult FusedWriter::readActivation() {
  StringRef name = node.string("activation_type", "relu");
  bool hasFc3 = node.input(Fc3) != nullptr;
  if (name == "swiglu") {
    int64_t mode = node.integer("swiglu_fusion", 0);
    if (mode < 0 || mode > 2)
      return fail() << "has swiglu_fusion " << mode << "; expected 0, 1 or 2";
    if ((mode == 0) != hasFc3)
      return fail() << "has swiglu_fusion " << mode << " and "
                    << (hasFc3 ? "an" : "no")
                    << " fc3; swiglu needs fc3 exactly if swiglu_fusion is 0";
    activation = moe::Activation::Silu;
    fusion = mode == 0   ? moe::Fusion::Separate
             : mode == 1 ? moe::Fusion::Interleaved
                         : moe::Fusion::Concatenated;
    alpha = node.real("activation_alpha", 1.0);
    beta = node.real("activation_beta", 0.0);
    if (node.has("swiglu_limit"))
      limit = builder.getF32FloatAttr(node.real("swiglu_limit", 0.0));
    return success();
  }
  auto known = llvm::StringSwitch<std::optional<moe::Activation>>(name)
                   .Case("relu", moe::Activation::Relu)
                   .Case("gelu", moe::Activation::GeluTanh)
                   .Case("silu", moe::Activation::Silu)
                   .Case("identity", moe::Activation::Identity)
                   .Default(std::nullopt);
  if (!known)
    return fail() << "has activation_type '" << name
                  << "'; expected relu, gelu, silu, swiglu or identity";
  activation = *known;
  if (hasFc3 && name != "silu")
    return fail() << "has an fc3 and activation_type '" << name
                  << "'; fc3 needs silu or swiglu";
  if (hasFc3)
    fusion = moe::Fusion::Separate;
  return success();
}

/// fc1 is [E, fusion * I, H], fc2 [E, H, I], fc3 [E, I, H].
LogicalResult FusedWriter::readShapes() {
  RankedTensorType fc1 = node.inputType(Fc1), fc2 = node.inputType(Fc2);
  if (!fc1 || !fc2 || fc1.getRank() != 3 || fc2.getRank() != 3 ||
      !fc1.hasStaticShape() || !fc2.hasStaticShape())
    return fail() << "needs static fc1 and fc2 weights of rank 3";
  experts = fc1.getDimSize(0);
  int64_t width = fc2.getDimSize(1), depth = fc2.getDimSize(2);
  bool fused =
      fusion == moe::Fusion::Interleaved || fusion == moe::Fusion::Concatenated;
  int64_t factor = fused ? 2 : 1;
  RankedTensorType tokens = node.inputType(Tokens);
  hidden = tokens && !ShapedType::isDynamic(tokens.getShape().back())
               ? tokens.getShape().back()
               : width;
  // Before ONNX Runtime 1.23 the weights were stored [E, in, out].
  bool legacy = fc1.getDimSize(1) == hidden && depth == hidden &&
                fc1.getDimSize(2) == factor * width &&
                !(fc1.getDimSize(2) == hidden && width == hidden);
  if (legacy)
    return fail() << "has weights in the legacy layout [E, in, out]: fc1 "
                  << fc1 << ", fc2 " << fc2 << " with hidden size " << hidden
                  << "; export it again with [E, out, in]";
  inner = depth;
  if (fc1.getDimSize(1) != factor * inner || fc1.getDimSize(2) != hidden ||
      width != hidden || fc2.getDimSize(0) != experts)
    return fail() << "has fc1 " << fc1 << " and fc2 " << fc2
                  << "; expected [E, " << factor << " * I, H] and [E, H, I] "
                  << "with hidden size H = " << hidden;
  if (node.input(Fc3) && node.inputType(Fc3) != fc1)
    return fail() << "has fc3 " << node.input(Fc3).getType() << "; expected "
                  << fc1 << " as fc1";
  return success();
}

LogicalResult FusedWriter::readRouter() {
  k = node.integer("k", 1);
  if (k < 1 || k > experts)
    return fail() << "has k = " << k
                  << "; expected 1 to the number of experts, " << experts;
  RankedTensorType logits = node.inputType(Logits);
  if (logits && logits.getRank() != 2)
    return fail() << "has router_probs " << logits
                  << "; expected rank 2, [tokens, experts]";
  if (logits && !ShapedType::isDynamic(logits.getDimSize(1)) &&
      logits.getDimSize(1) != experts)
    return fail() << "has router_probs for " << logits.getDimSize(1)
                  << " experts and weights for " << experts;
  if (node.integer("use_sparse_mixer", 0) != 0 && (k != 2 || experts < 2))
    return fail() << "has use_sparse_mixer with k = " << k
                  << "; the sparse mixer selects 2 experts";
  return success();
}

/// Noise level of PhiMoE's sparse mixer (ORT's `jitter_eps`).
static constexpr float sparseMixerEpsilon = 0.01f;

moe::RouteOp FusedWriter::writeRoute(Value logits) {
  auto route = moe::RouteOp::create(builder, node.loc(), logits, k,
                                    builder.getF32Type());
  if (node.integer("use_sparse_mixer", 0) != 0)
    route.setSparseMixerAttr(builder.getF32FloatAttr(sparseMixerEpsilon));
  else if (node.integer("normalize_routing_weights", 0) != 0)
    route.setNormalize(moe::Normalize::Sum);
  return route;
}

FailureOr<Raised> FusedWriter::write() {
  if (failed(readActivation()) || failed(readShapes()) || failed(readRouter()))
    return failure();
  Glue glue(builder, node.loc());
  Value tokens = glue.matrix(node.input(Tokens), hidden);
  moe::RouteOp route = writeRoute(glue.matrix(node.input(Logits), experts));
  auto dispatch = moe::DispatchOp::create(builder, node.loc(), tokens,
                                          route.getExperts(), experts);
  auto op = moe::ExpertsOp::create(
      builder, node.loc(), dispatch.getRows().getType(), dispatch.getRows(),
      dispatch.getCounts(), node.input(Fc1), node.input(Fc1Bias),
      node.input(Fc3), node.input(Fc3Bias), node.input(Fc2),
      node.input(Fc2Bias), activation, fusion, moe::Layout::OutIn,
      moe::Layout::OutIn, llvm::APFloat(static_cast<float>(alpha)),
      llvm::APFloat(static_cast<float>(beta)), limit,
      builder.getStringAttr("A"), builder.getI64IntegerAttr(layer));
  auto sum = moe::CombineOp::create(builder, node.loc(), tokens.getType(),
                                    op.getResult(), dispatch.getSlots(),
                                    route.getWeights());
  Value result = glue.rowsLike(sum.getResult(), node.input(Tokens));
  node.output().replaceAllUsesWith(result);
  return Raised{op, k};
}

} // namespace

FailureOr<Raised> raiseFused(Node node, int64_t layer) {
  return FusedWriter(node, layer).write();
}

} // namespace moec::recognize
