#include "plan/Replan.h"

#include "plan/PlacementSearch.h"

#include <algorithm>
#include <optional>
#include <string>

using namespace moec::plan;

static std::string str(int64_t value) { return std::to_string(value); }

Status ReplanProblem::check() const {
  if (Status status = now.check(); !status)
    return status;
  if (maxMoves < 0)
    return invalid("replan: " + str(maxMoves) +
                   " moves allowed; the number must not be negative");
  if (old.layers.size() != now.trace.layers.size())
    return invalid("replan: the old placement has " + str(old.layers.size()) +
                   " layers and the routing " + str(now.trace.layers.size()));
  for (size_t l = 0; l < old.layers.size(); ++l) {
    const LayerRouting &routing = now.trace.layers[l];
    std::string who = "replan: layer " + str(routing.layer) + ": ";
    if (static_cast<int64_t>(old.layers[l].devices.size()) != now.devices())
      return invalid(who + "the old placement has " +
                         str(old.layers[l].devices.size()) + " devices of " +
                         str(now.devices()) +
                         "; keep a lost device with capacity 0",
                     {routing.layer});
    for (const std::vector<int32_t> &held : old.layers[l].devices)
      for (int32_t e : held)
        if (e < 0 || e >= routing.experts)
          return invalid(who + "the old placement holds expert " + str(e) +
                             ", which is not in 0.." + str(routing.experts - 1),
                         {routing.layer, e});
  }
  return success();
}

static int64_t totalMoves(const Placement &from, const Placement &to) {
  int64_t moves = 0;
  for (size_t l = 0; l < to.layers.size(); ++l)
    moves += expertMoves(from.layers[l], to.layers[l]);
  return moves;
}

Status ReplanSolution::verify(const ReplanProblem &problem) const {
  if (Status status = placement.verify(problem.now); !status)
    return status;
  int64_t counted = totalMoves(problem.old, placement);
  if (counted != moves)
    return violated("replan: " + str(moves) + " moves claimed, " +
                    str(counted) + " counted");
  if (moves > problem.maxMoves)
    return violated("replan: " + str(moves) + " moves of " +
                    str(problem.maxMoves) + " allowed");
  return success();
}

namespace {

/// Makes one layer's old placement valid with as few copies as possible.
class Repair {
public:
  Repair(const PlacementProblem &problem, int64_t layer, LayerPlacement old)
      : problem(problem), routing(problem.trace.layers[layer]),
        total(routing.totals()), times(rowTimes(problem.latency)),
        layer(std::move(old)), count(this->layer.replicas(routing.experts)) {}

  LayerPlacement run() {
    for (int64_t g = 0; g < problem.devices(); ++g) {
      dropDuplicates(g);
      while (held(g) > problem.capacity[g])
        drop(g, spareOrLightest(g));
    }
    while (layer.slots() > problem.slotBudget)
      dropASpare();
    for (int32_t e : orphans()) {
      if (roomiest(e) < 0 || layer.slots() >= problem.slotBudget)
        dropASpare();
      int64_t g = roomiest(e);
      layer.devices[g].push_back(e);
      ++count[e];
    }
    return std::move(layer);
  }

private:
  int64_t held(int64_t g) const {
    return static_cast<int64_t>(layer.devices[g].size());
  }
  double share(int32_t e) const {
    return static_cast<double>(total[e]) / std::max(count[e], 1);
  }
  void drop(int64_t g, size_t i) {
    --count[layer.devices[g][i]];
    layer.devices[g].erase(layer.devices[g].begin() + static_cast<int64_t>(i));
  }
  void dropDuplicates(int64_t g) {
    std::vector<int32_t> &all = layer.devices[g];
    for (size_t i = all.size(); i-- > 1;)
      if (std::find(all.begin(), all.begin() + static_cast<int64_t>(i),
                    all[i]) != all.begin() + static_cast<int64_t>(i))
        drop(g, i);
  }
  /// What a full device gives up: a replica that others hold, too, before an
  /// only one, and the lightest of those.
  size_t spareOrLightest(int64_t g) const {
    const std::vector<int32_t> &all = layer.devices[g];
    size_t best = 0;
    auto key = [&](size_t i) {
      return std::pair(count[all[i]] <= 1, share(all[i]));
    };
    for (size_t i = 1; i < all.size(); ++i)
      if (key(i) < key(best))
        best = i;
    return best;
  }
  /// Drops the lightest replica that is not its expert's only one. There is
  /// one whenever more slots are filled than there are experts placed.
  void dropASpare() {
    int64_t device = -1;
    size_t index = 0;
    double lightest = 0;
    for (int64_t g = 0; g < problem.devices(); ++g)
      for (size_t i = 0; i < layer.devices[g].size(); ++i) {
        int32_t e = layer.devices[g][i];
        if (count[e] > 1 && (device < 0 || share(e) < lightest)) {
          device = g;
          index = i;
          lightest = share(e);
        }
      }
    if (device >= 0)
      drop(device, index);
  }
  /// Experts without a device, heaviest first.
  std::vector<int32_t> orphans() const {
    std::vector<int32_t> result;
    for (int32_t e = 0; e < routing.experts; ++e)
      if (count[e] == 0)
        result.push_back(e);
    std::sort(result.begin(), result.end(), [&](int32_t a, int32_t b) {
      return total[a] != total[b] ? total[a] > total[b] : a < b;
    });
    return result;
  }
  /// The device with a free slot that would finish first with the expert.
  int64_t roomiest(int32_t e) const {
    int64_t best = -1;
    double bestTime = 0;
    const double steps =
        static_cast<double>(std::max<int64_t>(routing.steps(), 1));
    for (int64_t g = 0; g < problem.devices(); ++g) {
      if (held(g) >= problem.capacity[g])
        continue;
      double rows = static_cast<double>(total[e]);
      for (int32_t f : layer.devices[g])
        rows += share(f);
      double time = times[g](rows / steps);
      if (best < 0 || time < bestTime) {
        best = g;
        bestTime = time;
      }
    }
    return best;
  }

