#include "dialect/moe_rt/MoeRt.h"
#include "passes/lower/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"

namespace moec::lower {
#define GEN_PASS_DEF_COLLECTWEIGHTSPASS
#include "passes/lower/Passes.h.inc"
} // namespace moec::lower

using namespace mlir;
using namespace moec;

namespace {

/// What the artifact stores for a weight; equal dictionaries are one weight.
DictionaryAttr stored(rt::WeightOp op) {
  Builder builder(op.getContext());
  NamedAttrList entry;
  entry.append("regions", op.getRegions());
  if (op.getRegions2())
    entry.append("regions2", *op.getRegions2());
  entry.append("source", op.getSourceAttr());
  entry.append("pack", op.getPack());
  Type element = cast<ShapedType>(op.getType()).getElementType();
  if (element != op.getSourceType().getElementType())
    entry.append("stored", TypeAttr::get(element));
  if (op.getSlots())
    entry.append("slots", *op.getSlots());
  return entry.getDictionary(op.getContext());
}

/// Name, element type and dimensions of an argument or result of the program.
/// `onnx.type` holds the element type where signless IR has lost it.
DictionaryAttr tensorEntry(Type type, DictionaryAttr attributes,
                           const std::string &otherwise) {
  MLIRContext *context = type.getContext();
  Builder builder(context);
  auto shaped = cast<ShapedType>(type);
  auto get = [&](StringRef name) {
    return attributes ? attributes.get(name) : Attribute();
  };
  Attribute name = get("onnx.name"), dims = get("onnx.dims");
  Attribute element = get("onnx.type");
  if (!dims) {
    SmallVector<Attribute> shape;
    for (auto [i, dim] : llvm::enumerate(shaped.getShape()))
      shape.push_back(
          ShapedType::isDynamic(dim)
              ? Attribute(builder.getStringAttr(otherwise + "_dim" + Twine(i)))
              : builder.getI64IntegerAttr(dim));
    dims = builder.getArrayAttr(shape);
  }
  NamedAttrList entry;
  entry.append("name", name ? name : builder.getStringAttr(otherwise));
  entry.append("type",
               element ? element : TypeAttr::get(shaped.getElementType()));
  entry.append("dims", dims);
  return entry.getDictionary(context);
}

struct CollectWeights
    : moec::lower::impl::CollectWeightsPassBase<CollectWeights> {
  void runOnOperation() override {
    collectWeights();
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (main && failed(collectSignature(main)))
      signalPassFailure();
  }

  void collectWeights() {
    Builder builder(&getContext());
    SmallVector<Attribute> table;
    DenseMap<Attribute, int64_t> known;
    getOperation().walk([&](rt::WeightOp op) {
      DictionaryAttr key = stored(op);
      auto [it, isNew] = known.try_emplace(key, table.size());
      if (isNew) {
        NamedAttrList entry(key);
        entry.set("name", op.getNameAttr());
        table.push_back(entry.getDictionary(&getContext()));
      }
      op->setAttr("index", builder.getI64IntegerAttr(it->second));
    });
    getOperation()->setAttr("moe_rt.weights", builder.getArrayAttr(table));
  }

  LogicalResult collectSignature(func::FuncOp main) {
    for (Type type : llvm::concat<const Type>(main.getArgumentTypes(),
                                              main.getResultTypes()))
      if (!isa<RankedTensorType, MemRefType>(type))
        return main.emitError("the program may only take and return tensors "
                              "of known rank; @main has ")
               << type;
    Builder builder(&getContext());
    SmallVector<Attribute> inputs, outputs;
    for (auto [i, type] : llvm::enumerate(main.getArgumentTypes()))
      inputs.push_back(tensorEntry(type, main.getArgAttrDict(i),
                                   "input" + std::to_string(i)));
    for (auto [i, type] : llvm::enumerate(main.getResultTypes()))
      outputs.push_back(tensorEntry(type, main.getResultAttrDict(i),
                                    "output" + std::to_string(i)));
    getOperation()->setAttr("moe_rt.inputs", builder.getArrayAttr(inputs));
    getOperation()->setAttr("moe_rt.outputs", builder.getArrayAttr(outputs));
    return success();
  }
};

} // namespace
