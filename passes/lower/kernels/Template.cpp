#include "passes/lower/kernels/Template.h"

#include <charconv>
#include <sstream>

using namespace moec::kernels;

namespace {

std::vector<std::string> words(const std::string &text, char separator = ' ') {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, separator);)
    if (!word.empty())
      result.push_back(word);
  return result;
}

/// The items of a loop: "3" is 0 1 2, anything else is a list.
std::vector<std::string> loopItems(std::vector<std::string> list) {
  if (list.size() == 1)
    list = words(list.front(), ',');
  if (list.size() != 1)
    return list;
  const std::string &text = list.front();
  const char *textEnd = text.data() + text.size();
  int count = 0;
  auto [end, status] = std::from_chars(text.data(), textEnd, count);
  if (status != std::errc() || end != textEnd)
    return list;
  std::vector<std::string> numbers;
  for (int i = 0; i < count; ++i)
    numbers.push_back(std::to_string(i));
  return numbers;
}

/// Interprets the lines of one template.
class Interpreter {
public:
  Interpreter(std::string_view text, Instance &instance) : instance(instance) {
    std::istringstream stream{std::string(text)};
    for (std::string line; std::getline(stream, line);)
      lines.push_back(line);
  }

  void run(Parameters parameters) { block(0, lines.size(), parameters); }

private:
  /// The directive of a line, its words; empty for a line of MLIR.
  static std::vector<std::string> directive(const std::string &line) {
    size_t start = line.find_first_not_of(' ');
    if (start == std::string::npos || line.compare(start, 4, "//@ ") != 0)
      return {};
    return words(line.substr(start + 4));
  }

  /// The line that closes the block opened at `begin`, or the `else` of it.
  size_t blockEnd(size_t begin, bool stopAtElse) {
    int depth = 0;
    for (size_t i = begin + 1; i < lines.size(); ++i) {
      std::vector<std::string> found = directive(lines[i]);
      if (found.empty())
        continue;
      if (found[0] == "for" || found[0] == "if")
        ++depth;
      else if (found[0] == "end" && depth-- == 0)
        return i;
      else if (found[0] == "else" && depth == 0 && stopAtElse)
        return i;
    }
    fail("block without end: " + lines[begin]);
    return lines.size();
  }

  void block(size_t begin, size_t end, Parameters &parameters) {
    for (size_t i = begin; i < end && instance.error.empty(); ++i) {
      if (directive(lines[i]).empty()) {
        instance.text += substitute(lines[i], parameters) + "\n";
        continue;
      }
      std::vector<std::string> found =
          directive(substitute(lines[i], parameters));
      if (found[0] == "for")
        i = forLoop(i, found, parameters);
      else if (found[0] == "if")
        i = condition(i, found, parameters);
      else if (found[0] == "use")
        use(found);
      else
        fail("unknown directive: " + lines[i]);
    }
  }

  size_t forLoop(size_t line, const std::vector<std::string> &found,
                 Parameters parameters) {
    size_t end = blockEnd(line, /*stopAtElse=*/false);
    if (found.size() < 3 || found[2] != "in") {
      fail("expected 'for NAME in LIST': " + lines[line]);
      return end;
    }
    std::vector<std::string> names = words(found[1], ':');
    for (const std::string &item :
         loopItems({found.begin() + 3, found.end()})) {
      std::vector<std::string> values = words(item, ':');
      if (values.size() != names.size()) {
        fail("'" + item + "' does not fit the names of: " + lines[line]);
        return end;
      }
      for (size_t n = 0; n < names.size(); ++n)
        parameters[names[n]] = values[n];
      block(line + 1, end, parameters);
    }
    return end;
  }

  size_t condition(size_t line, const std::vector<std::string> &found,
                   Parameters &parameters) {
    size_t middle = blockEnd(line, /*stopAtElse=*/true);
    size_t end = blockEnd(line, /*stopAtElse=*/false);
    if (found.size() != 4 || found[2] != "==")
      fail("expected 'if A == B': " + lines[line]);
    else if (found[1] == found[3])
      block(line + 1, middle, parameters);
    else if (middle != end)
      block(middle + 1, end, parameters);
    return end;
  }

  void use(const std::vector<std::string> &found) {
    Use use{found.size() > 1 ? found[1] : "", {}};
    for (size_t i = 2; i < found.size(); ++i) {
      size_t equals = found[i].find('=');
      if (equals == std::string::npos)
        fail("expected NAME=VALUE, not '" + found[i] + "'");
      else
        use.parameters[found[i].substr(0, equals)] =
            found[i].substr(equals + 1);
    }
    instance.uses.push_back(std::move(use));
  }

  std::string substitute(const std::string &line,
                         const Parameters &parameters) {
    std::string result;
    for (size_t i = 0; i < line.size();) {
      if (line.compare(i, 2, "${") == 0) {
        size_t end = line.find('}', i);
        auto found = end == std::string::npos
                         ? parameters.end()
                         : parameters.find(line.substr(i + 2, end - i - 2));
        if (found == parameters.end()) {
          fail("no value for the parameter in: " + line);
          return result;
        }
        result += found->second;
        i = end + 1;
      } else if (line.compare(i, 2, "[[") == 0) {
        size_t end = line.find("]]", i);
        if (end == std::string::npos) {
          fail("'[[' without ']]': " + line);
          return result;
        }
        result += expandList(line.substr(i + 2, end - i - 2), parameters);
        i = end + 2;
      } else {
        result += line[i++];
      }
    }
    return result;
  }

  /// "r<R p<NP: text".
  std::string expandList(const std::string &list,
                         const Parameters &parameters) {
    size_t colon = list.find(": ");
    if (colon == std::string::npos) {
      fail("expected '[[r<R: text]]', not '" + list + "'");
      return "";
    }
    std::vector<std::string> elements;
    expandLoops(words(list.substr(0, colon)), 0, list.substr(colon + 2),
                parameters, elements);
    std::string result;
    for (const std::string &element : elements)
      result += (result.empty() ? "" : ", ") + element;
    return result;
  }

  void expandLoops(const std::vector<std::string> &loops, size_t depth,
                   const std::string &text, Parameters parameters,
                   std::vector<std::string> &elements) {
    if (depth == loops.size()) {
      elements.push_back(substitute(text, parameters));
      return;
    }
    size_t less = loops[depth].find('<');
    auto bound = less == std::string::npos
                     ? parameters.end()
                     : parameters.find(loops[depth].substr(less + 1));
    if (bound == parameters.end()) {
      fail("'" + loops[depth] + "' is not NAME<PARAMETER");
      return;
    }
    for (const std::string &item : loopItems({bound->second})) {
      parameters[loops[depth].substr(0, less)] = item;
      expandLoops(loops, depth + 1, text, parameters, elements);
    }
  }

  void fail(const std::string &message) {
    if (instance.error.empty())
      instance.error = message;
  }

  std::vector<std::string> lines;
  Instance &instance;
};

} // namespace

Instance moec::kernels::instantiate(std::string_view text,
                                    const Parameters &parameters) {
  Instance instance;
  Interpreter(text, instance).run(parameters);
  return instance;
}
