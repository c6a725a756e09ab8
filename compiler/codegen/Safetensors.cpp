#include "codegen/Safetensors.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace llvm;
using namespace moec::codegen;

namespace {
constexpr size_t kAlignment = 64;

std::string checksumText(uint64_t hash) {
  return "xxh3:" + utohexstr(hash, /*LowerCase=*/true, /*Width=*/16);
}
} // namespace

struct ChecksummedFile::State {
  State(std::string path, std::error_code &code)
      : path(std::move(path)), stream(this->path, code) {
    XXH3_64bits_reset(&hash);
  }

  std::string path;
  raw_fd_ostream stream;
  XXH3_state_t hash;
  bool isFinished = false;
};

ChecksummedFile::ChecksummedFile(std::unique_ptr<State> state)
    : state(std::move(state)) {}
ChecksummedFile::ChecksummedFile(ChecksummedFile &&) = default;
ChecksummedFile::~ChecksummedFile() {
  if (!state || state->isFinished)
    return;
  state->stream.close(); // an abandoned file: the caller has its error
  state->stream.clear_error();
}

static Error cannotWrite(StringRef path, std::error_code code) {
  return createStringError(code,
                           "cannot write " + path + ": " + code.message());
}

Expected<ChecksummedFile> ChecksummedFile::create(std::string path) {
  std::error_code code;
  auto state = std::make_unique<State>(path, code);
  if (code)
    return cannotWrite(path, code);
  return ChecksummedFile(std::move(state));
}

Error ChecksummedFile::write(ArrayRef<char> bytes) {
  XXH3_64bits_update(&state->hash, bytes.data(), bytes.size());
  state->stream.write(bytes.data(), bytes.size());
  if (state->stream.has_error())
    return cannotWrite(state->path, state->stream.error());
  return Error::success();
}

Expected<std::string> ChecksummedFile::finish() {
  state->stream.close();
  state->isFinished = true;
  if (state->stream.has_error()) {
    std::error_code code = state->stream.error();
    state->stream.clear_error();
    return cannotWrite(state->path, code);
  }
  return checksumText(XXH3_64bits_digest(&state->hash));
}

Expected<std::string> moec::codegen::checksum(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError(buffer.getError(), "cannot read " + path);
  return checksumText(
      XXH3_64bits((*buffer)->getBufferStart(), (*buffer)->getBufferSize()));
}

std::string moec::codegen::safetensorsHeader(ArrayRef<StoredTensor> tensors) {
  json::Object header;
  int64_t offset = 0;
  for (const StoredTensor &tensor : tensors) {
    header[tensor.name] = json::Object{
        {"dtype", tensor.type},
        {"shape", json::Array(tensor.shape)},
        {"data_offsets", json::Array{offset, offset + tensor.bytes}}};
    offset += tensor.bytes;
  }
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(header));
  text.append((kAlignment - (8 + text.size()) % kAlignment) % kAlignment, ' ');
  char length[8];
  support::endian::write64le(length, text.size());
  return std::string(length, 8) + text;
}

bool moec::codegen::liesBefore(const StoredTensor &a, const StoredTensor &b) {
  return a.bytes % kAlignment == 0 && b.bytes % kAlignment != 0;
}
