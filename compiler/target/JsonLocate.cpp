#include "target/JsonLocate.h"

#include <algorithm>

using namespace moec::target;

/// Depth-first search by identity; paths are only needed for messages. Keeps
/// its own stack, as the depth of a hostile file is not bounded.
JsonPath moec::target::pathTo(const nlohmann::json &tree,
                              const nlohmann::json &target) {
  using Iterator = nlohmann::json::const_iterator;
  struct Frame {
    Iterator next, end;
    size_t index;
    bool isObject;
  };
  JsonPath path;
  std::vector<Frame> stack;
  const nlohmann::json *current = &tree;
  while (current != &target) {
    if (current->is_structured()) {
      stack.push_back(
          {current->begin(), current->end(), 0, current->is_object()});
      path.emplace_back();
    }
    while (!stack.empty() && stack.back().next == stack.back().end) {
      stack.pop_back();
      path.pop_back();
    }
    if (stack.empty())
      break;
    Frame &frame = stack.back();
    if (frame.isObject)
      path.back() = frame.next.key();
    else
      path.back() = frame.index++;
    current = &*frame.next++;
  }
  return path;
}

std::string moec::target::printPath(const JsonPath &path) {
  std::string shown;
  for (const auto &step : path) {
    if (const std::string *name = std::get_if<std::string>(&step))
      shown += (shown.empty() ? "" : ".") + name->substr(0, 40);
    else
      shown += "[" + std::to_string(std::get<size_t>(step)) + "]";
  }
  return shown;
}

namespace {
/// Walks over JSON text that is known to be valid.
class Scanner {
public:
  explicit Scanner(std::string_view text) : text(text) { skipSpace(); }

  size_t offset() const { return at; }

  /// From a `[` to its item `index`.
  void enterItem(size_t index) {
    step();
    for (; index > 0; --index) {
      skipValue();
      step(); // the comma
    }
  }

  /// From a `{` to the value of its last member `name`.
  void enterMember(const std::string &name) {
    size_t found = at;
    step();
    while (at < text.size() && text[at] != '}') {
      size_t begin = at;
      skipValue();
      bool match = nlohmann::json::parse(text.substr(begin, at - begin),
                                         nullptr, false) == name;
      skipSpace();
      step(); // the colon
      if (match)
        found = at;
      skipValue();
      if (at < text.size() && text[at] == ',')
        step();
    }
    at = found;
  }

private:
  void skipSpace() {
    at = std::min(text.find_first_not_of(" \t\r\n", at), text.size());
  }
  void step() {
    ++at;
    skipSpace();
  }
  void skipString() {
    for (++at; at < text.size() && text[at] != '"'; ++at)
      at += text[at] == '\\';
    ++at;
  }
  void skipValue() {
    size_t depth = 0;
    do {
      char c = at < text.size() ? text[at] : ']';
      if (c == '"') {
        skipString();
      } else if (c == '{' || c == '[') {
        ++depth, ++at;
      } else if (c == '}' || c == ']') {
        --depth, ++at;
      } else if (depth > 0) {
        ++at;
      } else {
        at = std::min(text.find_first_of(",:]} \t\r\n", at), text.size());
      }
    } while (depth > 0 && at < text.size());
    skipSpace();
  }

  std::string_view text;
  size_t at = 0;
};
} // namespace

size_t moec::target::locate(std::string_view text, const JsonPath &path) {
  Scanner scanner(text);
  for (const auto &step : path) {
    if (const std::string *name = std::get_if<std::string>(&step))
      scanner.enterMember(*name);
    else
      scanner.enterItem(std::get<size_t>(step));
  }
  return scanner.offset();
}
