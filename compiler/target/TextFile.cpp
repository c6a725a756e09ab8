#include "target/TextFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

using namespace moec::target;
namespace fs = std::filesystem;

std::string FileError::str() const {
  std::string where = file;
  if (line > 0)
    where += fmt::format(":{}:{}", line, std::max(column, 1));
  if (!where.empty())
    where += ": ";
  if (!key.empty())
    where += key + ": ";
  return where + message;
}

Result<std::string> moec::target::readFile(const std::string &path,
                                           size_t limit) {
  std::error_code code;
  fs::file_status status = fs::status(path, code);
  if (!fs::exists(status))
    return FileError{path, 0, 0, "", "no such file"};
  if (!fs::is_regular_file(status))
    return FileError{path, 0, 0, "", "not a regular file"};
  uintmax_t size = fs::file_size(path, code);
  if (code)
    return FileError{path, 0, 0, "", "cannot read: " + code.message()};
  if (size > limit)
    return FileError{
        path, 0, 0, "",
        fmt::format("the file has {} bytes; at most {} are read", size, limit)};
  std::ifstream in(path, std::ios::binary);
  std::string text(size, '\0');
  if (!in || !in.read(text.data(), static_cast<std::streamsize>(size)))
    return FileError{path, 0, 0, "",
                     fmt::format("cannot read: {}", std::strerror(errno))};
  return text;
}

Status moec::target::writeFile(const std::string &path, std::string_view text) {
  std::string draft = path + ".tmp";
  std::ofstream out(draft, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code code;
  if (!out) {
    FileError error{path, 0, 0, "",
                    fmt::format("cannot write: {}", std::strerror(errno))};
    fs::remove(draft, code);
    return error;
  }
  fs::rename(draft, path, code);
  if (!code)
    return success();
  FileError error{path, 0, 0, "", "cannot write: " + code.message()};
  fs::remove(draft, code);
  return error;
}

Position moec::target::positionOf(std::string_view text, size_t offset) {
  text = text.substr(0, std::min(offset, text.size()));
  size_t newline = text.rfind('\n');
  size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  return {static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1,
          static_cast<int>(text.size() - start) + 1};
}

size_t moec::target::findInvalidUtf8(std::string_view text) {
  auto byte = [&](size_t at) {
    return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U;
  };
  for (size_t at = 0; at < text.size();) {
    unsigned lead = byte(at);
    size_t length = lead < 0x80                    ? 1
                    : lead >= 0xC2 && lead <= 0xDF ? 2
                    : lead >= 0xE0 && lead <= 0xEF ? 3
                    : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                   : 0;
    // The second byte has a smaller range behind four of the lead bytes.
    unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (length == 0 ||
        (length > 1 && (byte(at + 1) < low || byte(at + 1) > high)))
      return at;
    for (size_t i = 2; i < length; ++i)
      if (byte(at + i) < 0x80 || byte(at + i) > 0xBF)
        return at;
    at += length;
  }
  return std::string_view::npos;
}
