//===- TextFile.h - Whole files as bytes, with positions ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_TEXTFILE_H
#define MOEC_TARGET_TEXTFILE_H

#include "target/FileError.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace moec::target {

/// Files above this size are refused before they are read: no description of a
/// machine and no routing statistic comes near it.
inline constexpr size_t maxFileBytes = size_t{1} << 30;

/// The bytes of the file at `path`, which must be a regular file of at most
/// `limit` bytes.
Result<std::string> readFile(const std::string &path,
                             size_t limit = maxFileBytes);

/// Writes `text` beside `path` and renames it, so that a reader never sees
/// half a file and a failed write leaves the old one.
Status writeFile(const std::string &path, std::string_view text);

/// Line and column, both from 1, of the byte at `offset`.
struct Position {
  int line = 1;
  int column = 1;
};
Position positionOf(std::string_view text, size_t offset);

/// Offset of the first byte that is not part of well-formed UTF-8, or npos.
/// (Unicode 15, table 3-7: no overlong forms, no surrogates.)
size_t findInvalidUtf8(std::string_view text);

} // namespace moec::target

#endif // MOEC_TARGET_TEXTFILE_H
