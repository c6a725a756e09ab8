//===- HostTensor.cpp - A tensor that moe-run owns ------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "HostTensor.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>

namespace moec::run {

HostTensor::HostTensor(std::string name, moe_rt_type type,
                       std::vector<int64_t> shape)
    : name(std::move(name)), type(type), shape(std::move(shape)) {
  auto size = rt::elementCount(this->shape, rt::bytesOf(type));
  if (!size)
    fail("'", this->name, "' has the impossible shape ",
         rt::shapeText(this->shape));
  elements = *size;
  try {
    lines.resize((elements * rt::bytesOf(type) + 63) / 64);
  } catch (const std::exception &) { // bad_alloc, length_error
    fail("'", this->name, "' with shape ", rt::shapeText(this->shape),
         " does not fit into memory");
  }
}

HostTensor::HostTensor(const moe_rt_tensor &tensor)
    : HostTensor(tensor.name, tensor.type,
                 {tensor.shape, tensor.shape + tensor.rank}) {
  if (!bytes().empty())
    std::memcpy(bytes().data(), tensor.data, bytes().size());
}

std::span<std::byte> HostTensor::bytes() {
  return {reinterpret_cast<std::byte *>(lines.data()),
          static_cast<size_t>(elements * rt::bytesOf(type))};
}

std::span<const std::byte> HostTensor::bytes() const {
  return {reinterpret_cast<const std::byte *>(lines.data()),
          static_cast<size_t>(elements * rt::bytesOf(type))};
}

moe_rt_tensor HostTensor::view() const {
  return {name.c_str(), type, static_cast<int64_t>(shape.size()), shape.data(),
          lines.data()};
}

namespace {

template <typename T> T load(const std::byte *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

/// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits.
double halfToDouble(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  double fraction = bits & 1023;
  double magnitude = exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
                     : exponent == 0
                         ? std::ldexp(fraction, -24)
                         : std::ldexp(1024 + fraction, exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

} // namespace

double toDouble(moe_rt_type type, const std::byte *element) {
  switch (type) {
  case MOE_RT_F32:
    return load<float>(element);
  case MOE_RT_F16:
    return halfToDouble(load<uint16_t>(element));
  case MOE_RT_BF16: // the upper half of an f32
    return std::bit_cast<float>(uint32_t(load<uint16_t>(element)) << 16);
  case MOE_RT_F64:
    return load<double>(element);
  case MOE_RT_I64:
    return static_cast<double>(load<int64_t>(element));
  case MOE_RT_I32:
    return load<int32_t>(element);
  case MOE_RT_I16:
    return load<int16_t>(element);
  case MOE_RT_I8:
    return load<int8_t>(element);
  case MOE_RT_U8:
  case MOE_RT_I1:
    return load<uint8_t>(element);
  case MOE_RT_U16:
    return load<uint16_t>(element);
  case MOE_RT_U32:
    return load<uint32_t>(element);
  case MOE_RT_U64:
    return static_cast<double>(load<uint64_t>(element));
  }
  __builtin_unreachable();
}

bool isFloatingPoint(moe_rt_type type) {
  return type == MOE_RT_F32 || type == MOE_RT_F16 || type == MOE_RT_BF16 ||
         type == MOE_RT_F64;
}

void normaliseBooleans(HostTensor &tensor) {
  if (tensor.type == MOE_RT_I1)
    for (std::byte &value : tensor.bytes())
      value = std::byte(value != std::byte(0));
}

std::string readFile(const std::string &path) {
  std::error_code error;
  uintmax_t size = std::filesystem::file_size(path, error);
  if (error)
    fail("cannot open ", path, ": ", error.message());
  std::string bytes(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size)))
    fail("cannot read ", path);
  return bytes;
}

} // namespace moec::run
