#include "dialect/moe/Moe.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moec::moe;

//===----------------------------------------------------------------------===//
// Assembly of expert banks: `fc1(%w) fc3(%w) fc2(%w bias %b)`
//===----------------------------------------------------------------------===//

using UnresolvedOperand = OpAsmParser::UnresolvedOperand;
using OptionalOperand = std::optional<UnresolvedOperand>;

/// `(%bank)` or `(%bank bias %bias)`.
static ParseResult parseBank(OpAsmParser &parser, UnresolvedOperand &bank,
                             OptionalOperand &bias) {
  if (parser.parseLParen() || parser.parseOperand(bank))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("bias")) &&
      parser.parseOperand(bias.emplace()))
    return failure();
  return parser.parseRParen();
}

static ParseResult parseBanks(OpAsmParser &parser, UnresolvedOperand &fc1,
                              OptionalOperand &fc1Bias, OptionalOperand &fc3,
                              OptionalOperand &fc3Bias, UnresolvedOperand &fc2,
                              OptionalOperand &fc2Bias) {
  if (parser.parseKeyword("fc1") || parseBank(parser, fc1, fc1Bias))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("fc3")) &&
      parseBank(parser, fc3.emplace(), fc3Bias))
    return failure();
  return failure(parser.parseKeyword("fc2") || parseBank(parser, fc2, fc2Bias));
}

static void printBanks(OpAsmPrinter &printer, Operation *, Value fc1,
                       Value fc1Bias, Value fc3, Value fc3Bias, Value fc2,
                       Value fc2Bias) {
  auto print = [&](StringRef name, Value bank, Value bias) {
    printer << name << "(" << bank;
    if (bias)
      printer << " bias " << bias;
    printer << ")";
  };
  print("fc1", fc1, fc1Bias);
  if (fc3)
    print(" fc3", fc3, fc3Bias);
  print(" fc2", fc2, fc2Bias);
}

#define GET_OP_CLASSES
#include "dialect/moe/MoeOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Equal, or at least one of them not known before run time.
static bool compatible(int64_t a, int64_t b) {
  return a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b);
}

static bool compatible(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  return a.size() == b.size() && llvm::all_of(llvm::zip(a, b), [](auto dims) {
           return compatible(std::get<0>(dims), std::get<1>(dims));
         });
}

/// Rows of N tokens with k choices each; dynamic if N is.
static int64_t rowsOf(int64_t tokens, int64_t k) {
  return ShapedType::isDynamic(tokens) ? tokens : tokens * k;
}

//===----------------------------------------------------------------------===//
// moe.weight
//===----------------------------------------------------------------------===//

LogicalResult WeightOp::verify() {
  if (getRegions().empty()) // weight_c1
    return emitOpError() << "'" << getName() << "' has no region of bytes";
  ShapedType type = getType();
  int64_t size = type.getElementTypeBitWidth() / 8, total = 0;
  bool overflow = false;
  for (int64_t dim : type.getShape())
    overflow |= llvm::MulOverflow(size, dim, size) != 0;
  for (auto region : getRegions().getAsRange<RegionAttr>())
    overflow |= llvm::AddOverflow(total, region.getLength(), total) != 0;
  if (overflow || size != total) // weight_c2
    return emitOpError() << "'" << getName() << "' of type " << type
                         << " needs " << size << " bytes; its regions have "
                         << total;
  return success();
}

//===----------------------------------------------------------------------===//
// moe.route
//===----------------------------------------------------------------------===//

void RouteOp::build(OpBuilder &builder, OperationState &state, Value logits,
                    int64_t k, Type weightType) {
  int64_t tokens = cast<RankedTensorType>(logits.getType()).getDimSize(0);
  state.addOperands(logits);
  auto &properties = state.getOrAddProperties<Properties>();
  properties.operandSegmentSizes = {1, 0, 0};
  properties.k = builder.getI64IntegerAttr(k);
  state.addTypes({RankedTensorType::get({tokens, k}, weightType),
                  RankedTensorType::get({tokens, k}, builder.getI32Type())});
}

