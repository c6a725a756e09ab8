//===- Npy.cpp - NumPy's .npy files ---------------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Npy.h"

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

namespace moec::run {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr size_t headerAlignment = 64;

struct TypeRow {
  moe_rt_type type;
  std::string_view descr;
};
constexpr TypeRow typeRows[] = {
    {MOE_RT_F32, "<f4"}, {MOE_RT_F16, "<f2"}, {MOE_RT_F64, "<f8"},
    {MOE_RT_I64, "<i8"}, {MOE_RT_I32, "<i4"}, {MOE_RT_I16, "<i2"},
    {MOE_RT_I8, "|i1"},  {MOE_RT_U8, "|u1"},  {MOE_RT_U16, "<u2"},
    {MOE_RT_U32, "<u4"}, {MOE_RT_U64, "<u8"}, {MOE_RT_I1, "|b1"},
};

struct Header {
  std::string descr;
  bool fortranOrder = false;
  std::vector<int64_t> shape;
};

/// The header is a Python dictionary literal with three known keys:
/// {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
class HeaderReader {
public:
  explicit HeaderReader(std::string_view text) : rest(text) {}

  Header read() {
    Header header;
    int found = 0;
    expect("{");
    while (!accept("}")) {
      std::string key = string();
      expect(":");
      if (key == "descr")
        header.descr = string();
      else if (key == "fortran_order")
        header.fortranOrder = boolean();
      else if (key == "shape")
        header.shape = tuple();
      else
        fail("its header has the unknown key '", key, "'");
      ++found;
      if (!accept(",")) {
        expect("}");
        break;
      }
    }
    if (found != 3)
      fail("its header has ", found, " keys, not 3");
    return header;
  }

private:
  bool accept(std::string_view token) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \n"), rest.size()));
    if (!rest.starts_with(token))
      return false;
    rest.remove_prefix(token.size());
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token))
      fail("its header is malformed: expected ", token, " at '",
           rest.substr(0, 20), "'");
  }
  std::string string() {
    const char *quote = accept("'") ? "'" : "\"";
    if (*quote == '"')
      expect(quote);
    size_t end = rest.find(quote);
    if (end == rest.npos)
      fail("its header is malformed: a string does not end");
    std::string text(rest.substr(0, end));
    rest.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    if (accept("True"))
      return true;
    expect("False");
    return false;
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> sizes;
    expect("(");
    while (!accept(")")) {
      int64_t size = -1;
      auto [end, error] =
          std::from_chars(rest.data(), rest.data() + rest.size(), size);
      if (error != std::errc() || size < 0)
        fail("its header is malformed: no size at '", rest.substr(0, 20), "'");
      rest.remove_prefix(end - rest.data());
      sizes.push_back(size);
      if (!accept(",")) {
        expect(")");
        break;
      }
    }
    return sizes;
  }

  std::string_view rest;
};

moe_rt_type typeOf(const std::string &descr, moe_rt_type expected) {
  bool bits = descr == "<u2" || descr == "|V2" || descr == "<V2";
  if (expected == MOE_RT_BF16 && bits)
    return MOE_RT_BF16;
  for (const TypeRow &row : typeRows)
    if (row.descr == descr)
      return row.type;
  fail("its type '", descr, "' is not supported",
       descr.starts_with('>') ? "; save it in little-endian order" : "");
}

/// Splits `bytes` into header text and data.
std::string_view splitHeader(std::string_view bytes, std::string_view &data) {
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + 4)
    fail("it is not a .npy file");
  auto byte = [&](size_t i) { return uint64_t(uint8_t(bytes[i])); };
  uint64_t version = byte(6);
  if (version < 1 || version > 3)
    fail("its format version is ", version, ", not 1, 2 or 3");
  size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start)
    fail("it is truncated");
  uint64_t length = byte(8) | byte(9) << 8;
  if (version > 1)
    length |= byte(10) << 16 | byte(11) << 24;
  if (length > bytes.size() - start)
    fail("it is truncated: the header has ", length, " bytes, ",
         bytes.size() - start, " are left");
  data = bytes.substr(start + length);
  return bytes.substr(start, length);
}

HostTensor parse(std::string_view bytes, const std::string &name,
                 moe_rt_type expected) {
  std::string_view data;
  Header header = HeaderReader(splitHeader(bytes, data)).read();
  if (header.fortranOrder && header.shape.size() > 1)
    fail("it is in Fortran order; save numpy.ascontiguousarray(array)");
  moe_rt_type type = typeOf(header.descr, expected);
  // Before memory is taken for what the header claims.
  auto count = rt::elementCount(header.shape, rt::bytesOf(type));
  if (!count || *count * rt::bytesOf(type) != int64_t(data.size()))
    fail("its header says ", rt::nameOf(type), rt::shapeText(header.shape),
         " but it has ", data.size(), " bytes of data");
  HostTensor tensor(name, type, header.shape);
  if (!data.empty())
    std::memcpy(tensor.bytes().data(), data.data(), data.size());
  normaliseBooleans(tensor);
  return tensor;
}

std::string headerOf(const moe_rt_tensor &tensor) {
  moe_rt_type type = tensor.type == MOE_RT_BF16 ? MOE_RT_U16 : tensor.type;
  std::string_view descr;
  for (const TypeRow &row : typeRows)
    if (row.type == type)
      descr = row.descr;
  std::string shape;
  for (int64_t axis = 0; axis < tensor.rank; ++axis)
    shape +=
        rt::concat(tensor.shape[axis], axis + 1 < tensor.rank ? ", " : ",");
  std::string text =
      rt::concat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (",
                 shape, "), }");
  size_t start = magic.size() + 4;
  size_t end = (start + text.size() + 1 + headerAlignment - 1) /
               headerAlignment * headerAlignment;
  text.resize(end - start - 1, ' ');
  text += '\n';
  std::string header(magic);
  header += {1, 0, char(text.size() & 255), char(text.size() >> 8)};
  return header + text;
}

} // namespace

HostTensor readNpy(const std::string &path, const std::string &name,
                   moe_rt_type expected) {
  std::string bytes = readFile(path);
  try {
    return parse(bytes, name, expected);
  } catch (const Error &error) {
    fail(path, ": ", error.what());
  }
}

void writeNpy(const std::string &path, const moe_rt_tensor &tensor) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  std::string header = headerOf(tensor);
  int64_t width = rt::bytesOf(tensor.type);
  auto count =
      rt::elementCount({tensor.shape, static_cast<size_t>(tensor.rank)}, width);
  file.write(header.data(), static_cast<std::streamsize>(header.size()));
  if (*count > 0)
    file.write(static_cast<const char *>(tensor.data), *count * width);
  file.close();
  if (file)
    return;
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored))
    std::filesystem::remove(path, ignored);
  fail("cannot write ", path, "; is there space, and may you write there?");
}

} // namespace moec::run
