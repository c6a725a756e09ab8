//===- AppendStates.cpp - moe-append-states -------------------------------===//

#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/DecodeStates.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
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

/// `result` is `past`, an argument, followed by `fresh` along `axis`.
struct Growth {
  BlockArgument past;
  tensor::InsertSliceOp first, second;
  int64_t axis;
};

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

std::optional<Growth> matchGrowth(Value result) {
  auto second = result.getDefiningOp<tensor::InsertSliceOp>();
  auto first = second ? second.getDest().getDefiningOp<tensor::InsertSliceOp>()
                      : tensor::InsertSliceOp();
  if (!first || !first->hasOneUse() ||
      !first.getDest().getDefiningOp<tensor::EmptyOp>())
    return std::nullopt;
  auto past = dyn_cast<BlockArgument>(first.getSource());
  bool isOnlyMeasured =
      past && llvm::all_of(past.getUsers(), [&](Operation *user) {
        return user == first || isa<tensor::DimOp>(user);
      });
  std::optional<int64_t> axis = growingAxis(first, second);
  bool keepsRank =
      past && second.getSourceType().getRank() == second.getType().getRank();
  if (!isOnlyMeasured || !axis || !keepsRank ||
      past.getType() != result.getType())
    return std::nullopt;
  return Growth{past, first, second, *axis};
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
  static void replace(Growth &growth, OpOperand &output, int64_t number) {
    tensor::InsertSliceOp second = growth.second;
    OpBuilder b(second);
    Location loc = second.getLoc();
    Value state = arith::ConstantIndexOp::create(b, loc, number);
    Value grown =
        rt::AppendOp::create(b, loc, second.getType(), state, growth.past,
                             second.getSource(), growth.axis);
    output.set(growth.past);
    second.getResult().replaceAllUsesWith(grown);
    second.erase();
    growth.first.erase();
  }
};

} // namespace
