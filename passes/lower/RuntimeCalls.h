//===- RuntimeCalls.h - moe_rt and allocation as calls of the runtime -----===//
//
// Part of moec. The C symbols and their meaning are runtime/include's.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_RUNTIMECALLS_H
#define MOEC_PASSES_LOWER_RUNTIMECALLS_H

namespace mlir {
class LLVMTypeConverter;
class RewritePatternSet;
} // namespace mlir

namespace moec::lower {

/// memref.alloc/dealloc and every op of moe_rt but moe_rt.launch.
void populateRuntimeCalls(const mlir::LLVMTypeConverter &converter,
                          mlir::RewritePatternSet &patterns);

/// moe_rt.launch: a closure on the stack and a task function per body.
void populateLaunch(const mlir::LLVMTypeConverter &converter,
                    mlir::RewritePatternSet &patterns);

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_RUNTIMECALLS_H
