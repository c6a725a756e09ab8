//===- Run.h - What moe-run does ------------------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_RUN_H
#define MOEC_TOOLS_MOERUN_RUN_H

#include <string>
#include <vector>

namespace moec::run {

/// The whole tool; returns its exit code. Errors go to stderr.
int moeRun(const std::vector<std::string> &arguments);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_RUN_H
