//===- Json.h - Strict access to JSON -------------------------------------===//
//
// Part of moec. Values of a JSON file that know where they stand. Positions
// are not stored: an error looks its value up in the text again, so that a
// large file costs nothing until it is wrong. Throws FileError (see `guarded`).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_JSON_H
#define MOEC_TARGET_JSON_H

#include "target/FileError.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moec::target {

class JsonDocument;

/// A value inside a `JsonDocument`, which must outlive it.
class JsonValue {
public:
  JsonValue(const nlohmann::json &value, const JsonDocument &document)
      : value(&value), document(&document) {}

  const nlohmann::json &raw() const { return *value; }
  bool isObject() const { return value->is_object(); }
  bool isArray() const { return value->is_array(); }

  /// Checks that this is an object whose keys are all known.
  void expectKeys(std::initializer_list<std::string_view> known) const;
  /// The member of an object; nothing when this is no object or lacks it.
  std::optional<JsonValue> find(std::string_view name) const;
  JsonValue need(std::string_view name) const;
  /// The items of an array; errors name `what` it should list.
  std::vector<JsonValue> items(std::string_view what) const;

  std::string string() const;
  /// An integer in `least`..`most`; a float with an integral value counts, as
  /// some tools write counts that way.
  int64_t integer(int64_t least, int64_t most) const;
  /// A finite number that is not negative.
  double number() const;
  /// An array of integers in `least`..`most`.
  std::vector<int64_t> integers(std::string_view what, int64_t least,
                                int64_t most) const;

  /// The error "`message` here".
  [[noreturn]] void fail(const std::string &message) const;

private:
  const nlohmann::json *value;
  const JsonDocument *document;
};

/// A parsed file together with its text. Throws FileError when the text is no
/// JSON. Neither copied nor moved, as values point into it.
class JsonDocument {
public:
  JsonDocument(std::string text, std::string file, int firstLine = 1);
  JsonDocument(const JsonDocument &) = delete;

  JsonValue root() const { return JsonValue(tree, *this); }
  /// File, line, column and key of `value`, which is part of this document.
  FileError errorAt(const nlohmann::json &value,
                    const std::string &message) const;

private:
  std::string text;
  std::string file;
  int firstLine; ///< line of the text inside a larger file (JSONL)
  nlohmann::json tree;
};

} // namespace moec::target

#endif // MOEC_TARGET_JSON_H
