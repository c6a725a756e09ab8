#include "target/Yaml.h"

#include "target/Suggest.h"
#include "target/TextFile.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <cmath>
#include <sstream>

using namespace moec::target;

static FileError errorAt(const YAML::Mark &mark, const std::string &file,
                         const std::string &key, const std::string &message) {
  // yaml-cpp counts from 0 and marks "nowhere" by -1.
  return {file, std::max(mark.line + 1, 1), std::max(mark.column + 1, 1), key,
          message};
}

namespace {
/// Ignores all events: only where a document ends is of interest.
class IgnoreEvents : public YAML::EventHandler {
  using Mark = const YAML::Mark &;
  using Tag = const std::string &;
  using Anchor = YAML::anchor_t;
  using Style = YAML::EmitterStyle::value;

  void OnDocumentStart(Mark) override {}
  void OnDocumentEnd() override {}
  void OnNull(Mark, Anchor) override {}
  void OnAlias(Mark, Anchor) override {}
  void OnScalar(Mark, Tag, Anchor, const std::string &) override {}
  void OnSequenceStart(Mark, Tag, Anchor, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(Mark, Tag, Anchor, Style) override {}
  void OnMapEnd() override {}
};
} // namespace

/// Whether anything stands behind the first document. (YAML::LoadAll would
/// tell, but it never returns on a stray comma.)
static bool hasSecondDocument(const std::string &text) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  IgnoreEvents ignore;
  return parser.HandleNextDocument(ignore) && parser.HandleNextDocument(ignore);
}

YamlNode YamlNode::parse(const std::string &text, const std::string &file) {
  // Names go into JSON later, which is UTF-8 only.
  if (size_t bad = findInvalidUtf8(text); bad != std::string::npos) {
    Position where = positionOf(text, bad);
    throw FileError{file, where.line, where.column, "", "not valid UTF-8"};
  }
  try {
    if (hasSecondDocument(text))
      throw FileError{file, 1, 1, "",
                      "expected one YAML document; something stands behind "
                      "the first"};
    return YamlNode(YAML::Load(text), "", file);
  } catch (const YAML::Exception &error) {
    throw errorAt(error.mark, file, "", "not valid YAML: " + error.msg);
  }
}

void YamlNode::fail(const std::string &message) const {
  throw errorAt(node.Mark(), file, path, message);
}

static std::string joinPath(const std::string &path, std::string_view name) {
  std::string shown(name.substr(0, 40));
  return path.empty() ? shown : path + "." + shown;
}

void YamlNode::expectKeys(std::initializer_list<std::string_view> known) const {
  for (const auto &[name, value] : entries()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      // The key itself, not its value, is what is wrong.
      for (auto it = node.begin(); it != node.end(); ++it)
        if (it->first.IsScalar() && it->first.Scalar() == name)
          throw errorAt(
              it->first.Mark(), file, joinPath(path, name),
              unknownKeyMessage(name, std::span(known.begin(), known.end())));
    }
  }
}

std::vector<std::pair<std::string, YamlNode>> YamlNode::entries() const {
  if (!node.IsMap())
    fail("expected a mapping of keys to values");
  std::vector<std::pair<std::string, YamlNode>> result;
  std::vector<std::string> seen;
  for (auto it = node.begin(); it != node.end(); ++it) {
    if (!it->first.IsScalar())
      throw errorAt(it->first.Mark(), file, path, "a key must be a word");
    const std::string &name = it->first.Scalar();
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      throw errorAt(it->first.Mark(), file, joinPath(path, name),
                    "the key is given twice");
    seen.push_back(name);
    result.emplace_back(name, YamlNode(it->second, joinPath(path, name), file));
  }
  return result;
}

std::optional<YamlNode> YamlNode::find(std::string_view name) const {
  // A plain walk: operator[] of yaml-cpp would convert and compare every key.
  for (auto it = node.begin(); it != node.end(); ++it)
    if (it->first.IsScalar() && it->first.Scalar() == name)
      return YamlNode(it->second, joinPath(path, name), file);
  return std::nullopt;
}

YamlNode YamlNode::need(std::string_view name) const {
  if (std::optional<YamlNode> value = find(name))
    return *value;
  throw errorAt(node.Mark(), file, joinPath(path, name), "the key is missing");
}

std::vector<YamlNode> YamlNode::items(std::string_view what) const {
  if (!node.IsSequence())
    fail(fmt::format("expected a list of {}", what));
  std::vector<YamlNode> result;
  size_t index = 0;
  for (auto it = node.begin(); it != node.end(); ++it)
    result.push_back(YamlNode(*it, fmt::format("{}[{}]", path, index++), file));
  return result;
}

std::string YamlNode::string() const {
  if (!node.IsScalar() || node.Scalar().empty())
    fail("expected a word");
  return node.Scalar();
}

double YamlNode::quantity(Dimension dimension, Range range) const {
  std::string units = unitsOf(dimension);
  std::string expected =
      fmt::format("expected a finite number {}{}",
                  range == Range::Positive ? "above 0" : "of at least 0",
                  units.empty() ? "" : ", in SI units or with one of " + units);
  if (!node.IsScalar())
    fail(expected);
  std::optional<double> value = parseQuantity(node.Scalar(), dimension);
  bool good = value && (range == Range::Positive ? *value > 0 : *value >= 0);
  if (!good)
    fail(fmt::format("'{}' does not fit: {}", node.Scalar().substr(0, 40),
                     expected));
  return *value;
}

int64_t YamlNode::integer(int64_t least, int64_t most) const {
  std::string expected =
      fmt::format("expected an integer from {} to {}", least, most);
  if (!node.IsScalar())
    fail(expected);
  std::optional<double> value = parseQuantity(node.Scalar(), Dimension::Scalar);
  if (!value || *value != std::floor(*value) ||
      *value < static_cast<double>(least) || *value > static_cast<double>(most))
    fail(fmt::format("'{}' does not fit: {}", node.Scalar().substr(0, 40),
                     expected));
  return static_cast<int64_t>(*value);
}
