#include "Arguments.h"

#include "target/Suggest.h"

#include <fmt/format.h>

#include <charconv>

using namespace moec::tools;

static const OptionSpec &findOption(std::span<const OptionSpec> options,
                                    const std::string &word) {
  std::vector<std::string_view> names;
  for (const OptionSpec &option : options) {
    if (option.name == word)
      return option;
    names.push_back(option.name);
  }
  std::string message = moec::target::unknownKeyMessage(word, names);
  throw UsageError{message.replace(message.find("key"), 3, "option")};
}

Arguments::Arguments(std::span<const std::string> input,
                     std::span<const OptionSpec> options, size_t positional) {
  auto isOption = [](const std::string &word) {
    return word.size() > 1 && word[0] == '-';
  };
  for (size_t i = 0; i < input.size(); ++i) {
    if (!isOption(input[i])) {
      words.push_back(input[i]);
      continue;
    }
    const OptionSpec &option = findOption(options, input[i]);
    std::vector<std::string> &list = values[input[i]];
    if (option.takes == Takes::Nothing)
      continue;
    if (i + 1 == input.size())
      throw UsageError{fmt::format("option {} needs a value", input[i])};
    list.push_back(input[++i]);
    while (option.takes == Takes::Many && i + 1 < input.size() &&
           !isOption(input[i + 1]))
      list.push_back(input[++i]);
  }
  if (words.size() != positional)
    throw UsageError{fmt::format("{} file{} given; this command takes {}",
                                 words.size(), words.size() == 1 ? "" : "s",
                                 positional)};
}

bool Arguments::has(std::string_view option) const {
  return values.find(option) != values.end();
}

const std::vector<std::string> &Arguments::all(std::string_view option) const {
  static const std::vector<std::string> none;
  auto it = values.find(option);
  return it == values.end() ? none : it->second;
}

std::optional<std::string> Arguments::one(std::string_view option) const {
  const std::vector<std::string> &list = all(option);
  if (list.size() > 1)
    throw UsageError{fmt::format("option {} is given {} times; it takes one "
                                 "value",
                                 option, list.size())};
  return list.empty() ? std::nullopt : std::optional(list.front());
}

std::string Arguments::need(std::string_view option) const {
  if (std::optional<std::string> value = one(option))
    return *value;
  throw UsageError{fmt::format("option {} is missing", option)};
}

int64_t moec::tools::parseInteger(std::string_view option,
                                  const std::string &word, int64_t least,
                                  int64_t most) {
  int64_t value = 0;
  const char *end = word.data() + word.size();
  auto [rest, code] = std::from_chars(word.data(), end, value);
  if (code != std::errc() || rest != end || value < least || value > most)
    throw UsageError{fmt::format("option {}: '{}' is no integer from {} to {}",
                                 option, word, least, most)};
  return value;
}

int64_t Arguments::integer(std::string_view option, int64_t absent,
                           int64_t least, int64_t most) const {
  std::optional<std::string> text = one(option);
  return text ? parseInteger(option, *text, least, most) : absent;
}
