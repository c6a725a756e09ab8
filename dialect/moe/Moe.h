//===- Moe.h - The moe dialect --------------------------------------------===//
//
// Part of moec. See MoeDialect.td for the level it describes and MoeOps.td for
// the exact meaning of each op.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DIALECT_MOE_H
#define MOEC_DIALECT_MOE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/bit.h"

#include "dialect/moe/MoeDialect.h.inc"
#include "dialect/moe/MoeEnums.h.inc"

namespace moec::moe {

/// Names of the attributes that hold the plan; MoeDialect.td says where they
/// stand.
inline constexpr llvm::StringLiteral kTopology = "moe.topology";
inline constexpr llvm::StringLiteral kRouting = "moe.routing";
inline constexpr llvm::StringLiteral kPlacement = "moe.placement";
inline constexpr llvm::StringLiteral kPlaced = "moe.placed";
inline constexpr llvm::StringLiteral kRounds = "moe.rounds";
inline constexpr llvm::StringLiteral kOrdered = "moe.ordered";
inline constexpr llvm::StringLiteral kLoads = "moe.loads";

/// A double as a parameter of attributes, which must be hashable and equal to
/// what prints the same.
class Number {
public:
  Number(double value) : value(value) {}
  operator double() const { return value; }
  bool operator==(Number other) const {
    return llvm::bit_cast<uint64_t>(value) ==
           llvm::bit_cast<uint64_t>(other.value);
  }
  friend llvm::hash_code hash_value(Number number) {
    return llvm::hash_value(llvm::bit_cast<uint64_t>(number.value));
  }

private:
  double value;
};

} // namespace moec::moe

#define GET_ATTRDEF_CLASSES
#include "dialect/moe/MoeAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/moe/MoeOps.h.inc"

#endif // MOEC_DIALECT_MOE_H
