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

#include "dialect/moe/MoeDialect.h.inc"
#include "dialect/moe/MoeEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/moe/MoeAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialect/moe/MoeOps.h.inc"

#endif // MOEC_DIALECT_MOE_H
