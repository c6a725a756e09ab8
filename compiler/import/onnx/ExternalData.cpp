#include "import/onnx/ExternalData.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace moec::import;
using llvm::StringRef;
using llvm::Twine;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static llvm::Error fail(const Twine &message) {
  return llvm::createStringError(message);
}

static llvm::SmallString<256> joinPath(StringRef folder, StringRef location) {
  llvm::SmallString<256> result(folder.empty() ? "." : folder);
  path::append(result, location);
  return result;
}

/// A non-negative decimal that fits 63 bits.
static llvm::Expected<int64_t> parseSize(StringRef key, StringRef text) {
  int64_t value;
  if (text.getAsInteger(10, value) || value < 0)
    return fail("external data has " + key + " '" + text +
                "'; expected a decimal number below 2^63");
  return value;
}

llvm::Expected<int64_t> ExternalData::checkedSize(StringRef location) {
  if (auto known = sizes.find(location); known != sizes.end())
    return known->second;
  if (location.empty())
    return fail("external data names no location");
  if (path::is_absolute(location))
    return fail("external data lies at '" + location +
                "'; an absolute path is not allowed, only files in the model's "
                "folder");
  if (llvm::is_contained(
          llvm::make_range(path::begin(location), path::end(location)), ".."))
    return fail("external data lies at '" + location +
                "'; '..' is not allowed, only files in the model's folder");

  const std::string name = joinPath(folder, location).str().str();
  llvm::SmallString<256> real, realFolder;
  if (std::error_code error = fs::real_path(name, real))
    return fail("cannot read external data file '" + name +
                "': " + error.message());
  if (std::error_code error = fs::real_path(joinPath(folder, ""), realFolder))
    return fail("cannot read folder '" + folder + "': " + error.message());
  path::append(realFolder, ""); // a trailing separator, except after the root
  if (!real.starts_with(realFolder))
    return fail("external data file '" + name + "' is a link to '" + real +
                "', which leaves the model's folder");
  fs::file_status status;
  if (std::error_code error = fs::status(real, status))
    return fail("cannot read external data file '" + name +
                "': " + error.message());
  if (status.type() != fs::file_type::regular_file)
    return fail("external data '" + name + "' is not a plain file");
  return sizes[location] = static_cast<int64_t>(status.getSize());
}

llvm::Expected<FileRegion>
ExternalData::locate(const ::onnx::TensorProto &tensor, int64_t bytes) {
  FileRegion region;
  std::optional<int64_t> length;
  for (const auto &entry : tensor.external_data()) {
    if (entry.key() == "location") {
      region.file = entry.value();
    } else if (entry.key() == "offset" || entry.key() == "length") {
      llvm::Expected<int64_t> size = parseSize(entry.key(), entry.value());
      if (!size)
        return size.takeError();
      if (entry.key() == "offset")
        region.offset = *size;
      else
        length = *size;
    }
  }
  llvm::Expected<int64_t> fileSize = checkedSize(region.file);
  if (!fileSize)
    return fileSize.takeError();
  // Without a length the tensor takes what its type needs.
  region.length = length.value_or(bytes);
  if (region.length != bytes)
    return fail("external data has length " + Twine(region.length) +
                "; the tensor's type needs " + Twine(bytes) + " bytes");
  if (region.offset > *fileSize || region.length > *fileSize - region.offset)
    return fail("external data file '" + region.file + "' has " +
                Twine(*fileSize) + " bytes; the tensor needs " +
                Twine(region.length) + " from offset " + Twine(region.offset));
  return region;
}

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
ExternalData::read(const FileRegion &region) const {
  llvm::SmallString<256> name = joinPath(folder, region.file);
  auto buffer =
      llvm::MemoryBuffer::getFileSlice(name, region.length, region.offset);
  if (!buffer)
    return fail("cannot read external data file '" + name +
                "': " + buffer.getError().message());
  return std::move(*buffer);
}