static LogicalResult verifyGroups(RouteOp op, int64_t experts) {
  int64_t groups = op.getGroups();
  bool complete = op.getTopGroups() && op.getGroupScore() && op.getGroupMask();
  bool any = op.getTopGroups() || op.getGroupScore() || op.getGroupMask();
  if (groups <= 1 ? any : !complete) // route_c8
    return op.emitOpError() << "top_groups, group_score and group_mask must be "
                            << (groups <= 1 ? "absent" : "present") << " with "
                            << groups << " groups";
  if (groups < 1 || experts % groups != 0) // route_c7
    return op.emitOpError()
           << groups << " groups do not divide " << experts << " experts";
  if (groups == 1)
    return success();
  int64_t top = *op.getTopGroups(), size = experts / groups;
  if (top < 1 || top > groups) // route_c7
    return op.emitOpError()
           << "top_groups is " << top
           << "; expected 1 to the number of groups, " << groups;
  if (top * size < static_cast<int64_t>(op.getK())) // route_c7
    return op.emitOpError() << "selects " << op.getK() << " experts from "
                            << top << " groups of " << size;
  if (size < 2 && *op.getGroupScore() == GroupScore::Top2Sum) // route_c7
    return op.emitOpError("group score top2_sum needs groups of two experts or "
                          "more; these have one");
  return success();
}

static LogicalResult verifyWeighting(RouteOp op) {
  auto usable = [](const APFloat &x) {
    return x.isFinite() && (x.isZero() || !x.isNegative());
  };
  APFloat epsilon = op.getEpsilon(), floor = op.getFloor();
  if (!usable(epsilon) || !usable(floor)) // route_c9
    return op.emitOpError("epsilon and floor must be finite and not negative");
  if (op.getNormalize() != Normalize::Sum &&
      !(epsilon.isZero() && floor.isZero())) // route_c9
    return op.emitOpError("epsilon and floor need normalize = "
                          "#moe.normalize<sum>");
  if (!op.getScale().isFinite()) // route_c9
    return op.emitOpError("scale must be finite");
  return success();
}

static LogicalResult verifySparseMixer(RouteOp op, int64_t experts) {
  std::optional<APFloat> epsilon = op.getSparseMixer();
  if (!epsilon)
    return success();
  if (!epsilon->isFinite() || epsilon->isZero() ||
      epsilon->isNegative()) // route_c10
    return op.emitOpError("sparse_mixer must be finite and positive");
  if (op.getK() != 2 || experts < 2) // route_c10
    return op.emitOpError() << "sparse_mixer selects 2 of at least 2 experts; "
                               "here k is "
                            << op.getK() << " of " << experts;
  if (op.getBias() || op.getWeightsFrom() || op.getGroups() != 1 ||
      op.getScore() != Score::Softmax || op.getNormalize() != Normalize::None ||
      !op.getScale().isExactlyValue(1.0)) // route_c10
    return op.emitOpError("sparse_mixer allows no bias, weights_from, groups, "
                          "normalisation or scale, and no score but softmax");
  return success();
}

LogicalResult RouteOp::verify() {
  RankedTensorType logits = cast<RankedTensorType>(getLogits().getType());
  RankedTensorType weights = cast<RankedTensorType>(getWeights().getType());
  RankedTensorType ids = cast<RankedTensorType>(getExperts().getType());
  int64_t experts = logits.getDimSize(1), k = getK();
  if (ShapedType::isDynamic(experts)) // route_c1
    return emitOpError() << "the number of experts of " << logits
                         << " must be static";
  if (k < 1 || k > experts) // route_c2
    return emitOpError() << "k is " << k
                         << "; expected 1 to the number of experts, "
                         << experts;
  for (RankedTensorType result : {weights, ids})
    if (!compatible(result.getDimSize(0), logits.getDimSize(0)) ||
        result.getDimSize(1) != k) // route_c3
      return emitOpError() << "result " << result << " must hold k = " << k
                           << " choices for each token of " << logits;
  if (!weights.getElementType().isF32() &&
      weights.getElementType() != logits.getElementType()) // route_c4
    return emitOpError() << "weights " << weights
                         << " must have the element type of " << logits
                         << " or f32";
  if (getBias() && getBias().getType().getDimSize(0) != experts) // route_c5
    return emitOpError() << "bias " << getBias().getType()
                         << " must have one element per expert, " << experts;
  if (getWeightsFrom() && !compatible(getWeightsFrom().getType().getShape(),
                                      logits.getShape())) // route_c6
    return emitOpError() << "weights_from " << getWeightsFrom().getType()
                         << " must have the shape of " << logits;
  if (failed(verifyGroups(*this, experts)) || failed(verifyWeighting(*this)))
    return failure();
  return verifySparseMixer(*this, experts);
}

