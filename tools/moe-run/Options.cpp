//===- Options.cpp - The command line of moe-run --------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "support/Error.h"

#include <charconv>
#include <map>

namespace moec::run {

const char usageText[] =
    R"(Usage: moe-run MODEL.moe --input NAME=FILE.npy... [--output-dir DIR]
       moe-run MODEL.moe --test-data DIR [--rtol X]

Runs a compiled model, all ranks as threads of this process.

  --input NAME=FILE.npy...  inputs; may be given several times. bf16 is read
                            from arrays of uint16
  --output-dir DIR          write each output as DIR/NAME.npy (bf16 as uint16)
  --test-data DIR           run every DIR/test_data_set_*, or DIR itself: inputs
                            from input_*.pb, outputs compared with output_*.pb
  --rtol X                  largest max|a-b|/max|b| of an output (default 1e-4);
                            integers and booleans must be equal
  --repeat N                time N runs, after the first one
  --warmup W                ... and W more that are not counted (default 3)
  --profile                 print where the time goes: by layer and phase, with
                            rates and shares of what this machine can do. Of the
                            --repeat runs (default 10) the median one
  --trace FILE              write the steps of that run as a Chrome trace
  --json                    print times or profile as JSON, all else to stderr
  --threads N               threads a rank (default: processors / ranks)
  --timeout S               seconds a rank waits for another one (default 30)
  --no-verify               do not compare the files with their checksums
  --help                    print this

Exit code: 0 success, 1 failure or mismatch, 2 wrong usage.
)";

namespace {

template <typename... Parts> [[noreturn]] void misuse(const Parts &...parts) {
  throw UsageError(rt::concat(parts...));
}

template <typename T>
T number(const std::string &option, const std::string &text, T least) {
  T value = {};
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(value >= least))
    misuse(option, " needs a number of at least ", least, ", not '", text, "'");
  return value;
}

std::pair<std::string, std::string> binding(const std::string &text) {
  // The last '=': names may have one, our files should not.
  size_t equals = text.rfind('=');
  if (equals == text.npos || equals == 0 || equals + 1 == text.size())
    misuse("--input needs NAME=FILE.npy, not '", text, "'");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// The arguments left to read; "--option=value" counts as two.
class Arguments {
public:
  explicit Arguments(const std::vector<std::string> &arguments) {
    for (const std::string &argument : arguments) {
      size_t equals =
          argument.starts_with("--") ? argument.find('=') : argument.npos;
      all.push_back(argument.substr(0, equals));
      if (equals != argument.npos)
        all.push_back(argument.substr(equals + 1));
    }
  }
  bool atEnd() const { return position == all.size(); }
  bool atBinding() const {
    return !atEnd() && !all[position].starts_with("--") &&
           all[position].find('=') != std::string::npos;
  }
  const std::string &next() { return all[position++]; }
  const std::string &valueOf(const std::string &option) {
    if (atEnd())
      misuse(option, " needs a value");
    return next();
  }

private:
  std::vector<std::string> all;
  size_t position = 0;
};

void readInputs(Arguments &rest, Options &options) {
  options.inputs.push_back(binding(rest.valueOf("--input")));
  while (rest.atBinding())
    options.inputs.push_back(binding(rest.next()));
}

bool readFlag(const std::string &option, Options &options) {
  if (option == "--json")
    options.json = true;
  else if (option == "--profile")
    options.profile = true;
  else if (option == "--no-verify")
    options.verify = false;
  else if (option == "--help")
    options.help = true;
  else
    return false;
  return true;
}

void readOption(const std::string &option, Arguments &rest, Options &options) {
  if (readFlag(option, options))
    return;
  if (option == "--input")
    return readInputs(rest, options);
  auto text = [&]() -> const std::string & { return rest.valueOf(option); };
  if (option == "--output-dir")
    options.outputDir = text();
  else if (option == "--test-data")
    options.testData = text();
  else if (option == "--trace")
    options.trace = text();
  else if (option == "--rtol")
    options.tolerance = number<double>(option, text(), 0);
  else if (option == "--repeat")
    options.repeat = number<int64_t>(option, text(), 1);
  else if (option == "--warmup")
    options.warmup = number<int64_t>(option, text(), 0);
  else if (option == "--threads")
    options.threads = number<int64_t>(option, text(), 1);
  else if (option == "--timeout")
    options.timeout = number<double>(option, text(), 0.001);
  else
    misuse("unknown option ", option, "; see moe-run --help");
}

void checkCombination(const Options &options) {
  if (options.artifact.empty())
    misuse("which model? moe-run MODEL.moe ...; see moe-run --help");
  if (options.json && options.repeat == 0 && !options.profile)
    misuse("--json prints times or a profile: add --repeat or --profile");
  if (!options.testData.empty() && !options.inputs.empty())
    misuse("--test-data brings its own inputs, leave --input out");
  if (!options.testData.empty() && !options.outputDir.empty())
    misuse("--output-dir goes with --input, not with --test-data");
  if (!options.testData.empty() && !options.trace.empty())
    misuse("--trace shows one run: it goes with --input, not with --test-data");
}

} // namespace

Options parseOptions(const std::vector<std::string> &arguments) {
  Options options;
  Arguments rest(arguments);
  while (!rest.atEnd()) {
    std::string argument = rest.next();
    if (argument.starts_with("--"))
      readOption(argument, rest, options);
    else if (options.artifact.empty())
      options.artifact = argument;
    else
      misuse("there are two models, '", options.artifact, "' and '", argument,
             "'");
  }
  if (!options.help)
    checkCombination(options);
  return options;
}

} // namespace moec::run
