//===- Tensor.cpp - Element types, shapes and sizes -----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "support/Tensor.h"

#include "support/Error.h"

#include <array>

namespace moec::rt {

namespace {
struct TypeRow {
  const char *name;
  const char *safetensors;
  int64_t bytes;
};
/// In the order of moe_rt_type.
constexpr std::array<TypeRow, elementTypeCount> typeRows = {{
    {"f32", "F32", 4},
    {"f16", "F16", 2},
    {"bf16", "BF16", 2},
    {"f64", "F64", 8},
    {"i64", "I64", 8},
    {"i32", "I32", 4},
    {"i16", "I16", 2},
    {"i8", "I8", 1},
    {"u8", "U8", 1},
    {"u16", "U16", 2},
    {"u32", "U32", 4},
    {"u64", "U64", 8},
    {"i1", "BOOL", 1},
}};

std::optional<moe_rt_type> find(const char *TypeRow::*column,
                                std::string_view name) {
  for (size_t i = 0; i < typeRows.size(); ++i)
    if (name == typeRows[i].*column)
      return static_cast<moe_rt_type>(i);
  return std::nullopt;
}
} // namespace

std::optional<moe_rt_type> elementTypeNamed(std::string_view name) {
  return find(&TypeRow::name, name);
}

std::optional<moe_rt_type> safetensorsTypeNamed(std::string_view name) {
  return find(&TypeRow::safetensors, name);
}

const char *nameOf(moe_rt_type type) { return typeRows.at(type).name; }
int64_t bytesOf(moe_rt_type type) { return typeRows.at(type).bytes; }

std::optional<int64_t> elementCount(std::span<const int64_t> shape,
                                    int64_t elementBytes) {
  // A zero makes the product zero whatever the other sizes are, so the limit is
  // checked on the product of the sizes that are not zero.
  int64_t bytes = elementBytes, count = 1;
  for (int64_t size : shape) {
    if (size < 0)
      return std::nullopt;
    if (size != 0 && __builtin_mul_overflow(bytes, size, &bytes))
      return std::nullopt;
    count = size == 0 || count == 0 ? 0 : count * size;
  }
  return count;
}

std::string shapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += concat(i ? ", " : "", shape[i]);
  return text + "]";
}

} // namespace moec::rt
