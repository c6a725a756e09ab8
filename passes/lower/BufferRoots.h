//===- BufferRoots.h - Which buffers may share memory ---------------------===//
//
// Part of moec. A cheap alias question on memrefs after bufferization.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_BUFFERROOTS_H
#define MOEC_PASSES_LOWER_BUFFERROOTS_H

#include "mlir/IR/Value.h"

namespace moec::lower {

/// The memref whose elements `memref` shows, found through casts, subviews and
/// reshapes.
mlir::Value bufferRoot(mlir::Value memref);

/// Whether two memrefs may share an element. False only if it is certain: their
/// roots differ and one is allocated in this function while the other is
/// allocated, a weight, a constant, an argument or the result of a call
/// (functions never return what they were given: deallocation clones it).
bool mayAlias(mlir::Value a, mlir::Value b);

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_BUFFERROOTS_H
