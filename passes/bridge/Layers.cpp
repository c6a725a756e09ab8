#include "passes/bridge/Layers.h"

#include "dialect/moe_rt/MoeRt.h"

using namespace mlir;
using namespace moec;

static int64_t bytesOf(RankedTensorType type) {
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

/// The operands that hold weights: banks and their biases.
static SmallVector<Value> weightsOf(moe::ExpertsOp op) {
  SmallVector<Value> weights;
  for (Value value :
       {Value(op.getFc1()), Value(op.getFc1Bias()), Value(op.getFc3()),
        Value(op.getFc3Bias()), Value(op.getFc2()), Value(op.getFc2Bias())})
    if (value)
      weights.push_back(value);
  return weights;
}

SmallVector<bridge::Layer> moec::bridge::layersOf(ModuleOp module) {
  SmallVector<Layer> layers;
  module.walk([&](moe::ExpertsOp op) {
    Layer layer{.op = op,
                .index = static_cast<int64_t>(layers.size()),
                .experts = op.getNumExperts()};
    for (Value value : weightsOf(op)) {
      auto type = cast<RankedTensorType>(value.getType());
      layer.expertBytes += bytesOf(type) / layer.experts;
      if (type.getRank() == 3)
        layer.rowFlops += 2.0 * static_cast<double>(type.getDimSize(1)) *
                          static_cast<double>(type.getDimSize(2));
    }
    layer.rowBytes = 4 * op.getRows().getType().getDimSize(1);
    layers.push_back(layer);
  });
  return layers;
}

int64_t moec::bridge::sharedWeightBytes(ModuleOp module) {
  int64_t bytes = 0;
  module.walk([&](rt::WeightOp weight) {
    bool isBank = llvm::any_of(weight->getUsers(), [](Operation *user) {
      return isa<moe::ExpertsOp>(user);
    });
    if (!isBank)
      bytes += bytesOf(weight.getSourceType());
  });
  return bytes;
}

moe::TopologyAttr moec::bridge::topologyOf(ModuleOp module) {
  return module->getAttrOfType<moe::TopologyAttr>(moe::kTopology);
}
