//===- NpyTest.cpp - .npy files and ONNX tensors read by moe-run ----------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Npy.h"
#include "TensorFile.h"
#include "support/TestArtifact.h"

#include "onnx.pb.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <random>

using namespace moec::run;
using namespace moec::test;
using onnx::TensorProto;
using testing::ElementsAre;

namespace {

class FileTest : public testing::Test {
protected:
  std::string path() const { return (folder.path() / "t").string(); }

  /// What `read` throws, without the path; "" if it does not.
  template <typename Read> std::string errorOf(Read read) {
    try {
      read();
      return "";
    } catch (const Error &error) {
      std::string text = error.what();
      EXPECT_EQ(text.find(path() + ": "), 0u) << text;
      return text.substr(path().size() + 2);
    }
  }

private:
  TemporaryFolder folder;
};

template <typename T> std::vector<T> valuesOf(const HostTensor &tensor) {
  std::vector<T> values(tensor.count());
  std::memcpy(values.data(), tensor.bytes().data(), tensor.bytes().size());
  return values;
}

} // namespace

//===----------------------------------------------------------------------===//
// .npy
//===----------------------------------------------------------------------===//

namespace {

class Npy : public FileTest {
protected:
  HostTensor read(const std::string &dictionary, const std::string &data,
                  moe_rt_type expected = MOE_RT_F32, char version = 1) {
    std::string bytes = std::string("\x93NUMPY") + version + '\0';
    bytes += char(dictionary.size() & 255);
    bytes += char(dictionary.size() >> 8);
    if (version > 1)
      bytes += std::string(2, '\0');
    writeBytes(path(), bytes + dictionary + data);
    return readNpy(path(), "x", expected);
  }
  std::string error(const std::string &dictionary, const std::string &data,
                    moe_rt_type expected = MOE_RT_F32, char version = 1) {
    return errorOf([&] { read(dictionary, data, expected, version); });
  }
  static std::string header(const std::string &descr,
                            const std::string &shape) {
    return "{'descr': '" + descr +
           "', 'fortran_order': False, 'shape': " + shape + ", }\n";
  }
};

} // namespace

TEST_F(Npy, RoundTripOfEveryTypeAndShape) {
  unsigned seed = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int type = MOE_RT_F32; type <= MOE_RT_I1; ++type)
    for (std::vector<int64_t> shape :
         {std::vector<int64_t>{}, {1}, {0, 4}, {2, 3, 5}}) {
      HostTensor tensor("x", moe_rt_type(type), shape);
      for (std::byte &byte : tensor.bytes())
        byte = std::byte(type == MOE_RT_I1 ? random() % 2 : random());
      writeNpy(path(), tensor.view());
      EXPECT_EQ(readBytes(path()).find('\n') % 64, 63u); // data are aligned
      HostTensor again = readNpy(path(), "x", moe_rt_type(type));
      EXPECT_EQ(again.type, tensor.type);
      EXPECT_EQ(again.shape, tensor.shape);
      EXPECT_TRUE(std::equal(again.bytes().begin(), again.bytes().end(),
                             tensor.bytes().begin(), tensor.bytes().end()));
    }
}

TEST_F(Npy, ReadsWhatNumpyWrites) {
  std::string four(4, '\1');
  EXPECT_EQ(read(header("<f4", "()"), four).shape, std::vector<int64_t>());
  EXPECT_THAT(read(header("<f4", "(1,)"), four).shape, ElementsAre(1));
  EXPECT_THAT(read(header("<i2", "(1, 2)"), four, MOE_RT_I16, 2).shape,
              ElementsAre(1, 2));
  EXPECT_EQ(read(header("<u2", "(2,)"), four).type, MOE_RT_U16);
  EXPECT_EQ(read(header("<u2", "(2,)"), four, MOE_RT_BF16).type, MOE_RT_BF16);
  EXPECT_EQ(read(header("|V2", "(2,)"), four, MOE_RT_BF16, 3).type,
            MOE_RT_BF16);
  // One axis is in both orders.
  EXPECT_EQ(read("{\"descr\": \"<f4\", \"fortran_order\": True, "
                 "\"shape\": (1,)}",
                 four)
                .count(),
            1);
  EXPECT_THAT(
      valuesOf<uint8_t>(read(header("|b1", "(4,)"), {0, 1, 7, -1}, MOE_RT_I1)),
      ElementsAre(0, 1, 1, 1));
}