//===----------------------------------------------------------------------===//
// moe.dispatch
//===----------------------------------------------------------------------===//

void DispatchOp::build(OpBuilder &builder, OperationState &state, Value tokens,
                       Value experts, int64_t numExperts) {
  auto tokenType = cast<RankedTensorType>(tokens.getType());
  auto idType = cast<RankedTensorType>(experts.getType());
  int64_t rows = rowsOf(idType.getDimSize(0), idType.getDimSize(1));
  build(builder, state,
        RankedTensorType::get({rows, tokenType.getDimSize(1)},
                              tokenType.getElementType()),
        RankedTensorType::get({numExperts}, builder.getI64Type()), idType,
        tokens, experts, builder.getI64IntegerAttr(numExperts));
}

LogicalResult DispatchOp::verify() {
  auto tokens = cast<RankedTensorType>(getTokens().getType());
  auto ids = cast<RankedTensorType>(getExperts().getType());
  auto rows = cast<RankedTensorType>(getRows().getType());
  int64_t experts = getNumExperts();
  if (!compatible(tokens.getDimSize(0), ids.getDimSize(0))) // dispatch_c1
    return emitOpError() << "tokens " << tokens << " and experts " << ids
                         << " must have the same number of tokens";
  if (ShapedType::isDynamic(ids.getDimSize(1)) ||
      getSlots().getType() != getExperts().getType()) // dispatch_c4
    return emitOpError() << "slots " << getSlots().getType()
                         << " must have the type of the experts, " << ids
                         << ", with a static k";
  if (rows.getElementType() != tokens.getElementType() ||
      !compatible(rows.getDimSize(1), tokens.getDimSize(1)) ||
      !compatible(rows.getDimSize(0),
                  rowsOf(ids.getDimSize(0), ids.getDimSize(1)))) // dispatch_c2
    return emitOpError() << "rows " << rows << " must be the tokens " << tokens
                         << " once for each choice of " << ids;
  if (experts < 1 ||
      getCounts().getType().getDimSize(0) != experts) // dispatch_c3
    return emitOpError() << "counts " << getCounts().getType()
                         << " must have num_experts = " << experts
                         << " elements, at least one";
  return success();
}

//===----------------------------------------------------------------------===//
// moe.experts
//===----------------------------------------------------------------------===//

/// Outputs and inputs of the matrices of a bank.
static std::pair<int64_t, int64_t> outIn(ShapedType bank, Layout layout) {
  int64_t a = bank.getDimSize(1), b = bank.getDimSize(2);
  return layout == Layout::OutIn ? std::pair{a, b} : std::pair{b, a};
}

int64_t ExpertsOp::getFc1Width() {
  return outIn(getFc1().getType(), getFc1Layout()).first;
}

int64_t ExpertsOp::getIntermediateSize() {
  return outIn(getFc2().getType(), getFc2Layout()).second;
}

static LogicalResult verifyBank(ExpertsOp op, StringRef name, Value bank,
                                Value bias, Layout layout, int64_t experts) {
  auto type = cast<RankedTensorType>(bank.getType());
  if (!type.hasStaticShape() || type.getDimSize(0) != experts) // experts_c1, c2
    return op.emitOpError() << name << " " << type
                            << " must be static with one matrix for each of "
                            << experts << " experts";
  Type element =
      cast<RankedTensorType>(op.getRows().getType()).getElementType();
  if (type.getElementType() != element) // experts_c6
    return op.emitOpError()
           << name << " " << type << " must have the element type of the rows, "
           << element;
  if (!bias)
    return success();
  auto expected =
      RankedTensorType::get({experts, outIn(type, layout).first}, element);
  if (bias.getType() != expected) // experts_c4, c6
    return op.emitOpError() << "the bias of " << name << " is "
                            << bias.getType() << "; expected " << expected;
  return success();
}

