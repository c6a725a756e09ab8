//===- TestArtifact.h - Artifacts written without a compiler --------------===//
//
// Part of moec. Writes the artifact of one of the programs in
// test/runtime/programs into a folder of its own, which is removed at the end.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_RUNTIME_TESTARTIFACT_H
#define MOEC_TEST_RUNTIME_TESTARTIFACT_H

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace moec::test {

/// A folder under the system's temporary folder, removed with this object.
class TemporaryFolder {
public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder();
  const std::filesystem::path &path() const { return folder; }

private:
  std::filesystem::path folder;
};

struct FloatWeight {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
};

std::string readBytes(const std::filesystem::path &path);
void writeBytes(const std::filesystem::path &path, const std::string &bytes);
/// A safetensors file; every tensor's data begin at a multiple of 64 bytes.
void writeSafetensors(const std::filesystem::path &path,
                      const std::vector<FloatWeight> &weights);

/// A tensor as the manifest lists it.
nlohmann::json tensor(const std::string &name, const std::string &type,
                      nlohmann::json shape);

class TestArtifact {
public:
  /// `symbol`: an entry function of test/runtime/programs.
  explicit TestArtifact(const std::string &symbol, int64_t ranks = 1);

  TestArtifact &input(nlohmann::json signature);
  TestArtifact &output(nlohmann::json signature);
  /// In weights/shared.safetensors.
  TestArtifact &sharedWeight(FloatWeight weight);
  /// One tensor a rank, in weights/rank<r>.safetensors; shape[0] may differ.
  TestArtifact &rankWeight(const std::vector<FloatWeight> &weights);

  /// Writes all files and checksums. Tests may damage them afterwards.
  const std::filesystem::path &write();
  /// Writes `manifest` alone again.
  void writeManifest() const;

  const std::filesystem::path &path() const { return folder; }
  nlohmann::json manifest;

private:
  void addWeight(const FloatWeight &weight, bool differsByRank);

  TemporaryFolder parent;
  std::filesystem::path folder;
  std::vector<FloatWeight> shared;
  std::vector<std::vector<FloatWeight>> byRank;
};

} // namespace moec::test

#endif // MOEC_TEST_RUNTIME_TESTARTIFACT_H
