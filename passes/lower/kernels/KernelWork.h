//===- KernelWork.h - What a kernel has to compute and to move ------------===//
//
// Part of moec. For profiles; nothing is decided by it.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_KERNELS_KERNELWORK_H
#define MOEC_PASSES_LOWER_KERNELS_KERNELWORK_H

#include "dialect/moe_rt/MoeRt.h"

namespace moec::kernels {

/// The part of a layer that a kernel makes up. `isGeneral`: it serves other
/// parts too, and belongs to the one whose op it was made from, if that says
/// so.
struct KernelPhase {
  rt::Phase phase;
  bool isGeneral;
};
/// Kernels that are not in the table are elementwise, normalisations and such.
KernelPhase phaseOf(llvm::StringRef kernel);

/// Index values, computed at the builder's place.
struct Work {
  mlir::Value flops; ///< a multiplication and an addition are two
  mlir::Value bytes; ///< every operand once
};

/// Of a kernel on memrefs. Expert weights count where their expert has rows.
/// Kernels that do not multiply matrices have no flops worth counting: 0. Fails
/// with an error at `op` where its operands are not those of the table.
mlir::FailureOr<Work> kernelWork(mlir::OpBuilder &builder, rt::KernelOp op);

/// Bytes of a memref, from its shape at run time.
mlir::Value memrefBytes(mlir::OpBuilder &builder, mlir::Location loc,
                        mlir::Value memref);

} // namespace moec::kernels

#endif // MOEC_PASSES_LOWER_KERNELS_KERNELWORK_H
