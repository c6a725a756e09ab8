//===- Commands.h - What moe-plan can do ----------------------------------===//
//
// Part of moec. One function a command, each in a file of its own. A command
// prints to stdout, warnings to stderr, and throws UsageError or Failure.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPLAN_COMMANDS_H
#define MOEC_TOOLS_MOEPLAN_COMMANDS_H

#include <span>
#include <string>

namespace moec::tools {

using Words = std::span<const std::string>;

/// The order of an all-to-all for a traffic matrix.
int solveAllToAllCommand(Words words);
/// Experts to devices for recorded routing.
int solvePlacementCommand(Words words);
/// Two models on the same devices.
int solveColocateCommand(Words words);
/// Lina: replicas for the experts that a batch is expected to ask for.
int solvePopularityCommand(Words words);
/// A placement for a new situation that copies few experts.
int replanCommand(Words words);
/// Checks a plan again; exit status 1 when it does not hold.
int verifyCommand(Words words);
/// Runs a plan on paper, with a timeline on request.
int simulateCommand(Words words);
/// Why an expert is where it is.
int explainCommand(Words words);
/// Other formats to and from plans; other tools' topologies to hardware files.
int convertCommand(Words words);
/// Two placements side by side.
int compareCommand(Words words);

/// Finds the command and runs it; reports errors. Returns the exit status:
/// 0, 1 for bad input or a plan that does not hold, 2 for wrong usage.
int runMoePlan(Words words);

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPLAN_COMMANDS_H
