//===- Checksum.h - Checksums of artifact files ---------------------------===//
//
// Part of moec. "xxh3:" and XXH3_64bits of the whole file as 16 hexadecimal
// digits (https://github.com/Cyan4973/xxHash). It finds damage, it does not
// protect against an attacker.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_ARTIFACT_CHECKSUM_H
#define MOEC_RT_ARTIFACT_CHECKSUM_H

#include <cstddef>
#include <span>
#include <string>

namespace moec::rt {

std::string checksumOf(std::span<const std::byte> bytes);

} // namespace moec::rt

#endif // MOEC_RT_ARTIFACT_CHECKSUM_H