static LogicalResult verifyBanks(ExpertsOp op) {
  int64_t experts = op.getCounts().getType().getDimSize(0);
  if ((op.getFusion() == Fusion::Separate) != !!op.getFc3() ||
      (op.getFc3() && op.getFc3().getType() != op.getFc1().getType()) ||
      (op.getFc3Bias() && !op.getFc3())) // experts_c3
    return op.emitOpError("fc3 must be present, with the type of fc1, exactly "
                          "if fusion is #moe.fusion<separate>");
  if (ShapedType::isDynamic(experts)) // experts_c1
    return op.emitOpError("the number of experts in counts must be static");
  if (failed(verifyBank(op, "fc1", op.getFc1(), op.getFc1Bias(),
                        op.getFc1Layout(), experts)) ||
      (op.getFc3() && failed(verifyBank(op, "fc3", op.getFc3(), op.getFc3Bias(),
                                        op.getFc1Layout(), experts))) ||
      failed(verifyBank(op, "fc2", op.getFc2(), op.getFc2Bias(),
                        op.getFc2Layout(), experts)))
    return failure();
  return success();
}

static LogicalResult verifyActivation(ExpertsOp op) {
  APFloat alpha = op.getAlpha(), beta = op.getBeta();
  std::optional<APFloat> limit = op.getLimit();
  bool plain = alpha.isExactlyValue(1.0) && beta.isZero() && !limit;
  if (!plain && op.getActivation() != Activation::Silu) // experts_c7
    return op.emitOpError("alpha, beta and limit need activation = "
                          "#moe.activation<silu>");
  if (!op.isGated() && (!beta.isZero() || limit)) // experts_c7
    return op.emitOpError("beta and limit need gated experts");
  if (!alpha.isFinite() || !beta.isFinite() ||
      (limit && (!limit->isFinite() || limit->isZero() ||
                 limit->isNegative()))) // experts_c7
    return op.emitOpError("alpha, beta and limit must be finite and limit "
                          "positive");
  return success();
}

LogicalResult ExpertsOp::verify() {
  if (failed(verifyBanks(*this)) || failed(verifyActivation(*this)))
    return failure();
  auto rows = cast<RankedTensorType>(getRows().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  auto [fc1Out, fc1In] = outIn(getFc1().getType(), getFc1Layout());
  auto [fc2Out, fc2In] = outIn(getFc2().getType(), getFc2Layout());
  bool fused =
      getFusion() == Fusion::Concatenated || getFusion() == Fusion::Interleaved;
  if (!compatible(fc1In, rows.getDimSize(1)) ||
      fc1Out != fc2In * (fused ? 2 : 1)) // experts_c2
    return emitOpError() << "fc1 maps " << fc1In << " to " << fc1Out
                         << " and fc2 " << fc2In << " to " << fc2Out
                         << "; expected " << rows.getDimSize(1) << " to "
                         << fc2In * (fused ? 2 : 1) << " in fc1";
  if (!compatible(result.getShape(), {rows.getDimSize(0), fc2Out}) ||
      result.getElementType() != rows.getElementType()) // experts_c5, c6
    return emitOpError() << "result " << result << " must hold " << fc2Out
                         << " elements for each row of " << rows;
  return success();
}

//===----------------------------------------------------------------------===//
// moe.combine
//===----------------------------------------------------------------------===//

LogicalResult CombineOp::verify() {
  auto y = cast<RankedTensorType>(getY().getType());
  auto slots = cast<RankedTensorType>(getSlots().getType());
  auto weights = cast<RankedTensorType>(getWeights().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  if (!compatible(slots.getShape(), weights.getShape())) // combine_c1
    return emitOpError() << "slots " << slots << " and weights " << weights
                         << " must have the same shape";
  if (ShapedType::isDynamic(slots.getDimSize(1)) ||
      !compatible(y.getDimSize(0), rowsOf(slots.getDimSize(0),
                                          slots.getDimSize(1)))) // combine_c2
    return emitOpError() << "y " << y << " must have one row for each slot of "
                         << slots;
  if (!compatible(result.getShape(), {slots.getDimSize(0), y.getDimSize(1)}) ||
      (!result.getElementType().isF32() &&
       result.getElementType() != y.getElementType())) // combine_c3
    return emitOpError() << "result " << result << " must hold one row of " << y
                         << " for each token of " << slots
                         << ", in its element type or f32";
  if (!weights.getElementType().isF32() &&
      weights.getElementType() != y.getElementType()) // combine_c4
    return emitOpError() << "weights " << weights
                         << " must have the element type of " << y << " or f32";
  return success();
}
