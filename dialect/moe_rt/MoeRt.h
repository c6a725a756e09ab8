//===- MoeRt.h - The dialect of the lowered level -------------------------===//
//
// Part of moec. See MoeRtDialect.td and MoeRt.td for what the ops mean.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DIALECT_MOE_RT_H
#define MOEC_DIALECT_MOE_RT_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialect/moe_rt/MoeRtDialect.h.inc"
#include "dialect/moe_rt/MoeRtEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/moe_rt/MoeRtAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/moe_rt/MoeRtOps.h.inc"

namespace moec::rt {

/// Columns of one panel of a packed weight.
constexpr int64_t kPanelWidth = 16;
/// Columns of gate (and of up) in one panel of a gated bank.
constexpr int64_t kGatedWidth = kPanelWidth / 2;

/// Panels of bf16 have rows in pairs and a multiple of this many.
constexpr int64_t kPairedDepth = 32;

/// Rows of a panel that stores `depth` rows of this type.
int64_t panelDepth(int64_t depth, mlir::Type element);

/// The stored shape that `pack` makes of a raw `source` in elements of `stored`;
/// empty if the source has too few dimensions or an odd number of fused columns.
llvm::SmallVector<int64_t> packedShape(PackAttr pack,
                                       mlir::RankedTensorType source,
                                       mlir::Type stored);

/// Bytes of a tensor in a model file: one per bool, sub-byte types packed.
/// Nothing if the shape is dynamic or the size does not fit 63 bits.
std::optional<int64_t> byteSize(mlir::ShapedType type);

/// How moe_rt ops become memref form (for one-shot-bufferize).
void registerBufferization(mlir::DialectRegistry &registry);

} // namespace moec::rt

#endif // MOEC_DIALECT_MOE_RT_H
