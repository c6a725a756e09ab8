#include "dialect/Region.h"
#include "dialect/moe_rt/MoeRt.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace moec::rt;

#include "dialect/moe_rt/MoeRtDialect.cpp.inc"
#include "dialect/moe_rt/MoeRtEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/moe_rt/MoeRtAttrs.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/moe_rt/MoeRtOps.cpp.inc"

void MoeRtDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/moe_rt/MoeRtAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/moe_rt/MoeRtOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

LogicalResult RegionAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 StringRef file, int64_t offset,
                                 int64_t length) {
  return verifyRegion(emitError, file, offset, length);
}

LogicalResult PackAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               PackKind kind, bool transposed,
                               std::optional<Fusion> fusion) {
  if (fusion.has_value() != (kind == PackKind::GatedPanels)) // pack_c1
    return emitError() << "pack '" << stringifyPackKind(kind) << "' takes "
                       << (fusion ? "no fusion"
                                  : "a fusion (concatenated, "
                                    "interleaved or separate)");
  if (kind == PackKind::None && transposed) // pack_c2
    return emitError() << "pack 'none' stores a weight as is; it cannot be "
                          "transposed";
  return success();
}

void PackAttr::print(AsmPrinter &printer) const {
  printer << "<" << stringifyPackKind(getKind());
  if (getFusion())
    printer << ", " << stringifyFusion(*getFusion());
  if (getTransposed())
    printer << ", transposed";
  printer << ">";
}

Attribute PackAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef word;
  if (parser.parseLess() || parser.parseKeyword(&word))
    return {};
  std::optional<PackKind> kind = symbolizePackKind(word);
  if (!kind) {
    parser.emitError(loc, "unknown pack '")
        << word << "'; expected none, panels or gated_panels";
    return {};
  }
  bool transposed = false;
  std::optional<Fusion> fusion;
  while (succeeded(parser.parseOptionalComma())) {
    if (parser.parseKeyword(&word))
      return {};
    if (word == "transposed") {
      transposed = true;
    } else if (!(fusion = symbolizeFusion(word))) {
      parser.emitError(loc, "unknown pack option '")
          << word
          << "'; expected transposed, concatenated, interleaved or separate";
      return {};
    }
  }
  if (parser.parseGreater())
    return {};
  return PackAttr::getChecked([&] { return parser.emitError(loc); },
                              parser.getContext(), *kind, transposed, fusion);
}

//===----------------------------------------------------------------------===//
// Memory effects: inputs are read, outs are read and written
//===----------------------------------------------------------------------===//

static void
destinationEffects(DestinationStyleOpInterface op,
                   SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (op.isDpsInit(&operand))
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

void KernelOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  destinationEffects(*this, effects);
}

// An exchange must meet its partners on the other ranks: it may neither vanish
// nor overtake another one, which a write to the default resource says.
void AllToAllOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  destinationEffects(*this, effects);
  effects.emplace_back(MemoryEffects::Write::get());
}

void AllGatherOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  destinationEffects(*this, effects);
  effects.emplace_back(MemoryEffects::Write::get());
}

void CheckOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Write::get());
}

void BeginLayerOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Write::get());
}

void EndLayerOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Write::get());
}

void MarkOp::getEffects(
    SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  effects.emplace_back(MemoryEffects::Write::get());
}

//===----------------------------------------------------------------------===//
// Verifiers
//===----------------------------------------------------------------------===//

static LogicalResult verifySameRows(Operation *op, Value send, Value init) {
  auto from = cast<ShapedType>(send.getType());
  auto to = cast<ShapedType>(init.getType());
  bool same = from.getRank() > 0 && from.getRank() == to.getRank() &&
              from.getElementType() == to.getElementType() &&
              succeeded(verifyCompatibleShape(from.getShape().drop_front(),
                                              to.getShape().drop_front()));
  if (!same)
    return op->emitOpError()
           << "sends rows of " << from << " into rows of " << to;
  return success();
}

static LogicalResult verifyRounds(AllToAllOp op, ArrayAttr rounds) {
  size_t ranks = cast<DenseI32ArrayAttr>(rounds[0]).size();
  SmallVector<SmallVector<bool>> met(ranks, SmallVector<bool>(ranks, false));
  size_t meetings = 0;
  for (auto [r, attr] : llvm::enumerate(rounds)) {
    ArrayRef<int32_t> to = cast<DenseI32ArrayAttr>(attr).asArrayRef();
    if (to.size() != ranks)
      return op.emitOpError() << "round " << r << " has " << to.size()
                              << " destinations; round 0 has " << ranks;
    SmallVector<bool> taken(ranks, false);
    for (auto [from, rank] : llvm::enumerate(to)) {
      if (rank == -1)
        continue;
      if (rank < 0 || rank >= static_cast<int64_t>(ranks) || taken[rank] ||
          met[from][rank])
        return op.emitOpError()
               << "round " << r << " sends from rank " << from << " to rank "
               << rank << ", which is no rank or is already served";
      taken[rank] = met[from][rank] = true;
      ++meetings;
    }
  }
  if (meetings != ranks * ranks)
    return op.emitOpError()
           << "rounds bring " << meetings << " parts to their ranks; " << ranks
           << " ranks exchange " << ranks * ranks;
  return success();
}

LogicalResult AllToAllOp::verify() {
  if (failed(verifySameRows(*this, getSend(), getInit()))) // all_to_all_c1
    return failure();
  if (std::optional<ArrayAttr> rounds = getRounds(); rounds && !rounds->empty())
    return verifyRounds(*this, *rounds); // all_to_all_c2
  return success();
}

LogicalResult AllGatherOp::verify() {
  return verifySameRows(*this, getSend(), getInit()); // all_gather_c1
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto body = symbols.lookupNearestSymbolFrom<FunctionOpInterface>(
      *this, getBodyAttr());
  if (!body)
    return emitOpError() << "names no function: " << getBody();
  if (!isa<func::FuncOp>(body))
    return success(); // already lowered
  SmallVector<Type> types(2, IndexType::get(getContext()));
  llvm::append_range(types, getCaptures().getTypes());
  if (body.getArgumentTypes() != ArrayRef<Type>(types) ||
      body.getNumResults() != 0) // launch_c1
    return emitOpError() << "needs a body "
                         << FunctionType::get(getContext(), types, {}) << "; "
                         << getBody() << " is " << body.getFunctionType();
  return success();
}

LogicalResult AppendOp::verify() {
  auto past = cast<ShapedType>(getPast().getType());
  int64_t along = getAxis();
  if (along < 0 || along >= past.getRank()) // append_c1
    return emitOpError() << "axis " << along << " is none of " << past;
  for (Type type : {getFresh().getType(), getType()}) {
    auto other = cast<ShapedType>(type);
    bool fits = other.getRank() == past.getRank() &&
                other.getElementType() == past.getElementType();
    for (int64_t axis = 0; fits && axis < past.getRank(); ++axis)
      fits = axis == along || other.isDynamicDim(axis) ||
             past.isDynamicDim(axis) ||
             other.getDimSize(axis) == past.getDimSize(axis);
    if (!fits)
      return emitOpError() << other << " and " << past
                           << " differ in more than axis " << along;
  }
  Value positions = getPositions();
  auto type = positions ? cast<ShapedType>(positions.getType()) : ShapedType();
  if (bool(positions) != bool(getRows()) || // append_c2
      (type && (type.getRank() != 1 || !type.getElementType().isInteger(64) ||
                along == 0)))
    return emitOpError("needs positions, of rank 1 and i64, and rows, both or "
                       "neither, and an axis above 0 with them");
  return success();
}
