//===- ProfileReport.h - A profile for people, machines and Perfetto ------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_PROFILEREPORT_H
#define MOEC_TOOLS_MOERUN_PROFILEREPORT_H

#include "Profile.h"

namespace moec::run {

/// Measures them now, in about a second.
Limits measureLimits(const Model &model);

/// A table: a row for each phase of each layer, then the phases of all layers.
std::string profileText(const RunProfile &profile, const Model &model,
                        const Limits &limits);
/// The same and every step, in one line; README.md lists the keys.
std::string profileJson(const RunProfile &profile, const Model &model,
                        const Limits &limits, const std::string &dataSet);

/// Writes a Chrome trace, a process a rank. Throws Error.
void writeTrace(const std::string &path, const RunProfile &profile);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_PROFILEREPORT_H
