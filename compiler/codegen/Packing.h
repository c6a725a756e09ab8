//===- Packing.h - Weights in the order that kernels read -----------------===//
//
// Part of moec. See #moe_rt.pack for the orders.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_PACKING_H
#define MOEC_CODEGEN_PACKING_H

#include "codegen/ModelFiles.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace moec::codegen {

/// Takes the next bytes of a stored weight.
using ByteSink = llvm::function_ref<llvm::Error(llvm::ArrayRef<char>)>;

/// Shape of `weight` on `rank`: with slots, the first dimension counts them.
std::vector<int64_t> storedShape(const Weight &weight, int64_t rank);
/// Bytes of a stored tensor of this shape.
int64_t storedBytes(const Weight &weight, llvm::ArrayRef<int64_t> shape);

/// Hands the stored form of `weight` on `rank` to `sink`, block by block: a
/// block is a few MiB, so memory stays bounded whatever the weight's size.
llvm::Error packWeight(const Weight &weight, int64_t rank, ModelFiles &files,
                       ByteSink sink);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_PACKING_H
