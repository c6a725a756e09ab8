//===- Manifest.h - manifest.json -----------------------------------------===//
//
// Part of moec. The runtime reads it (runtime/artifact/Manifest.h).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_MANIFEST_H
#define MOEC_CODEGEN_MANIFEST_H

#include "codegen/WeightTable.h"

#include <map>

namespace moec::codegen {

struct WeightFile {
  std::string file;
  std::optional<int64_t> rank; ///< nullopt: every rank reads it
};

/// What is in an artifact besides the module's own tables.
struct ArtifactFiles {
  std::vector<WeightFile> weightFiles;
  std::map<std::string, std::string> checksums; ///< by file
};

/// The manifest's text. `module` has the tables of moe-collect-weights, and may
/// have `moe_rt.ranks` (default 1); `hardware` is JSON, informative.
llvm::Expected<std::string> manifestText(mlir::ModuleOp module,
                                         llvm::StringRef name,
                                         llvm::StringRef hardware,
                                         llvm::ArrayRef<Weight> weights,
                                         const ArtifactFiles &files);

/// Ranks of the program: the module's `moe_rt.ranks`, or 1.
int64_t rankCount(mlir::ModuleOp module);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_MANIFEST_H
