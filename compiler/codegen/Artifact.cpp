#include "codegen/Artifact.h"

#include "codegen/Manifest.h"
#include "codegen/Packing.h"
#include "codegen/Program.h"
#include "codegen/Safetensors.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <future>

using namespace llvm;
using namespace moec::codegen;

namespace {

std::string join(StringRef folder, StringRef file) {
  SmallString<256> path(folder);
  sys::path::append(path, file);
  return std::string(path);
}

/// Fails unless `output` is free or holds an artifact.
Error checkOutput(StringRef output) {
  if (!sys::fs::exists(output) ||
      sys::fs::exists(join(output, "manifest.json")))
    return Error::success();
  return createStringError("'" + output +
                           "' exists and is no artifact; remove it or choose "
                           "another name");
}

class ArtifactWriter {
public:
  ArtifactWriter(mlir::ModuleOp module, std::string folder,
                 const ArtifactOptions &options)
      : module(module), folder(std::move(folder)), options(options),
        models(options.modelFolder) {}

  Expected<ArtifactSizes> write() {
    auto table = readWeightTable(module);
    if (!table)
      return table.takeError();
    weights = std::move(*table);
    // The program is compiled while the weights are packed.
    auto program = std::async(std::launch::async, [this] {
      return toString(buildProgram(module, weights, join(folder, "program.so")));
    });
    Error error = writeWeights();
    std::string programError = program.get();
    if (error)
      return error;
    if (!programError.empty())
      return createStringError(programError);
    if (Error error = finish())
      return error;
    return sizes;
  }

private:
  Error writeWeights() {
    if (std::error_code code =
            sys::fs::create_directory(join(folder, "weights")))
      return createStringError(code, "cannot create " + folder +
                                         "/weights: " + code.message());
    if (Error error = writeFile("weights/shared.safetensors", std::nullopt))
      return error;
    bool anySlots = any_of(
        weights, [](const Weight &weight) { return !weight.slots.empty(); });
    for (int64_t rank = 0; anySlots && rank < rankCount(module); ++rank)
      if (Error error = writeFile(
              "weights/rank" + std::to_string(rank) + ".safetensors", rank))
        return error;
    return Error::success();
  }

  /// One file: the weights with slots if a rank is given, else the others.
  Error writeFile(const std::string &file, std::optional<int64_t> rank) {
    std::vector<std::pair<StoredTensor, const Weight *>> tensors;
    for (const Weight &weight : weights) {
      if (weight.slots.empty() == rank.has_value())
        continue;
      if (rank && *rank >= static_cast<int64_t>(weight.slots.size()))
        return createStringError("weight '" + weight.name + "' has slots for " +
                                 std::to_string(weight.slots.size()) +
                                 " ranks; the program has " +
                                 std::to_string(rankCount(module)));
      std::vector<int64_t> shape = storedShape(weight, rank.value_or(0));
      tensors.push_back({{weight.name, weight.type.safetensors, shape,
                          storedBytes(weight, shape)},
                         &weight});
    }
    if (tensors.empty())
      return Error::success();
    // Positions in the table break ties.
    sort(tensors, [](const auto &a, const auto &b) {
      bool before = liesBefore(a.first, b.first);
      return before || (!liesBefore(b.first, a.first) && a.second < b.second);
    });
    auto stream = ChecksummedFile::create(join(folder, file));
    if (!stream)
      return stream.takeError();
    if (Error error = stream->write(
            safetensorsHeader(to_vector(llvm::make_first_range(tensors)))))
      return error;
    for (auto &[tensor, weight] : tensors) {
      if (Error error = packWeight(
              *weight, rank.value_or(0), models,
              [&](ArrayRef<char> bytes) { return stream->write(bytes); }))
        return error;
      sizes.weights += tensor.bytes;
    }
    auto checksum = stream->finish();
    if (!checksum)
      return checksum.takeError();
    files.weightFiles.push_back({file, rank});
    files.checksums[file] = *checksum;
    return Error::success();
  }

  /// Checksums of the rest, and the manifest that names everything.
  Error finish() {
    if (!options.plan.empty())
      if (Error error = writeText("plan.json", options.plan))
        return error;
    auto checksum = moec::codegen::checksum(join(folder, "program.so"));
    if (!checksum)
      return checksum.takeError();
    files.checksums["program.so"] = *checksum;
    uint64_t size = 0;
    sys::fs::file_size(join(folder, "program.so"), size);
    sizes.program = size;
    auto text =
        manifestText(module, options.name, options.hardware, weights, files);
    if (!text)
      return text.takeError();
    return writeText("manifest.json", *text);
  }

  Error writeText(const std::string &file, StringRef text) {
    auto stream = ChecksummedFile::create(join(folder, file));
    if (!stream)
      return stream.takeError();
    if (Error error = stream->write(ArrayRef(text.data(), text.size())))
      return error;
    auto checksum = stream->finish();
    if (!checksum)
      return checksum.takeError();
    files.checksums[file] = *checksum;
    return Error::success();
  }

  mlir::ModuleOp module;
  std::string folder;
  const ArtifactOptions &options;
  ModelFiles models;
  std::vector<Weight> weights;
  ArtifactFiles files;
  ArtifactSizes sizes;
};

/// Puts the finished folder in the place of what was there.
Error replaceFolder(StringRef finished, StringRef output) {
  std::string old = (finished + ".old").str();
  bool replaces = sys::fs::exists(output);
  std::error_code code;
  if (replaces)
    code = sys::fs::rename(output, old);
  if (!code)
    code = sys::fs::rename(finished, output);
  if (code)
    return createStringError(code, "cannot create '" + output +
                                       "': " + code.message());
  if (replaces)
    sys::fs::remove_directories(old);
  return Error::success();
}

} // namespace

Expected<ArtifactSizes>
moec::codegen::writeArtifact(mlir::ModuleOp module, StringRef output,
                             const ArtifactOptions &options) {
  output = output.rtrim('/');
  if (Error error = checkOutput(output))
    return error;
  SmallString<256> folder;
  sys::fs::createUniquePath(output + ".partial-%%%%%%", folder,
                            /*MakeAbsolute=*/false);
  if (std::error_code code = sys::fs::create_directory(folder))
    return createStringError(code, "cannot create '" + folder +
                                       "': " + code.message());
  scope_exit remove([&] { sys::fs::remove_directories(folder); });
  auto sizes = ArtifactWriter(module, std::string(folder), options).write();
  if (!sizes)
    return sizes.takeError();
  if (Error error = replaceFolder(folder, output))
    return error;
  remove.release();
  return *sizes;
}
