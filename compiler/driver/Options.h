//===- Options.h - The command line of moe-compile ------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_DRIVER_OPTIONS_H
#define MOEC_DRIVER_OPTIONS_H

#include "plan/PlacementSolvers.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace moec::driver {

enum class ReportForm { None, Text, Json };

struct Options {
  std::string model;    ///< an ONNX file, or IR of any level
  std::string hardware; ///< empty: this machine as one device
  std::vector<std::string> routing;
  plan::PlacementStrategy strategy = plan::PlacementStrategy::Best;
  int64_t slots = 0;   ///< of a layer over all devices; 0: one for each expert
  std::string weights; ///< bf16 or f16: f32 weights are stored so; or empty
  std::string output;  ///< a folder; with `emit` a file, "-" for stdout
  std::map<std::string, int64_t> dims;
  ReportForm report = ReportForm::None;
  std::string emit; ///< a level of the phase table; empty: the artifact
  bool help = false;
};

/// The options of `arguments` (without the program's name); an error says what
/// is wrong with them. Options are `--name value` or `--name=value`.
llvm::Expected<Options> parseOptions(llvm::ArrayRef<const char *> arguments);

/// What `--help` prints.
std::string usage();

} // namespace moec::driver

#endif // MOEC_DRIVER_OPTIONS_H
