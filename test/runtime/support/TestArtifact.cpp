//===- TestArtifact.cpp - Artifacts written without a compiler ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "support/TestArtifact.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace moec::test {

namespace fs = std::filesystem;
using nlohmann::json;

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "moec-test-XXXXXX").string();
  if (!mkdtemp(name.data()))
    throw std::runtime_error("cannot make a temporary folder");
  folder = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

std::string readBytes(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

void writeBytes(const fs::path &path, const std::string &bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  if (!file.flush())
    throw std::runtime_error("cannot write " + path.string());
}

void writeSafetensors(const fs::path &path,
                      const std::vector<FloatWeight> &weights) {
  json header = json::object();
  std::string data;
  for (const FloatWeight &weight : weights) {
    data.resize((data.size() + 63) / 64 * 64);
    size_t begin = data.size();
    data.append(reinterpret_cast<const char *>(weight.values.data()),
                weight.values.size() * sizeof(float));
    header[weight.name] = {{"dtype", "F32"},
                           {"shape", weight.shape},
                           {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + 8 + 63) / 64 * 64 - 8, ' ');
  uint64_t length = text.size();
  writeBytes(path,
             std::string(reinterpret_cast<char *>(&length), 8) + text + data);
}

json tensor(const std::string &name, const std::string &type, json shape) {
  return {{"name", name}, {"type", type}, {"shape", std::move(shape)}};
}

TestArtifact::TestArtifact(const std::string &symbol, int64_t ranks)
    : folder(parent.path() / "model.moe"), byRank(ranks) {
  manifest = {{"format", "moec-artifact"},
              {"format_version", 1},
              {"abi_version", 3},
              {"name", symbol},
              {"ranks", ranks},
              {"program",
               {{"file", "program.so"},
                {"entries", {{{"isa", "x86-64"}, {"symbol", symbol}}}}}},
              {"inputs", json::array()},
              {"outputs", json::array()},
              {"weights", json::array()},
              {"weight_files", json::array()},
              {"checksums", json::object()}};
#if defined(__aarch64__)
  manifest["program"]["entries"][0]["isa"] = "aarch64";
#endif
}

TestArtifact &TestArtifact::input(json signature) {
  manifest["inputs"].push_back(std::move(signature));
  return *this;
}

TestArtifact &TestArtifact::output(json signature) {
  manifest["outputs"].push_back(std::move(signature));
  return *this;
}

void TestArtifact::addWeight(const FloatWeight &weight, bool differsByRank) {
  json entry = tensor(weight.name, "f32", weight.shape);
  if (differsByRank)
    entry["shape"][0] = nullptr;
  manifest["weights"].push_back(std::move(entry));
}

TestArtifact &TestArtifact::sharedWeight(FloatWeight weight) {
  addWeight(weight, false);
  shared.push_back(std::move(weight));
  return *this;
}

TestArtifact &
TestArtifact::rankWeight(const std::vector<FloatWeight> &weights) {
  addWeight(weights.front(), true);
  for (size_t rank = 0; rank < weights.size(); ++rank)
    byRank.at(rank).push_back(weights[rank]);
  return *this;
}

const fs::path &TestArtifact::write() {
  auto addFile = [&](const std::string &file, json rank,
                     const std::vector<FloatWeight> &weights) {
    if (weights.empty())
      return;
    writeSafetensors(folder / file, weights);
    manifest["weight_files"].push_back({{"file", file}, {"rank", rank}});
  };
  addFile("weights/shared.safetensors", nullptr, shared);
  for (size_t rank = 0; rank < byRank.size(); ++rank)
    addFile("weights/rank" + std::to_string(rank) + ".safetensors", rank,
            byRank[rank]);
  fs::create_directories(folder);
  fs::copy_file(MOEC_TEST_PROGRAM, folder / "program.so");
  auto addChecksum = [&](const std::string &file) {
    std::string bytes = readBytes(folder / file);
    char text[32];
    std::snprintf(text, sizeof(text), "xxh3:%016llx",
                  static_cast<unsigned long long>(
                      XXH3_64bits(bytes.data(), bytes.size())));
    manifest["checksums"][file] = text;
  };
  addChecksum("program.so");
  for (const json &file : manifest["weight_files"])
    addChecksum(file["file"]);
  writeManifest();
  return folder;
}

void TestArtifact::writeManifest() const {
  writeBytes(folder / "manifest.json", manifest.dump(1));
}

} // namespace moec::test
