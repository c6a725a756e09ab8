#include "target/Json.h"

#include "target/JsonLocate.h"
#include "target/Suggest.h"
#include "target/TextFile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

using namespace moec::target;

/// Nothing we read is nested deeper; deep nesting costs memory far beyond the
/// size of the text.
static constexpr int maxDepth = 64;

/// Offset of the bracket that opens level `maxDepth + 1`, or npos.
static size_t findTooDeep(std::string_view text) {
  int depth = 0;
  bool inString = false;
  for (size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (inString && c == '\\')
      ++at;
    else if (c == '"')
      inString = !inString;
    else if (!inString && (c == '[' || c == '{') && ++depth > maxDepth)
      return at;
    else if (!inString && (c == ']' || c == '}'))
      --depth;
  }
  return std::string_view::npos;
}

JsonDocument::JsonDocument(std::string source, std::string name, int firstLine)
    : text(std::move(source)), file(std::move(name)), firstLine(firstLine) {
  // A tree takes about eight times the room of its text.
  if (text.size() > (size_t{256} << 20))
    throw FileError{
        file, 0, 0, "",
        fmt::format("{} bytes of JSON; at most 256 MiB are read", text.size())};
  if (size_t deep = findTooDeep(text); deep != std::string::npos) {
    Position where = positionOf(text, deep);
    throw FileError{file, where.line + firstLine - 1, where.column, "",
                    fmt::format("nested more than {} deep", maxDepth)};
  }
  try {
    tree = nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error &error) {
    // `byte` counts from 1 and points at the last byte read.
    Position where = positionOf(text, error.byte ? error.byte - 1 : 0);
    throw FileError{file, where.line + firstLine - 1, where.column, "",
                    "not valid JSON"};
  } catch (const nlohmann::json::exception &) {
    throw FileError{file, firstLine, 1, "",
                    "not valid JSON: a number is too large"};
  }
}

FileError JsonDocument::errorAt(const nlohmann::json &value,
                                const std::string &message) const {
  JsonPath path = pathTo(tree, value);
  Position where = positionOf(text, locate(text, path));
  return {file, where.line + firstLine - 1, where.column, printPath(path),
          message};
}

void JsonValue::fail(const std::string &message) const {
  throw document->errorAt(*value, message);
}

void JsonValue::expectKeys(
    std::initializer_list<std::string_view> known) const {
  if (!isObject())
    fail("expected an object");
  for (auto it = value->begin(); it != value->end(); ++it)
    if (std::find(known.begin(), known.end(), it.key()) == known.end())
      JsonValue(*it, *document)
          .fail(unknownKeyMessage(it.key(),
                                  std::span(known.begin(), known.end())));
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  if (!isObject())
    return std::nullopt;
  auto it = value->find(std::string(name));
  if (it == value->end())
    return std::nullopt;
  return JsonValue(*it, *document);
}

JsonValue JsonValue::need(std::string_view name) const {
  if (!isObject())
    fail(fmt::format("expected an object with '{}'", name));
  if (std::optional<JsonValue> member = find(name))
    return *member;
  fail(fmt::format("the key '{}' is missing", name));
}

std::vector<JsonValue> JsonValue::items(std::string_view what) const {
  if (!isArray())
    fail(fmt::format("expected a list of {}", what));
  std::vector<JsonValue> result;
  result.reserve(value->size());
  for (const nlohmann::json &item : *value)
    result.emplace_back(item, *document);
  return result;
}

std::string JsonValue::string() const {
  if (!value->is_string())
    fail("expected a string");
  return value->get<std::string>();
}

int64_t JsonValue::integer(int64_t least, int64_t most) const {
  std::string expected =
      fmt::format("expected an integer from {} to {}", least, most);
  if (value->is_number_unsigned() &&
      value->get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    fail(expected);
  if (value->is_number_float()) {
    double number = value->get<double>();
    // Beyond 2^53 a float no longer names one integer.
    if (number != std::floor(number) || std::abs(number) > 0x1p53)
      fail(expected);
  } else if (!value->is_number_integer()) {
    fail(expected);
  }
  int64_t number = value->get<int64_t>();
  if (number < least || number > most)
    fail(fmt::format("{} does not fit: {}", number, expected));
  return number;
}

double JsonValue::number() const {
  if (!value->is_number() || !(value->get<double>() >= 0) ||
      !std::isfinite(value->get<double>()))
    fail("expected a finite number of at least 0");
  return value->get<double>();
}

std::vector<int64_t> JsonValue::integers(std::string_view what, int64_t least,
                                         int64_t most) const {
  std::vector<int64_t> result;
  for (const JsonValue &item : items(what))
    result.push_back(item.integer(least, most));
  return result;
}
