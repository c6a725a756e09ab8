//===- Artifact.cpp - An opened model.moe directory -----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "artifact/Artifact.h"

#include "artifact/Checksum.h"
#include "support/Error.h"

#include <algorithm>

namespace moec::rt {

namespace {

constexpr const char *manifestFile = "manifest.json";

/// Runs `body`; its errors begin with the file that they are about.
template <typename Body> auto about(const std::string &file, Body body) {
  try {
    return body();
  } catch (const Error &error) {
    fail(file, ": ", error.what());
  }
}

Manifest loadManifest(const std::filesystem::path &folder) {
  if (!std::filesystem::is_directory(folder))
    fail(folder.string(), " is not an artifact: there is no such folder");
  MappedFile file(resolveInside(folder, manifestFile));
  return about((folder / manifestFile).string(), [&] {
    return parseManifest({reinterpret_cast<const char *>(file.bytes().data()),
                          file.bytes().size()});
  });
}

bool matches(const WeightSignature &weight, const StoredTensor &stored) {
  int64_t skip = weight.differsByRank;
  return weight.type == stored.type &&
         weight.shape.size() == stored.shape.size() &&
         std::equal(weight.shape.begin() + skip, weight.shape.end(),
                    stored.shape.begin() + skip);
}

std::string expectedShape(const WeightSignature &weight) {
  std::string text = shapeText(weight.shape);
  return weight.differsByRank ? "[any" + text.substr(3) : text;
}

} // namespace

Artifact::Artifact(const std::filesystem::path &folder, bool verify)
    : folder(folder), contents(loadManifest(folder)) {
  if (verify)
    verifyChecksums();
  mapWeights();
  program = std::make_unique<Program>(
      about((folder / manifestFile).string(),
            [&] { return resolveInside(folder, contents.programFile); }),
      contents.entries);
}

/// Every file the manifest sums up, and at least the program and the weights.
void Artifact::verifyChecksums() const {
  std::vector<std::string> required = {contents.programFile};
  for (const WeightFile &file : contents.weightFiles)
    required.push_back(file.file);
  for (const std::string &file : required)
    if (!contents.checksums.contains(file))
      fail((folder / manifestFile).string(), ": there is no checksum of ",
           file);
  for (const auto &[file, expected] : contents.checksums) {
    MappedFile mapped(
        about((folder / manifestFile).string(),
              [&, &file = file] { return resolveInside(folder, file); }));
    std::string found = checksumOf(mapped.bytes());
    if (found != expected)
      fail((folder / file).string(), ": the checksum is ", found, " but the ",
           "manifest says ", expected,
           "; the file is damaged, copy or compile ", "the artifact again");
  }
}

void Artifact::mapWeights() {
  for (const WeightFile &file : contents.weightFiles) {
    mappings.emplace_back(about((folder / manifestFile).string(), [&] {
      return resolveInside(folder, file.file);
    }));
    tensors.push_back(about((folder / file.file).string(),
                            [&] { return readSafetensors(mappings.back()); }));
  }
  weightsByRank.resize(contents.ranks);
  for (int64_t rank = 0; rank < contents.ranks; ++rank)
    for (const WeightSignature &weight : contents.weights)
      weightsByRank[rank].push_back(findWeight(weight, rank));
}

const void *Artifact::findWeight(const WeightSignature &weight,
                                 int64_t rank) const {
  std::string searched;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const WeightFile &file = contents.weightFiles[i];
    if (file.rank && *file.rank != rank)
      continue;
    searched += concat(searched.empty() ? "" : ", ", file.file);
    auto found = tensors[i].find(weight.name);
    if (found == tensors[i].end())
      continue;
    const StoredTensor &stored = found->second;
    if (!matches(weight, stored))
      fail((folder / file.file).string(), ": weight '", weight.name, "' is ",
           nameOf(stored.type), shapeText(stored.shape),
           " but the manifest says ", nameOf(weight.type),
           expectedShape(weight));
    return stored.data;
  }
  fail(folder.string(), ": rank ", rank, " has no weight '", weight.name,
       "'; searched: ", searched.empty() ? "no file" : searched);
}

} // namespace moec::rt
