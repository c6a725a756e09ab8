//===- LoopWork.h - What an iteration of a loop costs ---------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_LOOPWORK_H
#define MOEC_PASSES_LOWER_LOOPWORK_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace moec::lower {

/// An index value >= 1: the work of one iteration of `loop` in operations on
/// scalars, built before the loop. Trip counts of inner loops are taken at run
/// time where they are known outside of `loop`, else assumed to be 16;
/// transcendental functions count as 16 operations.
mlir::Value iterationWork(mlir::OpBuilder &builder, mlir::scf::ParallelOp loop);

/// An index value: the bytes that one iteration of `loop` loads and stores,
/// with trip counts as above.
mlir::Value iterationBytes(mlir::OpBuilder &builder,
                           mlir::scf::ParallelOp loop);

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_LOOPWORK_H
