//===- Options.h - The command line of moe-run ----------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_OPTIONS_H
#define MOEC_TOOLS_MOERUN_OPTIONS_H

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace moec::run {

struct Options {
  bool help = false;
  std::string artifact;
  std::vector<std::pair<std::string, std::string>> inputs; ///< name, file
  std::string outputDir; ///< empty: outputs are not written
  std::string testData;  ///< empty: none
  double tolerance = 1e-4;
  int64_t repeat = 0; ///< 0: no timing, ten runs of a profile
  int64_t warmup = 3;
  bool profile = false;
  std::string trace; ///< file; empty: none
  bool json = false;
  int64_t threads = 0; ///< per rank; 0: the runtime's default
  double timeout = 0;  ///< seconds; 0: the runtime's default
  bool verify = true;
};

/// A command line that makes no sense; exit code 2.
class UsageError : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Throws UsageError.
Options parseOptions(const std::vector<std::string> &arguments);

extern const char usageText[];

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_OPTIONS_H
