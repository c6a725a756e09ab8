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
