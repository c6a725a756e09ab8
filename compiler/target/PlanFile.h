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
#include "plan/ColocationSolvers.h"
#include "plan/HierarchicalAllToAll.h"
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
  /// [devices] experts of a layer that each has room for; empty: the slots are
  /// shared out equally.
  std::vector<int64_t> capacity;
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

/// The order of an all-to-all between nodes of devices.
struct HierarchicalDecision {
  plan::HierarchicalProblem problem;
  plan::HierarchicalSolution solution;
  double bound = 0;
  double cost = 0;
  Baselines baselines;
};

/// A layer of model A beside one of model B. On n devices each layer's experts
/// are n blocks of consecutive ids, the "experts" of the problem.
struct ColocatedLayer {
  int64_t layerA = 0, layerB = 0;
  int64_t expertsA = 0, expertsB = 0; ///< multiples of n
  plan::ColocationProblem problem;
  plan::ColocationSolution solution;
  PlanScore score;
};

/// Two models on the same devices; the score is the sum over the layers.
struct ColocationDecision {
  std::vector<ColocatedLayer> layers;
  PlanScore score;
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
  std::variant<PlacementDecision, AllToAllDecision, HierarchicalDecision,
               ColocationDecision>
      decision;
};

/// The `kind` of a plan file: "placement", "all-to-all",
/// "hierarchical-all-to-all", "colocation".
std::string_view kindOf(const Plan &plan);

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