  const PlacementProblem &problem;
  const LayerRouting &routing;
  const std::vector<int64_t> total;
  const std::vector<RowTime> times;
  LayerPlacement layer;
  std::vector<int32_t> count;
};

/// One layer while moves are handed out: its state and its best next change.
class LayerReplan {
public:
  LayerReplan(const PlacementProblem &problem, int64_t layer,
              const LayerPlacement &old, const LayerPlacement &start,
              int64_t evaluations)
      : problem(problem), old(old), state(problem, layer),
        evaluations(evaluations) {
    state.assign(start);
  }

  const LayerPlacement &placement() const { return state.placement(); }

  /// Looks for the change with the largest gain per copy among those that need
  /// at most `allowed` copies. False when none gains.
  bool findNext(int64_t allowed) {
    gainPerMove = 0;
    for (int32_t g : state.stragglers()) {
      if (evaluations <= 0)
        break;
      forEachChange(problem, state, g, [&](const PlacementChange &change) {
        consider(change, allowed);
        return --evaluations > 0;
      });
      if (gainPerMove > 0)
        return true;
    }
    return false;
  }
  void applyNext() { state.apply(next); }

  double gainPerMove = 0;
  int64_t nextMoves = 0; ///< negative where the change undoes a copy

private:
  void consider(const PlacementChange &change, int64_t allowed) {
    int64_t moves = 0;
    for (int i = 0; i < change.size(); ++i) {
      const PlacementChange::Edit &edit = change.edits[i];
      moves += (edit.in >= 0 && !had(edit.device, edit.in)) -
               (edit.out >= 0 && !had(edit.device, edit.out));
    }
    if (moves > allowed)
      return;
    double score = state.score() * (1 - 1e-12);
    // A change that copies nothing is worth more than any that does.
    double weight = moves > 0 ? 1.0 / static_cast<double>(moves) : 1e6;
    double gain = (score - state.scoreAfter(change, score)) * weight;
    if (gain > gainPerMove) {
      gainPerMove = gain;
      next = change;
      nextMoves = moves;
    }
  }
  bool had(int32_t device, int32_t expert) const {
    const std::vector<int32_t> &held = old.devices[device];
    return std::find(held.begin(), held.end(), expert) != held.end();
  }

  const PlacementProblem &problem;
  const LayerPlacement &old;
  PlacementState state;
  int64_t evaluations;
  PlacementChange next;
};

} // namespace

/// Hands the moves out, the largest gain per move over all layers first.
static Placement spendMoves(const ReplanProblem &problem,
                            const Placement &repaired, int64_t moves,
                            const SearchOptions &options) {
  std::vector<LayerReplan> layers;
  std::vector<bool> open;
  for (size_t l = 0; l < repaired.layers.size(); ++l) {
    layers.emplace_back(problem.now, static_cast<int64_t>(l),
                        problem.old.layers[l], repaired.layers[l],
                        options.evaluations);
    open.push_back(layers.back().findNext(moves));
  }
  while (true) {
    int64_t best = -1;
    for (size_t l = 0; l < layers.size(); ++l) {
      // Moves spent elsewhere may have made a found change too dear.
      if (open[l] && layers[l].nextMoves > moves)
        open[l] = layers[l].findNext(moves);
      if (open[l] &&
          (best < 0 || layers[l].gainPerMove > layers[best].gainPerMove))
        best = static_cast<int64_t>(l);
    }
    if (best < 0)
      break;
    moves -= layers[best].nextMoves;
    layers[best].applyNext();
    open[best] = layers[best].findNext(moves);
  }
  Placement result;
  for (const LayerReplan &layer : layers)
    result.layers.push_back(layer.placement());
  return result;
}

Result<ReplanSolution> moec::plan::replan(const ReplanProblem &problem,
                                          const SearchOptions &options) {
  if (Status status = problem.check(); !status)
    return status.error();
  Placement repaired;
  for (size_t l = 0; l < problem.old.layers.size(); ++l)
    repaired.layers.push_back(
        Repair(problem.now, static_cast<int64_t>(l), problem.old.layers[l])
            .run());
  int64_t needed = totalMoves(problem.old, repaired);
  if (needed > problem.maxMoves)
    return infeasible("replan: experts without a device need " + str(needed) +
                      " moves; " + str(problem.maxMoves) + " are allowed");
  std::vector<Placement> candidates = {repaired};
  candidates.push_back(
      spendMoves(problem, repaired, problem.maxMoves - needed, options));
  if (Result<Placement> fresh = placeByStep(problem.now, options))
    if (totalMoves(problem.old, *fresh) <= problem.maxMoves)
      candidates.push_back(std::move(*fresh));
  ReplanSolution best{repaired, needed};
  for (const Placement &candidate : candidates)
    if (candidate.cost(problem.now) < best.cost(problem))
      best = {candidate, totalMoves(problem.old, candidate)};
  if (Status status = best.verify(problem); !status)
    return status.error();
  return best;
}
