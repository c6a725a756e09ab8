//===- Safetensors.cpp - Tensors of a safetensors file --------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "artifact/Safetensors.h"

#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <cstring>

namespace moec::rt {

using nlohmann::json;

namespace {

/// A non-negative integer that fits 63 bits.
int64_t readSize(const json &value, const std::string &what) {
  bool fits = value.is_number_unsigned() &&
              value.get<uint64_t>() <= uint64_t(INT64_MAX);
  if (!fits)
    fail(what, " is not a size");
  return value.get<int64_t>();
}

const json &member(const json &object, const char *key,
                   const std::string &tensor) {
  if (!object.is_object() || !object.contains(key))
    fail("tensor '", tensor, "' has no ", key);
  return object.at(key);
}

StoredTensor readTensor(const std::string &name, const json &entry,
                        std::span<const std::byte> data) {
  StoredTensor tensor;
  const json &type = member(entry, "dtype", name);
  auto known = safetensorsTypeNamed(
      type.is_string() ? type.get_ref<const std::string &>() : "");
  if (!known)
    fail("tensor '", name, "' has the unknown type ", type.dump());
  tensor.type = *known;
  const json &shape = member(entry, "shape", name);
  const json &offsets = member(entry, "data_offsets", name);
  if (!shape.is_array() || !offsets.is_array() || offsets.size() != 2)
    fail("tensor '", name, "' has a malformed shape or data_offsets");
  for (const json &size : shape)
    tensor.shape.push_back(readSize(size, "shape of tensor '" + name + "'"));
  int64_t begin = readSize(offsets[0], "data offset of tensor '" + name + "'");
  int64_t end = readSize(offsets[1], "data offset of tensor '" + name + "'");
  if (begin > end || end > static_cast<int64_t>(data.size()))
    fail("tensor '", name, "' lies at bytes ", begin, " to ", end,
         " but the file has ", data.size(), " bytes of data; is it truncated?");
  auto count = elementCount(tensor.shape, bytesOf(tensor.type));
  if (!count || *count * bytesOf(tensor.type) != end - begin)
    fail("tensor '", name, "' has shape ", shapeText(tensor.shape), " of ",
         nameOf(tensor.type), " but ", end - begin, " bytes");
  tensor.data = data.data() + begin;
  return tensor;
}

} // namespace

std::map<std::string, StoredTensor> readSafetensors(const MappedFile &file) {
  std::span<const std::byte> bytes = file.bytes();
  uint64_t headerBytes = 0;
  if (bytes.size() < sizeof(headerBytes))
    fail("the file has ", bytes.size(), " bytes and no safetensors header");
  std::memcpy(&headerBytes, bytes.data(), sizeof(headerBytes));
  if (headerBytes > bytes.size() - sizeof(headerBytes))
    fail("the safetensors header is said to have ", headerBytes,
         " bytes but the file has ", bytes.size(), "; is it truncated?");
  const char *text =
      reinterpret_cast<const char *>(bytes.data()) + sizeof(headerBytes);
  json header = json::parse(text, text + headerBytes, nullptr,
                            /*allow_exceptions=*/false);
  if (!header.is_object())
    fail("the safetensors header is not a JSON object");
  std::map<std::string, StoredTensor> tensors;
  for (const auto &[name, entry] : header.items())
    if (name != "__metadata__")
      tensors.emplace(
          name, readTensor(name, entry,
                           bytes.subspan(sizeof(headerBytes) + headerBytes)));
  return tensors;
}

} // namespace moec::rt