TEST_F(Npy, BrokenFiles) {
  std::string data(8, '\0');
  EXPECT_EQ(error(header("<f4", "(3,)"), data),
            "its header says f32[3] but it has 8 bytes of data");
  EXPECT_EQ(
      error(header("<f4", "(4611686018427387904, 4611686018427387904)"), data),
      "its header says f32[4611686018427387904, 4611686018427387904] but "
      "it has 8 bytes of data");
  EXPECT_EQ(error(header("<f4", "(-2,)"), data),
            "its header is malformed: no size at '-2,), }\n'");
  EXPECT_EQ(error(header("<f4", "(99999999999999999999,)"), data),
            "its header is malformed: no size at '99999999999999999999'");
  EXPECT_EQ(error(header(">f4", "(2,)"), data),
            "its type '>f4' is not supported; save it in little-endian order");
  EXPECT_EQ(error(header("<c8", "(1,)"), data),
            "its type '<c8' is not supported");
  EXPECT_EQ(error(header("|V2", "(4,)"), data),
            "its type '|V2' is not supported");
  EXPECT_EQ(
      error("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2), }", data),
      "it is in Fortran order; save numpy.ascontiguousarray(array)");
  EXPECT_EQ(error("{'descr': '<f4', 'shape': (2,), }", data),
            "its header has 2 keys, not 3");
  EXPECT_EQ(error("{'descr': '<f4', 'color': 'red'}", data),
            "its header has the unknown key 'color'");
  EXPECT_EQ(error("{'descr", data),
            "its header is malformed: a string does not end");
  EXPECT_EQ(error("", data), "its header is malformed: expected { at ''");
  EXPECT_EQ(error(header("<f4", "(2,)"), data, MOE_RT_F32, 9),
            "its format version is 9, not 1, 2 or 3");
  writeBytes(path(), "PK\3\4 something else");
  auto readFile = [&] { readNpy(path(), "x", MOE_RT_F32); };
  EXPECT_EQ(errorOf(readFile), "it is not a .npy file");
  writeBytes(path(), std::string("\x93NUMPY\2\0\1\0", 10));
  EXPECT_EQ(errorOf(readFile), "it is truncated");
  writeBytes(path(), std::string("\x93NUMPY\1\0\xff\xff{", 11));
  EXPECT_EQ(errorOf(readFile),
            "it is truncated: the header has 65535 bytes, 1 are left");
}

TEST_F(Npy, FilesThatCannotBeOpenedOrWritten) {
  EXPECT_THROW(readNpy(path(), "x", MOE_RT_F32), Error);
  HostTensor tensor("x", MOE_RT_F32, {2});
  EXPECT_THROW(writeNpy(path() + "/none/x.npy", tensor.view()), Error);
  HostTensor large("x", MOE_RT_F32, {100000});
  if (std::filesystem::exists("/dev/full")) {
    EXPECT_THROW(writeNpy("/dev/full", large.view()), Error);
  }
}

//===----------------------------------------------------------------------===//
// TensorProto
//===----------------------------------------------------------------------===//

namespace {

class TensorFile : public FileTest {
protected:
  HostTensor read(const TensorProto &proto) {
    writeBytes(path(), proto.SerializeAsString());
    return readTensorFile(path());
  }
  std::string error(const TensorProto &proto) {
    return errorOf([&] { read(proto); });
  }
  static TensorProto proto(TensorProto::DataType type,
                           std::vector<int64_t> dims) {
    TensorProto proto;
    proto.set_data_type(type);
    for (int64_t size : dims)
      proto.add_dims(size);
    return proto;
  }
};

} // namespace

