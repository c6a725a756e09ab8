//===- Inputs.h - What several commands read ------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPLAN_INPUTS_H
#define MOEC_TOOLS_MOEPLAN_INPUTS_H

#include "Arguments.h"
#include "plan/Result.h"
#include "target/PlanFile.h"
#include "target/Quantity.h"
#include "target/Routing.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace moec::tools {

/// The input is wrong or has no solution; exit status 1.
struct Failure {
  std::string message;
};

/// The value, or the error as a Failure.
template <typename T> T take(target::Result<T> result) {
  if (!result)
    throw Failure{result.error().str()};
  return std::move(*result);
}
template <typename T> T take(plan::Result<T> result) {
  if (!result)
    throw Failure{result.error().message};
  return std::move(*result);
}

/// What `work` returns; a Failure inside names the file.
template <typename Work> auto inFile(const std::string &path, Work work) {
  try {
    return work();
  } catch (const Failure &failure) {
    throw Failure{path + ": " + failure.message};
  }
}

/// One line on stderr.
void warn(const std::string &message);

/// --hardware, with the importer's notes as warnings.
plan::Topology loadMachine(const std::string &path);

/// Shares the devices out over equal nodes; throws UsageError when it cannot.
void splitIntoNodes(plan::Topology &machine, int64_t nodes);

/// The machine of --hardware, or of --devices with --speed and --nodes.
plan::Topology machineOf(const Arguments &arguments);

/// Comma-separated numbers, each of `dimension` and above 0.
std::vector<double> parseNumbers(const Arguments &arguments,
                                 std::string_view option,
                                 target::Dimension dimension);

/// Comma-separated integers, each from `least` to `most`.
std::vector<int64_t> parseIntegers(const Arguments &arguments,
                                   std::string_view option, int64_t least,
                                   int64_t most);

/// --fit: the part of a trace to choose on; half without it.
double fractionOf(const Arguments &arguments);

/// The files of --routing as one trace, with --experts and --step-tokens;
/// warnings go to stderr. Records path and hash of every file in `inputs`.
plan::RoutingTrace loadRouting(const std::vector<std::string> &paths,
                               const target::RoutingOptions &options,
                               std::vector<target::PlanInput> &inputs);
target::RoutingOptions routingOptions(const Arguments &arguments);
/// The same for all files of --routing, which must be given.
plan::RoutingTrace neededRouting(const Arguments &arguments,
                                 std::vector<target::PlanInput> &inputs);

/// A plan whose decision is a placement.
struct PlacementPlan {
  plan::Topology machine;
  std::vector<target::PlanInput> inputs;
  target::PlacementDecision decision;
};
PlacementPlan loadPlacement(const std::string &path);

/// The statistics to judge a plan with: --routing, or the plan's own inputs
/// while they are unchanged. Nothing when they are not there. `inputs` takes
/// the files' paths and hashes.
std::optional<plan::RoutingTrace>
statisticsOf(const Arguments &arguments, const PlacementPlan &plan,
             std::vector<target::PlanInput> &inputs);

/// The problem that a plan solves, on `trace`; throws Failure when the trace
/// lacks one of the plan's layers or has another number of experts.
plan::PlacementProblem problemOf(const PlacementPlan &plan,
                                 const plan::RoutingTrace &trace);
/// The bare placement of a decision.
plan::Placement placementOf(const target::PlacementDecision &decision);

/// With a unit a reader can take in: "1.25 ms".
std::string showSeconds(double seconds);
/// One line each: name, seconds, ratio to `objective`.
std::string showBaselines(const target::Baselines &baselines, double objective);

/// Prints to stdout, or to the file of -o.
void output(const Arguments &arguments, const std::string &text);

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPLAN_INPUTS_H
