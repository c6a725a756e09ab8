//===- Tensor.h - Element types, shapes and sizes -------------------------===//
//
// Part of moec. What every part of the runtime and its tools need to know of
// tensors: names and widths of element types, text of shapes, and sizes that
// are checked for overflow.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_SUPPORT_TENSOR_H
#define MOEC_RT_SUPPORT_TENSOR_H

#include "include/moe_rt.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace moec::rt {

constexpr int64_t elementTypeCount = MOE_RT_I1 + 1;

/// The type the manifest calls `name` ("f32"), if there is one.
std::optional<moe_rt_type> elementTypeNamed(std::string_view name);

/// `name`'s type in a safetensors header ("F32"), if there is one.
std::optional<moe_rt_type> safetensorsTypeNamed(std::string_view name);

const char *nameOf(moe_rt_type type); ///< "f32"
int64_t bytesOf(moe_rt_type type);    ///< bytes an element

/// Number of elements; nullopt if a size is negative or the bytes of the tensor
/// do not fit into 63 bits. A tensor of rank 0 has one element.
std::optional<int64_t> elementCount(std::span<const int64_t> shape,
                                    int64_t elementBytes);

std::string shapeText(std::span<const int64_t> shape); ///< "[2, 7]"

} // namespace moec::rt

#endif // MOEC_RT_SUPPORT_TENSOR_H
