//===- Arguments.h - Command line of moe-plan -----------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPLAN_ARGUMENTS_H
#define MOEC_TOOLS_MOEPLAN_ARGUMENTS_H

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moec::tools {

/// The command line is wrong; exit status 2.
struct UsageError {
  std::string message;
};

enum class Takes {
  Nothing, ///< a switch
  One,     ///< one value; given again, the values add up
  Many,    ///< every argument up to the next option
};

struct OptionSpec {
  std::string_view name; ///< with its dashes
  Takes takes = Takes::One;
};

/// The whole word as an integer in `least`..`most`; throws UsageError.
int64_t parseInteger(std::string_view option, const std::string &word,
                     int64_t least, int64_t most);

/// Options and positional arguments of one command.
class Arguments {
public:
  /// Throws UsageError for an unknown option (with the nearest known one), a
  /// missing value, or a number of positional arguments other than
  /// `positional`.
  Arguments(std::span<const std::string> words,
            std::span<const OptionSpec> options, size_t positional);

  const std::string &operator[](size_t index) const { return words[index]; }
  bool has(std::string_view option) const;
  const std::vector<std::string> &all(std::string_view option) const;
  /// The only value of an option; throws when it was given more often.
  std::optional<std::string> one(std::string_view option) const;
  std::string need(std::string_view option) const;
  /// An integer in `least`..`most`, or `absent`.
  int64_t integer(std::string_view option, int64_t absent, int64_t least,
                  int64_t most) const;

private:
  std::vector<std::string> words;
  std::map<std::string, std::vector<std::string>, std::less<>> values;
};

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPLAN_ARGUMENTS_H
