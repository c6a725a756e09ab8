//===- Probe.h - From measurements to a hardware file ---------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPROBE_PROBE_H
#define MOEC_TOOLS_MOEPROBE_PROBE_H

#include <span>
#include <string>

namespace moec::tools {

/// Parses the arguments, measures, writes the file. Returns the exit status: 0,
/// 1 when the file cannot be written, 2 for wrong usage. Ranks other than 0
/// only measure. `argc` and `argv` go to MPI first, which takes its own away.
int runMoeProbe(int argc, char **argv);

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPROBE_PROBE_H
