//===- Artifact.h - Writes model.moe --------------------------------------===//
//
// Part of moec. The folder that a run needs: manifest.json, program.so,
// plan.json and weights/*.safetensors.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_ARTIFACT_H
#define MOEC_CODEGEN_ARTIFACT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace moec::codegen {

struct ArtifactOptions {
  std::string name;        ///< of the model
  std::string modelFolder; ///< where the files of the weights lie
  std::string plan;        ///< text of plan.json; empty: no such file
  std::string hardware;    ///< JSON for the manifest
};

struct ArtifactSizes {
  int64_t program = 0, weights = 0; ///< bytes on disk
};

/// Writes the artifact of a lowered module to the folder `output`, which an
/// earlier artifact may occupy and nothing else may. Everything is written to a
/// temporary folder beside it that is renamed at the end; a failure leaves
/// `output` as it was.
llvm::Expected<ArtifactSizes> writeArtifact(mlir::ModuleOp module,
                                            llvm::StringRef output,
                                            const ArtifactOptions &options);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_ARTIFACT_H
