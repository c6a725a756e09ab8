//===- Npy.h - NumPy arrays of integers -----------------------------------===//
//
// Part of moec. Reads the .npy container (numpy.lib.format, versions 1 to 3).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_NPY_H
#define MOEC_TARGET_NPY_H

#include "target/FileError.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moec::target {

/// A view of an integer array in C order; `data` points into the file's bytes.
class NpyArray {
public:
  /// Throws FileError unless `bytes` are exactly one array of a little-endian
  /// integer type with 1 to 8 extents, each of them above 0.
  NpyArray(std::string_view bytes, const std::string &file);

  const std::vector<int64_t> &shape() const { return extents; }
  int64_t size() const { return count; }
  /// Element `index` in C order. The largest value of an unsigned type reads
  /// as -1 where `unsignedHole` is set: it marks a missing id.
  int64_t at(int64_t index, bool unsignedHole) const;
  bool isByte() const { return width == 1 && !isSigned; }

private:
  std::vector<int64_t> extents;
  std::string_view data;
  int64_t count = 0;
  int64_t width = 0; ///< bytes of an element
  bool isSigned = false;
};

} // namespace moec::target

#endif // MOEC_TARGET_NPY_H
