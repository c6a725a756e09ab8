#include "Commands.h"
#include "Inputs.h"

#include <fmt/format.h>

using namespace moec::tools;

namespace {
struct Command {
  std::string_view name; ///< one or two words
  int (*run)(Words words);
  std::string_view usage;
};
} // namespace

static constexpr Command commands[] = {
    {"solve all-to-all", solveAllToAllCommand,
     "--traffic T.csv (--hardware hw.yaml | --bandwidth B[,B...])\n"
     "      [--nodes N --intra-bandwidth B] [--hierarchical] [--json] [-o "
     "FILE]"},
    {"solve placement", solvePlacementCommand,
     "--routing FILE... (--hardware hw.yaml | --devices N [--nodes N] [--speed "
     "s1,...])\n      [--slots N] [--capacity N[,N...]] [--strategy S] "
     "[--expert-groups N]\n      [--step-tokens N] [--experts N] "
     "[--fit FRACTION] [--json] [-o FILE]"},
    {"solve popularity", solvePopularityCommand,
     "--routing FILE... (--hardware hw.yaml | --devices N)\n"
     "      [--path-length N] [--top-k N] [--experts-per-device N] "
     "[--step-tokens N] [--experts N]\n      [--fit FRACTION] [--json] [-o "
     "FILE]"},
    {"solve colocate", solveColocateCommand,
     "--routing A --routing B --hardware hw.yaml [--token-bytes N] "
     "[--token-seconds S]\n      [--step-tokens N] [--experts N] [--json] [-o "
     "FILE]"},
    {"replan", replanCommand,
     "PLAN.json --moves N [--lost D[,D...]] [--routing FILE...] [--slots N]\n"
     "      [--step-tokens N] [--experts N] [--json] [-o FILE]"},
    {"verify", verifyCommand, "PLAN.json [--json]"},
    {"simulate", simulateCommand,
     "PLAN.json [--routing FILE...] [--timeline trace.json] [--step-tokens N] "
     "[--experts N] [--json]"},
    {"explain", explainCommand,
     "PLAN.json --layer L --expert E [--routing FILE...] [--step-tokens N] "
     "[--experts N]"},
    {"convert", convertCommand,
     "FILE --to sglang|trtllm|ascend|plan|hardware [--devices N] [-o FILE]"},
    {"compare", compareCommand,
     "A.json B.json [--routing FILE...] [--step-tokens N] [--experts N] "
     "[--json]"},
};

static std::string usage() {
  std::string text = "usage:\n";
  for (const Command &command : commands)
    text += fmt::format("  moe-plan {} {}\n", command.name, command.usage);
  return text;
}

static int dispatch(Words words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "-h")) {
    fmt::print("{}", usage());
    return 0;
  }
  for (const Command &command : commands) {
    size_t count = command.name.find(' ') == std::string_view::npos ? 1 : 2;
    if (words.size() < count)
      continue;
    std::string given = words[0];
    if (count == 2)
      given += " " + words[1];
    if (given == command.name)
      return command.run(words.subspan(count));
  }
  throw UsageError{words.empty() ? "no command\n" + usage()
                                 : fmt::format("unknown command '{}'\n{}",
                                               words[0], usage())};
}

int moec::tools::runMoePlan(Words words) {
  try {
    return dispatch(words);
  } catch (const UsageError &error) {
    fmt::print(stderr, "moe-plan: {}\n", error.message);
    return 2;
  } catch (const Failure &failure) {
    fmt::print(stderr, "moe-plan: error: {}\n", failure.message);
    return 1;
  }
}
