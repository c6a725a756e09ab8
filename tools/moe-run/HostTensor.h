//===- HostTensor.h - A tensor that moe-run owns --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_HOSTTENSOR_H
#define MOEC_TOOLS_MOERUN_HOSTTENSOR_H

#include "moe_rt.h"
#include "support/Error.h"
#include "support/Tensor.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace moec::run {

using rt::Error;
using rt::fail;

/// Row-major, contiguous, aligned to 64 bytes.
class HostTensor {
public:
  HostTensor() = default;
  /// Zeros. Throws Error for a shape that no memory can hold.
  HostTensor(std::string name, moe_rt_type type, std::vector<int64_t> shape);
  /// A copy of `tensor`.
  explicit HostTensor(const moe_rt_tensor &tensor);

  int64_t count() const { return elements; }
  std::span<std::byte> bytes();
  std::span<const std::byte> bytes() const;
  /// Borrowed from this object.
  moe_rt_tensor view() const;

  std::string name;
  moe_rt_type type = MOE_RT_F32;
  std::vector<int64_t> shape;

private:
  struct alignas(64) Line {
    std::byte bytes[64] = {};
  };
  int64_t elements = 0;
  std::vector<Line> lines;
};

/// The element as a double; exact but for 64-bit integers beyond 2^53.
double toDouble(moe_rt_type type, const std::byte *element);

bool isFloatingPoint(moe_rt_type type);

/// Every byte of an i1 tensor becomes 0 or 1, as programs expect.
void normaliseBooleans(HostTensor &tensor);

/// A whole file. Throws Error.
std::string readFile(const std::string &path);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_HOSTTENSOR_H
