#include "dialect/moe_rt/MoeRt.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace moec::rt;

std::optional<int64_t> moec::rt::byteSize(ShapedType type) {
  if (!type.hasStaticShape())
    return std::nullopt;
  unsigned bits = type.getElementTypeBitWidth();
  int64_t total = type.getElementType().isInteger(1) ? 8 : bits;
  for (int64_t dim : type.getShape())
    if (llvm::MulOverflow(total, dim, total))
      return std::nullopt;
  return total / 8 + (total % 8 != 0);
}

int64_t moec::rt::panelDepth(int64_t depth, Type element) {
  return element.isBF16() ? llvm::alignTo(depth, kPairedDepth) : depth;
}

SmallVector<int64_t> moec::rt::packedShape(PackAttr pack,
                                           RankedTensorType source,
                                           Type stored) {
  SmallVector<int64_t> shape(source.getShape());
  if (pack.getKind() == PackKind::None)
    return shape;
  bool gated = pack.getKind() == PackKind::GatedPanels;
  if (source.getRank() < 2 || source.getRank() > 3 ||
      (gated && source.getRank() != 3))
    return {};
  int64_t columns = shape.pop_back_val(), depth = shape.pop_back_val();
  if (pack.getTransposed())
    std::swap(columns, depth);
  if (gated && pack.getFusion() != Fusion::Separate) {
    if (columns % 2 != 0)
      return {};
    columns /= 2;
  }
  shape.push_back(llvm::divideCeil(columns, gated ? kGatedWidth : kPanelWidth));
  shape.push_back(panelDepth(depth, stored));
  shape.push_back(kPanelWidth);
  return shape;
}

static LogicalResult verifyBytes(WeightOp op, ArrayAttr regions,
                                 StringRef what) {
  int64_t total = 0;
  for (Attribute region : regions)
    if (llvm::AddOverflow(total, cast<RegionAttr>(region).getLength(), total))
      return op.emitOpError() << what << " hold more than 2^63 bytes";
  std::optional<int64_t> size = byteSize(op.getSourceType());
  if (!size || *size != total)
    return op.emitOpError()
           << "'" << op.getName() << "': " << what << " hold " << total
           << " bytes; source " << op.getSourceType() << " needs "
           << (size ? std::to_string(*size) : "a static shape");
  return success();
}

static LogicalResult verifySlots(WeightOp op, ShapedType result) {
  bool dynamic = result.getRank() > 0 && result.isDynamicDim(0);
  bool slots = op.getSlots().has_value();
  if (slots != static_cast<bool>(op.getSlotCount()) || slots != dynamic)
    return op.emitOpError() << "'" << op.getName()
                            << "': slots, a slot count and a dynamic first "
                               "dimension come together";
  if (!slots)
    return success();
  int64_t experts = op.getSourceType().getDimSize(0);
  ArrayAttr lists = *op.getSlots();
  for (Attribute list : lists)
    for (int64_t expert : cast<DenseI64ArrayAttr>(list).asArrayRef())
      if (expert < 0 || expert >= experts)
        return op.emitOpError()
               << "'" << op.getName() << "': a slot holds expert " << expert
               << "; the source has " << experts;
  return success();
}

LogicalResult WeightOp::verify() {
  bool separate = getPack().getFusion() == Fusion::Separate;
  if (failed(verifyBytes(*this, getRegions(), "regions"))) // weight_c1
    return failure();
  if (separate != getRegions2().has_value())
    return emitOpError() << "'" << getName()
                         << "': regions2 are given exactly with separate "
                            "fusion";
  if (separate && failed(verifyBytes(*this, *getRegions2(), "regions2")))
    return failure();
  auto result = cast<ShapedType>(getType());
  if (failed(verifySlots(*this, result))) // weight_c4
    return failure();
  SmallVector<int64_t> shape = packedShape(
      getPack(), getSourceType(), result.getElementType());
  if (getSlots() && !shape.empty())
    shape[0] = ShapedType::kDynamic;
  if (ArrayRef<int64_t>(shape) != result.getShape()) // weight_c2
    return emitOpError() << "'" << getName() << "': pack " << getPack()
                         << " does not make " << result << " of "
                         << getSourceType();
  Type stored = result.getElementType(),
       given = getSourceType().getElementType();
  bool isNarrowed = getPack().getKind() != PackKind::None && given.isF32() &&
                    (stored.isF16() || stored.isBF16());
  if (stored != given && !isNarrowed) // weight_c3
    return emitOpError() << "'" << getName() << "': element type " << stored
                         << " differs from source " << getSourceType();
  return success();
}
