#include "test/kernels/Reference.h"

#include <bit>

namespace moec::kernels::test {

template <> float fromFloat<float>(float value) { return value; }
template <> BF16 fromFloat<BF16>(float value) {
  return {static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16)};
}
template <> F16 fromFloat<F16>(float value) {
  return {std::bit_cast<uint16_t>(static_cast<_Float16>(value))};
}

float toFloat(float value) { return value; }
float toFloat(BF16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}
float toFloat(F16 value) { return std::bit_cast<_Float16>(value.bits); }

} // namespace moec::kernels::test
