//===- PlanFile.h - Decisions as files ------------------------------------===//
//
// Part of moec. What a solver decided, with everything needed to check and
// simulate it later: the machine, the problem, the bound, the baselines, and
// hashes of the inputs. `moe-plan solve ... --json` prints exactly this file;
// README.md beside this file describes it.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_PLANFILE_H
#define MOEC_TARGET_PLANFILE_H

#include "plan/AllToAll.h"
#include "plan/Topology.h"
#include "target/FileError.h"
#include "target/PlacedLayers.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace moec::target {

/// Objective of each baseline by its name, in the order they were tried.
using Baselines = std::vector<std::pair<std::string, double>>;

/// What a plan is worth on one set of statistics. Seconds.
struct PlanScore {
  double objective = 0;
  double bound = 0;
  Baselines baselines;
  bool operator==(const PlanScore &) const = default;
};

/// Experts to devices.
struct PlacementDecision {
  std::string strategy;
  std::string reason;
  int64_t slots = 0; ///< slot budget of a layer
  std::vector<PlacedLayer> layers;
  PlanScore score;         ///< on the statistics it was chosen on
  PlanScore heldOut;       ///< on the rest of the trace
  bool hasHeldOut = false; ///< false: the trace could not be split
  bool operator==(const PlacementDecision &) const = default;
};

/// The order of one all-to-all.
struct AllToAllDecision {
  plan::AllToAllProblem problem;
  plan::AllToAllSolution solution;
  double bound = 0;
  double cost = 0; ///< makespan plus what starting the rounds takes
  Baselines baselines;
};

/// A file that went into a plan; `hash` is XXH3-64 in hexadecimal.
struct PlanInput {
  std::string path;
  std::string hash;
  bool operator==(const PlanInput &) const = default;
};

struct Plan {
  plan::Topology machine;
  std::vector<PlanInput> inputs;
  std::variant<PlacementDecision, AllToAllDecision> decision;
};

/// XXH3-64 of the bytes, as a plan file records its inputs.
std::string hashOf(std::string_view bytes);

nlohmann::ordered_json planToJson(const Plan &plan);
/// `planToJson` as text: one line for each layer or round.
std::string printPlan(const Plan &plan);

/// Reads a plan file. Checks its form (types, ids, sizes); whether the decision
/// is right is for `verify` to say.
Result<Plan> readPlan(const std::string &path);
Result<Plan> parsePlan(const std::string &text, const std::string &file);

} // namespace moec::target

#endif // MOEC_TARGET_PLANFILE_H