TEST_F(TensorFile, ReadsTypedFieldsAndRawData) {
  TensorProto half = proto(TensorProto::FLOAT16, {2});
  half.add_int32_data(0x3c00);
  half.add_int32_data(0xc000);
  HostTensor tensor = read(half);
  EXPECT_EQ(tensor.type, MOE_RT_F16);
  EXPECT_THAT(valuesOf<uint16_t>(tensor), ElementsAre(0x3c00, 0xc000));

  TensorProto bytes = proto(TensorProto::INT8, {2});
  bytes.add_int32_data(-1);
  bytes.add_int32_data(5);
  EXPECT_THAT(valuesOf<int8_t>(read(bytes)), ElementsAre(-1, 5));

  TensorProto words = proto(TensorProto::UINT32, {1});
  words.add_uint64_data(4000000000u);
  EXPECT_THAT(valuesOf<uint32_t>(read(words)), ElementsAre(4000000000u));

  TensorProto floats = proto(TensorProto::FLOAT, {1, 2});
  floats.set_name("named");
  floats.add_float_data(1.5f);
  floats.add_float_data(-2);
  tensor = read(floats);
  EXPECT_EQ(tensor.name, "named");
  EXPECT_THAT(tensor.shape, ElementsAre(1, 2));
  EXPECT_THAT(valuesOf<float>(tensor), ElementsAre(1.5f, -2));

  TensorProto raw = proto(TensorProto::INT64, {});
  int64_t value = -7;
  raw.set_raw_data(&value, sizeof(value));
  EXPECT_THAT(valuesOf<int64_t>(read(raw)), ElementsAre(-7));

  TensorProto flags = proto(TensorProto::BOOL, {3});
  flags.set_raw_data(std::string("\0\2\1", 3));
  EXPECT_THAT(valuesOf<uint8_t>(read(flags)), ElementsAre(0, 1, 1));
  EXPECT_EQ(read(proto(TensorProto::DOUBLE, {0, 3})).count(), 0);
}

TEST_F(TensorFile, BrokenFiles) {
  EXPECT_EQ(error(proto(TensorProto::FLOAT, {3})),
            "its dims [3] do not fit its 0 elements of f32");
  EXPECT_EQ(error(proto(TensorProto::FLOAT, {-1})),
            "its dims [-1] do not fit its 0 elements of f32");
  EXPECT_EQ(error(proto(TensorProto::FLOAT, {INT64_MAX, INT64_MAX})),
            "its dims [9223372036854775807, 9223372036854775807] do not fit "
            "its 0 elements of f32");
  TensorProto odd = proto(TensorProto::FLOAT, {1});
  odd.set_raw_data("12345");
  EXPECT_EQ(error(odd), "its dims [1] do not fit its 1 elements of f32");
  EXPECT_EQ(error(proto(TensorProto::STRING, {0})),
            "its ONNX type number 8 is not supported");
  TensorProto external = proto(TensorProto::FLOAT, {1});
  external.set_data_location(TensorProto::EXTERNAL);
  EXPECT_EQ(error(external),
            "its data lie in another file, which test data may not");
  writeBytes(path(), "\xff\xff\xff garbage");
  EXPECT_EQ(errorOf([&] { readTensorFile(path()); }),
            "it is not an ONNX tensor");
}

TEST(HostTensor, ConvertsToDouble) {
  auto half = [](uint16_t bits) {
    return toDouble(MOE_RT_F16, reinterpret_cast<std::byte *>(&bits));
  };
  EXPECT_EQ(half(0x3c00), 1);
  EXPECT_EQ(half(0xc500), -5);
  EXPECT_EQ(half(0x0001), std::ldexp(1, -24));
  EXPECT_EQ(half(0x7bff), 65504);
  EXPECT_EQ(half(0xfc00), -INFINITY);
  EXPECT_TRUE(std::isnan(half(0x7e00)));
  uint16_t bits = 0xc2c8;
  EXPECT_EQ(toDouble(MOE_RT_BF16, reinterpret_cast<std::byte *>(&bits)), -100);
}

TEST(HostTensor, RefusesImpossibleShapes) {
  EXPECT_THROW(HostTensor("x", MOE_RT_F32, {-1}), Error);
  EXPECT_THROW(HostTensor("x", MOE_RT_F64, {int64_t(1) << 59}), Error);
}
