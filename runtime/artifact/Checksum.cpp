//===- Checksum.cpp - Checksums of artifact files -------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "artifact/Checksum.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cinttypes>
#include <cstdio>

namespace moec::rt {

std::string checksumOf(std::span<const std::byte> bytes) {
  uint64_t hash = XXH3_64bits(bytes.data(), bytes.size());
  char text[sizeof("xxh3:0123456789abcdef")];
  std::snprintf(text, sizeof(text), "xxh3:%016" PRIx64, hash);
  return text;
}

} // namespace moec::rt
