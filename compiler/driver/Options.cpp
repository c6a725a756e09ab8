#include "driver/Options.h"

#include "driver/Phases.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;
using namespace moec;
using namespace moec::driver;

namespace {

/// Walks over the arguments.
class Parser {
public:
  explicit Parser(ArrayRef<const char *> arguments) : rest(arguments) {}

  Expected<Options> run() {
    while (!rest.empty() && !options.help) {
      StringRef argument = take();
      if (Error error = option(argument))
        return error;
    }
    if (options.help)
      return options;
    if (Error error = check())
      return error;
    return options;
  }

private:
  StringRef take() {
    StringRef first = rest.front();
    rest = rest.drop_front();
    return first;
  }

  /// The value in `--name=value`, or the next argument.
  Expected<std::string> value(StringRef name, StringRef inlined,
                              bool hasInlined) {
    if (hasInlined)
      return inlined.str();
    if (rest.empty())
      return createStringError("'" + name + "' needs a value");
    return take().str();
  }

  Error option(StringRef argument) {
    if (argument.size() < 2 || argument[0] != '-')
      return setOnce(options.model, argument, "model");
    auto [name, inlined] = argument.split('=');
    bool hasInlined = argument.contains('=');
    if (name == "--help" || name == "-h") {
      options.help = true;
      return Error::success();
    }
    if (name == "--report")
      return report(inlined, hasInlined);
    static constexpr StringLiteral withValue[] = {
        "--hardware", "--routing", "--strategy", "--slots",
        "-o",         "--dim",     "--emit",     "--weights"};
    if (!is_contained(withValue, name))
      return createStringError("unknown option '" + argument + "'");
    Expected<std::string> text = value(name, inlined, hasInlined);
    if (!text)
      return text.takeError();
    if (name == "--hardware")
      return setOnce(options.hardware, *text, "--hardware");
    if (name == "-o")
      return setOnce(options.output, *text, "-o");
    if (name == "--weights")
      return weights(*text);
    if (name == "--dim")
      return dimension(*text);
    if (name == "--emit")
      return setOnce(options.emit, *text, "--emit");
    if (name == "--strategy")
      return strategy(*text);
    if (name == "--slots")
      return slots(*text);
    options.routing.push_back(*text);
    return Error::success();
  }

  Error setOnce(std::string &to, StringRef text, StringRef what) {
    if (!to.empty())
      return createStringError("two values for " + what + ": '" + to +
                               "' and '" + text + "'");
    if (text.empty())
      return createStringError("an empty value for " + what);
    to = text.str();
    return Error::success();
  }

  Error report(StringRef form, bool hasForm) {
    if (!hasForm || form == "text")
      options.report = ReportForm::Text;
    else if (form == "json")
      options.report = ReportForm::Json;
    else
      return createStringError("--report is text or json, not '" + form + "'");
    return Error::success();
  }

  Error weights(StringRef text) {
    if (text != "bf16" && text != "f16")
      return createStringError("--weights is bf16 or f16, not '" + text + "'");
    return setOnce(options.weights, text, "--weights");
  }

  Error dimension(StringRef text) {
    auto [name, number] = text.split('=');
    int64_t size;
    if (name.empty() || number.getAsInteger(10, size) || size < 0)
      return createStringError("--dim takes NAME=VALUE with a size of at least "
                               "0, not '" +
                               text + "'");
    if (!options.dims.emplace(name.str(), size).second)
      return createStringError("two values for --dim " + name);
    return Error::success();
  }

  Error strategy(StringRef text) {
    auto known = plan::strategyFromName({text.data(), text.size()});
    if (!known)
      return createStringError(
          "--strategy knows linear, round-robin, eplb, eplb-hierarchical, "
          "average, step, resampled, exact or best, not '" +
          text + "'");
    options.strategy = *known;
    return Error::success();
  }

  Error slots(StringRef text) {
    if (text.getAsInteger(10, options.slots) || options.slots < 1)
      return createStringError("--slots takes a number of at least 1, not '" +
                               text + "'");
    return Error::success();
  }

  Error check() {
    if (options.model.empty())
      return createStringError("no model given");
    if (!options.emit.empty() && !findLevel(options.emit))
      return createStringError("--emit knows " + levelNames() + ", not '" +
                               options.emit + "'");
    if (options.output.empty())
      return createStringError("no output given; add -o MODEL.moe");
    if (options.output == "-" && options.emit.empty())
      return createStringError("an artifact is a folder; '-o -' needs --emit");
    return Error::success();
  }

  ArrayRef<const char *> rest;
  Options options;
};

} // namespace

Expected<Options> moec::driver::parseOptions(ArrayRef<const char *> arguments) {
  return Parser(arguments).run();
}

std::string moec::driver::usage() {
  return "moe-compile MODEL -o MODEL.moe [options]\n"
         "\n"
         "Compiles an ONNX model (or IR of any level) to an artifact that "
         "moe-run runs.\n"
         "\n"
         "  --hardware FILE     the machine to plan for (YAML); default: one "
         "device\n"
         "  --routing FILE      routing statistics; may be given several "
         "times\n"
         "  --strategy S        how experts are placed; default: best\n"
         "  --slots N           slots of a layer over all devices, for "
         "replicas of busy experts\n"
         "  --weights=bf16|f16  stores f32 weights of products in 16 bits\n"
         "  --dim NAME=VALUE    fixes a named dimension of the inputs\n"
         "  --report[=json]     what was decided, sizes and times, on stdout\n"
         "  --emit=LEVEL        IR instead of an artifact; -o - prints it. "
         "LEVEL:\n" +
         levelHelp();
}
