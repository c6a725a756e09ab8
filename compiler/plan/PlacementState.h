//===- PlacementState.h - One layer's placement while it is searched ------===//
//
// Part of moec. Internal to the placement searches. Holds rows and seconds of
// every device and step, so that the effect of a change is known in O(steps).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PLAN_PLACEMENTSTATE_H
#define MOEC_PLAN_PLACEMENTSTATE_H

#include "plan/CoActivation.h"
#include "plan/Placement.h"
#include "plan/PlacementCost.h"

#include <array>
#include <cstdint>
#include <vector>

namespace moec::plan {

/// At most two edits. An edit takes expert `out` from a device and puts `in`
/// there (-1: none), which covers all five kinds of change: swap (g: e -> f,
/// h: f -> e), move (g: e out, h: e in), drop (g: e out), add (h: e in), and
/// turn a replica of f into one of e (h: f -> e).
struct PlacementChange {
  struct Edit {
    int32_t device = -1, out = -1, in = -1;
  };
  std::array<Edit, 2> edits;
  int size() const { return edits[1].device >= 0 ? 2 : 1; }
};

class PlacementState {
public:
  /// The problem must outlive it.
  PlacementState(const PlacementProblem &problem, int64_t layer);

  void assign(const LayerPlacement &placement);
  const LayerPlacement &placement() const { return current; }

  /// The objective (traffic estimated on a sample).
  double cost() const { return currentCost; }
  /// The cost plus a small term of squared times that tells a plateau's better
  /// side.
  double score() const { return currentCost + squareWeight * squares; }
  /// The score after a change; stops early, with a value above `limit`, once
  /// the change cannot get to `limit` or below.
  double scoreAfter(const PlacementChange &change, double limit);
  void apply(const PlacementChange &change);

  bool holds(int64_t device, int32_t expert) const {
    return onDevice[expert * devices + device];
  }
  int32_t replicas(int32_t expert) const { return count[expert]; }
  bool hasRoom(int64_t device) const;
  bool withinBudget() const { return filled < problem.slotBudget; }
  /// Devices that are slowest in some step, by the time that they cost.
  std::vector<int32_t> stragglers() const;

private:
  double swapScore(const PlacementChange &change, double limit);
  template <typename TimeA, typename TimeB>
  double swapScore(const PlacementChange &change, double limit, TimeA timeA,
                   TimeB timeB) const;
  void lookAtPair(int32_t a, int32_t b);
  double generalScore(const PlacementChange &change);
  double copySeconds(const PlacementChange &change);
  double *freshRows(int64_t device);
  void refreshDevice(int64_t device);
  void refreshSteps();
  void refreshBlocks();
  void moveHome(int32_t expert, int32_t from, int32_t to);
  void addRows(double *rows, int32_t expert, double share) const;
  /// How many replicas of the expert a change adds.
  static int32_t added(const PlacementChange &change, int32_t expert);

  const PlacementProblem &problem;
  int64_t devices, steps, experts;
  std::vector<RowTime> times; ///< [devices]
  std::vector<double> loads;  ///< [experts x steps]
  CopyCounter copies;
  LayerPlacement current;
  int64_t filled = 0;
  std::vector<int32_t> count;              ///< [experts] replicas
  std::vector<uint8_t> onDevice;           ///< [experts x devices]
  std::vector<std::vector<int32_t>> homes; ///< [experts] devices, ascending
  std::vector<double> rows;                ///< [devices x steps]
  std::vector<double> seconds;             ///< [devices x steps]
  /// The seconds of the three slowest devices of every step, [3][steps], and
  /// the ids of the first two; -1 where there are fewer. Ids are doubles, so
  /// that one kind of vector register serves both.
  std::array<std::vector<double>, 3> slowest;
  std::array<std::vector<double>, 2> slowestId;
  /// What the steps from the k-th block on cost now, [blocks + 1], and how much
  /// of it the relief of one device can save, [devices x (blocks + 1)].
  std::vector<double> costFrom, savingFrom;
  std::vector<double> squaresOf; ///< [devices] sum of seconds^2
  /// The pair of devices looked at last: the slowest of the others in every
  /// step, [steps], -1 where there is none.
  int32_t pairA = -1, pairB = -1;
  std::vector<double> others;
  std::vector<double> noLoad; ///< [steps] zeros
  double currentCost = 0;
  double squareWeight = 0; ///< makes seconds^2 a small part of the score
  double squares = 0;
  std::vector<double> scratch;       ///< [devices x steps] rows of a candidate
  std::vector<uint8_t> scratchValid; ///< [devices] which of them differ
};

} // namespace moec::plan

#endif // MOEC_PLAN_PLACEMENTSTATE_H
