//===- TensorFile.cpp - ONNX tensors in files -----------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "TensorFile.h"

#include "onnx.pb.h"

#include <bit>
#include <cstring>

namespace moec::run {

using onnx::TensorProto;

// raw_data is little-endian; so is every host we compile for.
static_assert(std::endian::native == std::endian::little);

namespace {

moe_rt_type typeOf(int32_t type) {
  switch (type) {
  case TensorProto::FLOAT:
    return MOE_RT_F32;
  case TensorProto::FLOAT16:
    return MOE_RT_F16;
  case TensorProto::BFLOAT16:
    return MOE_RT_BF16;
  case TensorProto::DOUBLE:
    return MOE_RT_F64;
  case TensorProto::INT64:
    return MOE_RT_I64;
  case TensorProto::INT32:
    return MOE_RT_I32;
  case TensorProto::INT16:
    return MOE_RT_I16;
  case TensorProto::INT8:
    return MOE_RT_I8;
  case TensorProto::UINT8:
    return MOE_RT_U8;
  case TensorProto::UINT16:
    return MOE_RT_U16;
  case TensorProto::UINT32:
    return MOE_RT_U32;
  case TensorProto::UINT64:
    return MOE_RT_U64;
  case TensorProto::BOOL:
    return MOE_RT_I1;
  default:
    fail("its ONNX type number ", type, " is not supported");
  }
}

/// Copies a typed field, each value cut to the width of the element.
template <typename Field> void copyField(const Field &field, HostTensor &to) {
  int64_t width = rt::bytesOf(to.type);
  for (int i = 0; i < field.size(); ++i) {
    auto value = field.Get(i);
    std::memcpy(to.bytes().data() + i * width, &value, width);
  }
}

/// What `use` returns of the field that holds values of `type` where raw_data
/// is absent.
template <typename Use>
auto withTypedField(const TensorProto &proto, moe_rt_type type, Use use) {
  switch (type) {
  case MOE_RT_F32:
    return use(proto.float_data());
  case MOE_RT_F64:
    return use(proto.double_data());
  case MOE_RT_I64:
    return use(proto.int64_data());
  case MOE_RT_U32:
  case MOE_RT_U64:
    return use(proto.uint64_data());
  default:
    return use(proto.int32_data());
  }
}

HostTensor convert(const TensorProto &proto) {
  if (proto.data_location() == TensorProto::EXTERNAL)
    fail("its data lie in another file, which test data may not");
  moe_rt_type type = typeOf(proto.data_type());
  std::vector<int64_t> shape(proto.dims().begin(), proto.dims().end());
  int64_t width = rt::bytesOf(type);
  auto count = rt::elementCount(shape, width);
  int64_t present =
      proto.has_raw_data()
          ? int64_t(proto.raw_data().size()) / width
          : withTypedField(proto, type, [](const auto &field) -> int64_t {
              return field.size();
            });
  bool whole =
      !proto.has_raw_data() || int64_t(proto.raw_data().size()) % width == 0;
  if (!count || *count != present || !whole)
    fail("its dims ", rt::shapeText(shape), " do not fit its ", present,
         " elements of ", rt::nameOf(type));
  HostTensor tensor(proto.name(), type, shape);
  if (*count > 0 && proto.has_raw_data())
    std::memcpy(tensor.bytes().data(), proto.raw_data().data(),
                tensor.bytes().size());
  else if (*count > 0)
    withTypedField(proto, type,
                   [&](const auto &field) { copyField(field, tensor); });
  normaliseBooleans(tensor);
  return tensor;
}

} // namespace

HostTensor readTensorFile(const std::string &path) {
  std::string bytes = readFile(path);
  TensorProto proto;
  if (bytes.size() > INT32_MAX ||
      !proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    fail(path, ": it is not an ONNX tensor");
  try {
    return convert(proto);
  } catch (const Error &error) {
    fail(path, ": ", error.what());
  }
}

} // namespace moec::run
