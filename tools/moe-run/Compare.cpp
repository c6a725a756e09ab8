//===- Compare.cpp - Two tensors, how far apart ---------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Compare.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace moec::run {

namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

std::string typeText(const moe_rt_tensor &tensor) {
  return rt::concat(
      rt::nameOf(tensor.type),
      rt::shapeText({tensor.shape, static_cast<size_t>(tensor.rank)}));
}

Comparison compareIntegers(const std::byte *actual, const std::byte *expected,
                           moe_rt_type type, int64_t count) {
  int64_t width = rt::bytesOf(type), different = 0, first = -1;
  for (int64_t i = 0; i < count; ++i)
    if (std::memcmp(actual + i * width, expected + i * width, width) != 0) {
      ++different;
      first = first < 0 ? i : first;
    }
  if (different == 0)
    return {0, "equal"};
  return {infinite,
          rt::concat(different, " of ", count, " elements differ, element ",
                     first, " is ", toDouble(type, actual + first * width),
                     " instead of ", toDouble(type, expected + first * width))};
}

Comparison compareFloats(const std::byte *actual, const std::byte *expected,
                         moe_rt_type type, int64_t count) {
  int64_t width = rt::bytesOf(type);
  double difference = 0, magnitude = 0;
  for (int64_t i = 0; i < count; ++i) {
    double a = toDouble(type, actual + i * width);
    double b = toDouble(type, expected + i * width);
    if (std::isfinite(b))
      magnitude = std::max(magnitude, std::abs(b));
    if (a == b || (std::isnan(a) && std::isnan(b)))
      continue;
    bool bothFinite = std::isfinite(a) && std::isfinite(b);
    difference = std::max(difference, bothFinite ? std::abs(a - b) : infinite);
  }
  double error = magnitude > 0 ? difference / magnitude : difference;
  return {error, rt::concat("max|a-b|/max|b| = ", error)};
}

} // namespace

Comparison compare(const moe_rt_tensor &actual, const moe_rt_tensor &expected) {
  if (actual.type != expected.type || actual.rank != expected.rank ||
      !std::equal(actual.shape, actual.shape + actual.rank, expected.shape))
    return {infinite, rt::concat("is ", typeText(actual), " instead of ",
                                 typeText(expected))};
  int64_t count =
      *rt::elementCount({actual.shape, static_cast<size_t>(actual.rank)}, 1);
  auto *a = static_cast<const std::byte *>(actual.data);
  auto *b = static_cast<const std::byte *>(expected.data);
  return isFloatingPoint(actual.type)
             ? compareFloats(a, b, actual.type, count)
             : compareIntegers(a, b, actual.type, count);
}

} // namespace moec::run
