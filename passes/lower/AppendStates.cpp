//===- AppendStates.cpp - moe-append-states -------------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/DecodeStates.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec::lower {
#define GEN_PASS_DEF_APPENDSTATESPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

std::string moec::lower::decodeStateOutput(StringRef input) {
  if (input.consume_front("past_key_values."))
    return ("present." + input).str();
  if (input.starts_with("input.past_key_values."))
    return ("output." + input.drop_front(StringRef("input.").size())).str();
  return "";
}

namespace {

/// `made`'s result is `past`, an argument, with `fresh` behind it along `axis`,
/// or, where there are `positions`, from these on.
struct Growth {
  BlockArgument past;
  Operation *made;
  Value fresh, positions;
  OpFoldResult rows; ///< of the result, beside positions
  int64_t axis;
};

/// `past` is an argument of which nobody but `user` sees more than its sizes.
bool isOnlyMeasured(Value past, Operation *user) {
  return isa<BlockArgument>(past) &&
         llvm::all_of(past.getUsers(), [&](Operation *other) {
           return other == user || isa<tensor::DimOp>(other);
         });
}

bool isZero(OpFoldResult number) { return isConstantIntValue(number, 0); }

/// The axis along which `second` begins where `first` ends, if they start at 0
/// otherwise.
std::optional<int64_t> growingAxis(tensor::InsertSliceOp first,
                                   tensor::InsertSliceOp second) {
  if (!llvm::all_of(first.getMixedOffsets(), isZero) ||
      !first.hasUnitStride() || !second.hasUnitStride())
    return std::nullopt;
  std::optional<int64_t> found;
  for (auto [axis, offset] : llvm::enumerate(second.getMixedOffsets())) {
    if (isZero(offset))
      continue;
    if (found || offset != first.getMixedSizes()[axis])
      return std::nullopt;
    found = axis;
  }
  return found;
}

/// Two slices of a new tensor: what Concat becomes.
std::optional<Growth> matchConcat(Value result) {
  auto second = result.getDefiningOp<tensor::InsertSliceOp>();
  auto first = second ? second.getDest().getDefiningOp<tensor::InsertSliceOp>()
                      : tensor::InsertSliceOp();
  if (!first || !first->hasOneUse() ||
      !first.getDest().getDefiningOp<tensor::EmptyOp>() ||
      !isOnlyMeasured(first.getSource(), first))
    return std::nullopt;
  std::optional<int64_t> axis = growingAxis(first, second);
  if (!axis || second.getSourceType().getRank() != second.getType().getRank())
    return std::nullopt;
  return Growth{cast<BlockArgument>(first.getSource()),
                second,
                second.getSource(),
                Value(),
                OpFoldResult(),
                *axis};
}

/// The kernel of caches whose sequences have lengths of their own.
std::optional<Growth> matchPlaceRows(Value result) {
  constexpr int64_t axis = 2;
  auto kernel = result.getDefiningOp<rt::KernelOp>();
  if (!kernel || kernel.getCallee() != "place_rows" ||
      !isOnlyMeasured(kernel.getInputs()[0], kernel))
    return std::nullopt;
  auto init = kernel.getInits()[0].getDefiningOp<tensor::EmptyOp>();
  if (!init)
    return std::nullopt;
  return Growth{cast<BlockArgument>(kernel.getInputs()[0]),
                kernel,
                kernel.getInputs()[1],
                kernel.getInputs()[2],
                init.getMixedSizes()[axis],
                axis};
}

std::optional<Growth> matchGrowth(Value result) {
  std::optional<Growth> growth = matchConcat(result);
  if (!growth)
    growth = matchPlaceRows(result);
  if (growth && growth->past.getType() != result.getType())
    return std::nullopt;
  return growth;
}

struct AppendStates : moec::lower::impl::AppendStatesPassBase<AppendStates> {
  using AppendStatesPassBase::AppendStatesPassBase;

  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main || main.isExternal())
      return;
    Builder b(&getContext());
    SmallVector<Attribute> states;
    for (OpOperand &output : main.front().getTerminator()->getOpOperands()) {
      auto growth = matchGrowth(output.get());
      if (!growth || !isState(main, growth->past.getArgNumber(),
                              output.getOperandNumber()))
        continue;
      replace(*growth, output, states.size());
      states.push_back(b.getDictionaryAttr(
          {b.getNamedAttr("input",
                          b.getI64IntegerAttr(growth->past.getArgNumber())),
           b.getNamedAttr("output",
                          b.getI64IntegerAttr(output.getOperandNumber())),
           b.getNamedAttr("axis", b.getI64IntegerAttr(growth->axis))}));
      ++appended;
    }
    if (!states.empty())
      getOperation()->setAttr(lower::kStates, b.getArrayAttr(states));
  }

  static bool isState(func::FuncOp main, unsigned input, unsigned output) {
    auto from = main.getArgAttrOfType<StringAttr>(input, "onnx.name");
    auto to = main.getResultAttrOfType<StringAttr>(output, "onnx.name");
    return from && to &&
           lower::decodeStateOutput(from.getValue()) == to.getValue();
  }

  /// The session knows the output; what the program returns in its place only
  /// tells the sizes of the past.
  static void replace(const Growth &growth, OpOperand &output, int64_t number) {
    OpBuilder b(growth.made);
    Location loc = growth.made->getLoc();
    Value result = output.get();
    Value state = arith::ConstantIndexOp::create(b, loc, number), rows;
    if (growth.positions)
      rows = getValueOrCreateConstantIndexOp(b, loc, growth.rows);
    Value grown =
        rt::AppendOp::create(b, loc, result.getType(), state, growth.past,
                             growth.fresh, rows, growth.positions, growth.axis);
    output.set(growth.past);
    result.replaceAllUsesWith(grown);
    growth.made->erase();
  }
};

} // namespace
