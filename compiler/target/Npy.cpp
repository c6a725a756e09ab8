#include "target/Npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <charconv>
#include <cstring>

using namespace moec::target;

static_assert(std::endian::native == std::endian::little,
              "arrays are read without swapping bytes");

namespace {
/// The header is the text of a Python dictionary with three known keys.
class NpyHeader {
public:
  NpyHeader(std::string_view text, const std::string &file)
      : text(text), file(file) {}

  [[noreturn]] void fail(const std::string &message) const {
    throw FileError{file, 0, 0, "", "npy header: " + message};
  }

  /// Text behind `'key':`, without leading space.
  std::string_view valueOf(std::string_view key) const {
    size_t at = text.find(fmt::format("'{}':", key));
    if (at == std::string_view::npos)
      fail(fmt::format("'{}' is missing", key));
    std::string_view value = text.substr(at + key.size() + 3);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
  }

  std::vector<int64_t> shape() const {
    std::string_view value = valueOf("shape");
    size_t end = value.find(')');
    if (!value.starts_with('(') || end == std::string_view::npos)
      fail("the shape is no tuple");
    value = value.substr(1, end - 1);
    std::vector<int64_t> result;
    while (true) {
      size_t begin = value.find_first_not_of(" ,");
      if (begin == std::string_view::npos)
        return result;
      value.remove_prefix(begin);
      int64_t extent = 0;
      auto [rest, code] =
          std::from_chars(value.data(), value.data() + value.size(), extent);
      if (code != std::errc() || extent <= 0 || result.size() == 8)
        fail("expected 1 to 8 extents, each of them above 0");
      result.push_back(extent);
      value.remove_prefix(static_cast<size_t>(rest - value.data()));
    }
  }

private:
  std::string_view text;
  const std::string &file;
};
} // namespace

/// Splits `bytes` into header text and data.
static std::pair<std::string_view, std::string_view>
splitHeader(std::string_view bytes, const std::string &file) {
  constexpr std::string_view magic = "\x93NUMPY";
  if (!bytes.starts_with(magic) || bytes.size() < 10)
    throw FileError{file, 0, 0, "", "not a .npy file: the magic is missing"};
  int version = static_cast<unsigned char>(bytes[6]);
  size_t lengthBytes = version == 1 ? 2 : 4;
  if (version < 1 || version > 3)
    throw FileError{file, 0, 0, "",
                    fmt::format("npy version {}; 1 to 3 are read", version)};
  uint32_t length = 0;
  if (bytes.size() >= 8 + lengthBytes)
    std::memcpy(&length, bytes.data() + 8, lengthBytes);
  bytes.remove_prefix(std::min(8 + lengthBytes, bytes.size()));
  if (length == 0 || length > bytes.size())
    throw FileError{file, 0, 0, "",
                    fmt::format("npy header of {} bytes; {} bytes are left in "
                                "the file",
                                length, bytes.size())};
  return {bytes.substr(0, length), bytes.substr(length)};
}

NpyArray::NpyArray(std::string_view bytes, const std::string &file) {
  auto [text, rest] = splitHeader(bytes, file);
  NpyHeader header(text, file);
  data = rest;
  std::string_view type = header.valueOf("descr").substr(0, 5);
  if (type.size() < 5 || type[0] != '\'' || type[4] != '\'' ||
      (type[2] != 'u' && type[2] != 'i'))
    header.fail(fmt::format("element type {}; expert ids are integers (scores "
                            "and probabilities are not read)",
                            type));
  if (type[1] == '>')
    header.fail("big-endian elements; save the array little-endian");
  isSigned = type[2] == 'i';
  width = type[3] - '0';
  if (width != 1 && width != 2 && width != 4 && width != 8)
    header.fail(
        fmt::format("element type {}; expected 1, 2, 4 or 8 bytes", type));
  if (!header.valueOf("fortran_order").starts_with("False"))
    header.fail("Fortran order; save the array with numpy.ascontiguousarray");
  extents = header.shape();
  if (extents.empty())
    header.fail("expected 1 to 8 extents, each of them above 0");
  count = 1;
  int64_t room = static_cast<int64_t>(data.size()) / width;
  for (int64_t extent : extents) {
    if (extent > room / count)
      header.fail(fmt::format("shape ({}) of {}-byte elements; the file has "
                              "only {} bytes of data",
                              fmt::join(extents, ", "), width, data.size()));
    count *= extent;
  }
  if (count * width != static_cast<int64_t>(data.size()))
    header.fail(fmt::format("shape ({}) takes {} bytes; the file has {}",
                            fmt::join(extents, ", "), count * width,
                            data.size()));
}

int64_t NpyArray::at(int64_t index, bool unsignedHole) const {
  uint64_t raw = 0;
  std::memcpy(&raw, data.data() + index * width, static_cast<size_t>(width));
  int unused = static_cast<int>(64 - 8 * width);
  if (isSigned)
    return static_cast<int64_t>(raw << unused) >> unused;
  if (unsignedHole && raw == ~uint64_t{0} >> unused)
    return -1;
  // Ids beyond the signed range are refused as too large by the caller.
  return static_cast<int64_t>(std::min(raw, uint64_t{1} << 62));
}
