//===- FileError.h - What every reader returns ----------------------------===//
//
// Part of moec. A reader never crashes and never asserts on its input: it
// returns a value or the place in the file that is wrong, and why.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_FILEERROR_H
#define MOEC_TARGET_FILEERROR_H

#include <string>
#include <utility>
#include <variant>

namespace moec::target {

/// The first thing that is wrong in a file. `line` and `column` count from 1;
/// 0 means that the format has no lines (binary files) or that the file as a
/// whole is meant (it cannot be opened). `key` is the path of the value inside
/// the file, such as `nodes[0].devices[2].speed`; empty where there is none.
struct FileError {
  std::string file;
  int line = 0;
  int column = 0;
  std::string key;
  std::string message;

  /// `file:line:column: key: message`, leaving out what is not known.
  std::string str() const;
};

/// A value or the reason why there is none.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : storage(std::move(value)) {}
  Result(FileError error) : storage(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(storage); }
  T &operator*() { return std::get<T>(storage); }
  const T &operator*() const { return std::get<T>(storage); }
  T *operator->() { return &std::get<T>(storage); }
  const T *operator->() const { return &std::get<T>(storage); }
  const FileError &error() const { return std::get<FileError>(storage); }

private:
  std::variant<T, FileError> storage;
};

/// Success, or the reason for failure; what writers return.
using Status = Result<std::monostate>;
inline Status success() { return Status(std::monostate{}); }

/// Runs the body of a reader. Inside this library a reader stops at the first
/// error by throwing the `FileError`; this is the border where it becomes a
/// value, so that no exception leaves the library.
template <typename Body> auto guarded(Body &&body) -> Result<decltype(body())> {
  try {
    return body();
  } catch (FileError &error) {
    return std::move(error);
  }
}

} // namespace moec::target

#endif // MOEC_TARGET_FILEERROR_H
