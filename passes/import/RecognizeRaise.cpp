#include "passes/import/RecognizeRaise.h"

#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace moec::onnx;

namespace moec::recognize {

//===----------------------------------------------------------------------===//
// A layer in form C or G
//===----------------------------------------------------------------------===//

namespace {

class LayerWriter {
public:
  LayerWriter(const Combine &combine, const Router &router,
              const Experts &experts, int64_t layer)
      : combine(combine), selection(*combine.selection), router(router),
        experts(experts), layer(layer), builder(combine.op->getContext()) {}

  Raised write() {
    if (router.logits)
      writeRoute();
    builder.setInsertionPoint(combine.op);
    if (!router.logits)
      keepRoute();
    return writeExperts();
  }

private:
  FloatAttr f32(double value) {
    return builder.getF32FloatAttr(static_cast<float>(value));
  }
  void setAttributes(moe::RouteOp route);
  void writeRoute();
  void keepRoute();
  Value bankOf(const Projection &projection);
  Value biasOf(const Projection &projection);
  Raised writeExperts();
  void replaceResult(Value result);

  const Combine &combine;
  const Selection &selection;
  const Router &router;
  const Experts &experts;
  int64_t layer;
  OpBuilder builder;
  Value chosen, weights;
};

void LayerWriter::setAttributes(moe::RouteOp route) {
  MLIRContext *context = builder.getContext();
  route.setScore(router.score);
  route.setNormalize(router.normalize);
  if (router.epsilon != 0)
    route.setEpsilonAttr(f32(router.epsilon));
  if (router.floor != 0)
    route.setFloorAttr(f32(router.floor));
  if (router.scale != 1)
    route.setScaleAttr(f32(router.scale));
  if (router.groups > 1) {
    route.setGroups(router.groups);
    route.setTopGroupsAttr(builder.getI64IntegerAttr(router.topGroups));
    route.setGroupScoreAttr(
        moe::GroupScoreAttr::get(context, router.groupScore));
    route.setGroupMaskAttr(f32(router.groupMask));
  }
}

/// moe.route stands where the top-k stood and serves all its users.
void LayerWriter::writeRoute() {
  builder.setInsertionPointAfter(selection.topk);
  Location loc = selection.topk->getLoc();
  Glue glue(builder, loc);
  Value logits = glue.matrix(router.logits, selection.experts);
  auto logitsType = cast<RankedTensorType>(logits.getType());
  auto replaced = cast<RankedTensorType>(router.weights.getType());
  bool keepsType = replaced.getElementType() == logitsType.getElementType();
  Type weightType =
      keepsType ? logitsType.getElementType() : builder.getF32Type();
  Value bias = router.bias;
  if (bias && cast<RankedTensorType>(bias.getType()).getRank() != 1)
    bias = glue.reshape(bias, {selection.experts});
  if (bias)
    bias = glue.cast(bias, builder.getF32Type());
  Value source = router.weightsFrom
                     ? glue.matrix(router.weightsFrom, selection.experts)
                     : Value();
  auto route =
      moe::RouteOp::create(builder, loc, logits, selection.k, weightType);
  if (bias)
    route.getBiasMutable().assign(bias);
  if (source)
    route.getWeightsFromMutable().assign(source);
  setAttributes(route);
  chosen = route.getExperts();
  Value own = glue.cast(route.getWeights(), replaced.getElementType());
  bool direct = experts.weights == router.weights;
  Value old = router.weights;
  old.replaceAllUsesWith(glue.rowsLike(own, selection.scores));
  weights = direct ? Value(route.getWeights()) : experts.weights;
  Value ids = selection.topk->getResult(1);
  if (!ids.use_empty())
    ids.replaceAllUsesWith(glue.rowsLike(
        glue.cast(chosen, builder.getI64Type()), selection.scores));
}

/// The graph's own ids. A gather of 0 .. E-1 by them says what an id outside
/// means where the graph gathers banks by them: counted from the end if it is
/// negative, else an error. Sorted and counted ids (form G) may not be negative
/// either: such a row would be in front of all and counted with the last ones.
void LayerWriter::keepRoute() {
  Glue glue(builder, selection.ids.getLoc());
  Value ids = glue.matrix(selection.ids, selection.k);
  ids = glue.cast(ids, builder.getI64Type());
  Value all =
      glue.constant(llvm::to_vector(llvm::seq<int64_t>(0, selection.experts)));
  auto type = cast<RankedTensorType>(ids.getType());
  if (experts.sorted) {
    Value negative = glue.node("Less", {ids, glue.constant({0})},
                               type.clone(builder.getI1Type()));
    ids = glue.node("Where",
                    {negative, glue.constant({selection.experts}), ids}, type);
  }
  Value inside =
      glue.node("Gather", {all, ids}, type.clone(builder.getI64Type()),
                builder.getNamedAttr("axis", builder.getI64IntegerAttr(0)));
  chosen = glue.cast(inside, builder.getI32Type());
  weights = experts.weights;
}

/// The bank, or one made of the experts' own matrices: regions of files stay
/// where they are, small constants are put together.
Value LayerWriter::bankOf(const Projection &projection) {
  const Product &product = *projection.product;
  if (product.matrices.empty())
    return product.bank;
  auto type = cast<RankedTensorType>(product.matrices.front().getType());
  ArrayRef<int64_t> matrixShape = type.getShape().take_back(2);
  SmallVector<int64_t> shape{selection.experts};
  llvm::append_range(shape, matrixShape);
  SmallVector<Attribute> regions;
  for (Value matrix : product.matrices)
    if (auto weight = matrix.getDefiningOp<onnx::WeightOp>()) {
      onnx::RegionAttr region = weight.getRegion();
      regions.push_back(
          moe::RegionAttr::get(builder.getContext(), region.getFile(),
                               region.getOffset(), region.getLength()));
    }
  Glue glue(builder, combine.op->getLoc());
  if (regions.size() != product.matrices.size())
    return glue.stack(product.matrices, matrixShape);
  auto first = product.matrices.front().getDefiningOp<onnx::WeightOp>();
  return moe::WeightOp::create(builder, first.getLoc(), type.clone(shape),
                               first.getName(), builder.getArrayAttr(regions));
}

Value LayerWriter::biasOf(const Projection &projection) {
  if (!projection.bias)
    return {};
  auto type = cast<RankedTensorType>(projection.bias.getType());
  Glue glue(builder, combine.op->getLoc());
  return glue.matrix(projection.bias,
                     type.getNumElements() / selection.experts);
}

Raised LayerWriter::writeExperts() {
  Location loc = combine.op->getLoc();
  Glue glue(builder, loc);
  auto tokenType = cast<RankedTensorType>(experts.tokens.getType());
  Value tokens = glue.matrix(experts.tokens, tokenType.getShape().back());
  auto dispatch =
      moe::DispatchOp::create(builder, loc, tokens, chosen, selection.experts);
  auto layout = [](const Projection &projection) {
    return projection.product->outFirst ? moe::Layout::OutIn
                                        : moe::Layout::InOut;
  };
  auto rows = cast<RankedTensorType>(dispatch.getRows().getType());
  auto resultType = RankedTensorType::get(
      {rows.getDimSize(0), experts.fc2.product->width}, rows.getElementType());
  Value fc3 = experts.fc3.product ? bankOf(experts.fc3) : Value();
  auto op = moe::ExpertsOp::create(
      builder, loc, resultType, dispatch.getRows(), dispatch.getCounts(),
      bankOf(experts.fc1), biasOf(experts.fc1), fc3, biasOf(experts.fc3),
      bankOf(experts.fc2), biasOf(experts.fc2), experts.activation,
      experts.fusion, layout(experts.fc1), layout(experts.fc2),
      llvm::APFloat(static_cast<float>(experts.alpha)),
      llvm::APFloat(static_cast<float>(experts.beta)),
      experts.limit ? f32(*experts.limit) : FloatAttr(),
      builder.getStringAttr(experts.sorted ? "G" : "C"),
      builder.getI64IntegerAttr(layer));
  weights = glue.matrix(weights, selection.k);
  if (cast<RankedTensorType>(weights.getType()).getElementType() !=
      resultType.getElementType())
    weights = glue.cast(weights, builder.getF32Type());
  Type sumType = cast<RankedTensorType>(combine.op->getResult(0).getType())
                     .getElementType();
  auto sum = moe::CombineOp::create(
      builder, loc,
      RankedTensorType::get({dispatch.getSlots().getType().getDimSize(0),
                             resultType.getDimSize(1)},
                            sumType),
      op.getResult(), dispatch.getSlots(), weights);
  replaceResult(sum.getResult());
  return {op, selection.k};
}

void LayerWriter::replaceResult(Value result) {
  Value old = combine.op->getResult(0);
  auto type = cast<RankedTensorType>(old.getType());
  Glue glue(builder, combine.op->getLoc());
  if (type.getRank() == 2) {
    // One of the two may know the number of tokens better; keep the users'
    // view.
    if (auto sum = result.getDefiningOp<moe::CombineOp>(); sum)
      result.setType(type);
    old.replaceAllUsesWith(result);
    return;
  }
  old.replaceAllUsesWith(
      glue.rowsLike(result, shapeOfResult(combine, experts)));
}

} // namespace

Value shapeOfResult(const Combine &combine, const Experts &experts) {
  Value result = combine.op->getResult(0);
  auto type = dyn_cast<RankedTensorType>(result.getType());
  if (!type || type.getRank() < 2)
    return {};
  if (type.getNumDynamicDims() <= 1)
    return result;
  for (Value like : {experts.tokens, combine.selection->scores})
    if (like &&
        cast<RankedTensorType>(like.getType()).getRank() == type.getRank())
      return like;
  return {};
}

Raised raiseLayer(const Combine &combine, const Router &router,
                  const Experts &experts, int64_t layer) {
  return LayerWriter(combine, router, experts, layer).write();
}

} // namespace moec::recognize
