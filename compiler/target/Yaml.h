//===- Yaml.h - Strict access to YAML -------------------------------------===//
//
// Part of moec. Thin and strict: a mapping states its keys, any other key is
// an error, and every error carries file, line, column and the key's path.
// Throws FileError (see `guarded`).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_YAML_H
#define MOEC_TARGET_YAML_H

#include "target/FileError.h"
#include "target/Quantity.h"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace moec::target {

/// Which numbers a key takes; all of them finite.
enum class Range { Positive, NotNegative };

/// A node of a YAML file that knows where it stands.
class YamlNode {
public:
  /// The one document of `text`. `file` names it in messages.
  static YamlNode parse(const std::string &text, const std::string &file);

  /// Checks that this is a mapping whose keys are each known and given once.
  void expectKeys(std::initializer_list<std::string_view> known) const;
  /// The value of a key of a mapping; `need` makes its absence an error.
  std::optional<YamlNode> find(std::string_view name) const;
  YamlNode need(std::string_view name) const;
  /// The items of a sequence; errors name `what` it should list.
  std::vector<YamlNode> items(std::string_view what) const;
  /// The entries of a mapping with free keys, in the order of the file.
  std::vector<std::pair<std::string, YamlNode>> entries() const;

  std::string string() const;
  double quantity(Dimension dimension, Range range = Range::Positive) const;
  int64_t integer(int64_t least, int64_t most) const;

  /// The error "`message` here".
  [[noreturn]] void fail(const std::string &message) const;

private:
  YamlNode(YAML::Node node, std::string path, const std::string &file)
      : node(std::move(node)), path(std::move(path)), file(file) {}

  YAML::Node node;
  std::string path;
  std::string file;
};

} // namespace moec::target

#endif // MOEC_TARGET_YAML_H
