#include "codegen/WeightTable.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace moec;
using namespace moec::codegen;
using llvm::createStringError;

llvm::Expected<ElementType> moec::codegen::elementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    unsigned bits = integer.getWidth();
    if (bits == 1)
      return ElementType{"i1", "BOOL", 1};
    bool isUnsigned = integer.isUnsigned();
    if (bits == 8 || bits == 16 || bits == 32 || bits == 64)
      return ElementType{(isUnsigned ? "u" : "i") + std::to_string(bits),
                         (isUnsigned ? "U" : "I") + std::to_string(bits),
                         bits / 8};
  }
  if (type.isF32())
    return ElementType{"f32", "F32", 4};
  if (type.isF64())
    return ElementType{"f64", "F64", 8};
  if (type.isF16())
    return ElementType{"f16", "F16", 2};
  if (type.isBF16())
    return ElementType{"bf16", "BF16", 2};
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return createStringError("an artifact cannot hold tensors of " + text);
}

static std::vector<FileRegion> readRegions(Attribute attribute) {
  std::vector<FileRegion> regions;
  if (attribute)
    for (auto region : cast<ArrayAttr>(attribute).getAsRange<rt::RegionAttr>())
      regions.push_back(
          {region.getFile().str(), region.getOffset(), region.getLength()});
  return regions;
}

static llvm::Expected<Weight> readWeight(DictionaryAttr entry) {
  auto name = entry.getAs<StringAttr>("name");
  auto source = entry.getAs<TypeAttr>("source");
  auto pack = entry.getAs<rt::PackAttr>("pack");
  auto tensor = source ? dyn_cast<RankedTensorType>(source.getValue())
                       : RankedTensorType();
  if (!name || !tensor || !pack || !entry.getAs<ArrayAttr>("regions"))
    return createStringError(
        "an entry of moe_rt.weights lacks name, regions, source or pack");
  auto sourceType = elementType(tensor.getElementType());
  if (!sourceType)
    return sourceType.takeError();
  auto narrowed = entry.getAs<TypeAttr>("stored");
  Type stored = narrowed ? narrowed.getValue() : tensor.getElementType();
  auto type = elementType(stored);
  if (!type)
    return type.takeError();
  Weight weight{.name = name.str(),
                .regions = readRegions(entry.get("regions")),
                .regions2 = readRegions(entry.get("regions2")),
                .type = *type,
                .sourceType = *sourceType,
                .source = tensor.getShape().vec(),
                .kind = pack.getKind(),
                .transposed = pack.getTransposed(),
                .fusion = pack.getFusion(),
                .stored = {},
                .slots = {}};
  llvm::append_range(weight.stored, rt::packedShape(pack, tensor, stored));
  if (auto slots = entry.getAs<ArrayAttr>("slots"))
    for (auto list : slots.getAsRange<DenseI64ArrayAttr>())
      weight.slots.push_back(list.asArrayRef().vec());
  return weight;
}

llvm::Expected<std::vector<Weight>>
moec::codegen::readWeightTable(ModuleOp module) {
  auto table = module->getAttrOfType<ArrayAttr>("moe_rt.weights");
  if (!table)
    return createStringError("the module has no moe_rt.weights; run "
                             "moe-collect-weights first");
  std::vector<Weight> weights;
  llvm::StringSet<> names;
  for (auto entry : table.getAsRange<DictionaryAttr>()) {
    auto weight = readWeight(entry);
    if (!weight)
      return weight.takeError();
    if (!names.insert(weight->name).second)
      weight->name += "#" + std::to_string(weights.size());
    weights.push_back(std::move(*weight));
  }
  return weights;
}
