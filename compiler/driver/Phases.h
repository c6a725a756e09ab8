//===- Phases.h - What moe-compile does, in order -------------------------===//
//
// Part of moec. One table: --emit, progress lines, times in the report and
// messages all come from it.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_PHASES_H
#define MOEC_DRIVER_PHASES_H

#include "driver/Options.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <optional>
#include <string>

namespace moec::driver {

/// The state of one compilation.
struct Compilation {
  const Options &options;
  mlir::MLIRContext *context;
  mlir::OwningOpRef<mlir::ModuleOp> module = nullptr;
  std::string hardware; ///< the hardware file as JSON; empty: none given
  std::optional<plan::Topology> machine = {}; ///< the same, read
};

/// One phase brings the module to the level of its name.
struct Phase {
  llvm::StringLiteral level;
  llvm::StringLiteral activity; ///< "Reading the model"
  llvm::StringLiteral result;   ///< what --emit shows, for --help
  mlir::LogicalResult (*run)(Compilation &);
};

llvm::ArrayRef<Phase> phases();

/// The phase that makes a level; null for an unknown name.
const Phase *findLevel(llvm::StringRef level);
std::string levelNames(); ///< "onnx, moe, plan, lowered or llvm"
std::string levelHelp();  ///< a line per level

/// The phase after the level that a module is at: a file with IR may be at any.
const Phase *nextPhase(mlir::ModuleOp module);

} // namespace moec::driver

#endif // MOEC_DRIVER_PHASES_H
