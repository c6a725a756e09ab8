//===- Artifact.h - An opened model.moe directory -------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_ARTIFACT_ARTIFACT_H
#define MOEC_RT_ARTIFACT_ARTIFACT_H

#include "artifact/Manifest.h"
#include "artifact/MappedFile.h"
#include "artifact/Program.h"
#include "artifact/Safetensors.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace moec::rt {

/// Everything that sessions share and that does not change: manifest, mapped
/// weights, loaded program.
class Artifact {
public:
  /// Throws Error; the message begins with the file it is about. `verify`: also
  /// read all files once and compare their checksums.
  Artifact(const std::filesystem::path &folder, bool verify);

  const Manifest &manifest() const { return contents; }
  moe_rt_entry entry() const { return program->entry(); }
  /// Data of the manifest's weights on `rank`, in its order.
  const std::vector<const void *> &weights(int64_t rank) const {
    return weightsByRank[rank];
  }

private:
  using TensorMap = std::map<std::string, StoredTensor>;

  void verifyChecksums() const;
  void mapWeights();
  const void *findWeight(const WeightSignature &weight, int64_t rank) const;

  std::filesystem::path folder;
  Manifest contents;
  std::vector<MappedFile> mappings;
  std::vector<TensorMap> tensors; ///< of each weight file
  std::vector<std::vector<const void *>> weightsByRank;
  std::unique_ptr<Program> program;
};

} // namespace moec::rt

#endif // MOEC_RT_ARTIFACT_ARTIFACT_H
