#include "plan/PlacementState.h"

#include <algorithm>

using namespace moec::plan;

// Bounds the work of one candidate when traffic counts.
static constexpr int64_t kSampledTokens = 2048;
// Small enough never to outweigh a real difference of the objective.
static constexpr double kPlateauWeight = 1e-4;
// Steps after which a candidate is compared with what it has to beat.
static constexpr int64_t kBlock = 32;

PlacementState::PlacementState(const PlacementProblem &problem, int64_t layer)
    : problem(problem), devices(problem.devices()),
      steps(problem.trace.layers[layer].steps()),
      experts(problem.trace.layers[layer].experts),
      times(rowTimes(problem.latency)), loads(experts * steps),
      copies(problem, layer, kSampledTokens) {
  const LayerRouting &routing = problem.trace.layers[layer];
  for (int64_t e = 0; e < experts; ++e)
    for (int64_t t = 0; t < steps; ++t)
      loads[e * steps + t] = static_cast<double>(routing.stepLoads[t][e]);
  double all = 0, mean = 0; // seconds of the slowest device at equal loads
  for (double x : loads)
    all += x;
  for (const RowTime &time : times)
    mean = std::max(mean, time(all / static_cast<double>(steps * devices)));
  if (mean > 0)
    squareWeight = kPlateauWeight / (mean * static_cast<double>(devices));
  scratch.resize(devices * steps);
  rows.resize(devices * steps);
  seconds.resize(devices * steps);
  squaresOf.resize(devices);
  others.resize(steps);
  noLoad.assign(steps, 0);
}

void PlacementState::addRows(double *into, int32_t expert, double share) const {
  const double *x = loads.data() + expert * steps;
  for (int64_t t = 0; t < steps; ++t)
    into[t] += x[t] * share;
}

void PlacementState::assign(const LayerPlacement &placement) {
  current = placement;
  filled = current.slots();
  count.assign(experts, 0);
  onDevice.assign(experts * devices, 0);
  homes.resize(experts);
  for (std::vector<int32_t> &where : homes)
    where.clear();
  for (int32_t g = 0; g < devices; ++g)
    for (int32_t e : current.devices[g]) {
      ++count[e];
      onDevice[e * devices + g] = 1;
      homes[e].push_back(g);
    }
  for (int32_t e = 0; e < experts; ++e)
    copies.setHomes(e, homes[e]);
  for (int64_t g = 0; g < devices; ++g)
    refreshDevice(g);
  refreshSteps();
}

/// Rows, seconds and squares of a device from what it holds.
void PlacementState::refreshDevice(int64_t device) {
  double *own = &rows[device * steps], *time = &seconds[device * steps];
  std::fill_n(own, steps, 0);
  for (int32_t e : current.devices[device])
    addRows(own, e, 1.0 / count[e]);
  squaresOf[device] = 0;
  for (int64_t t = 0; t < steps; ++t) {
    time[t] = times[device](own[t]);
    squaresOf[device] += time[t] * time[t];
  }
}

void PlacementState::refreshSteps() {
  pairA = pairB = -1;
  for (std::vector<double> &values : slowest)
    values.assign(steps, -1);
  for (std::vector<double> &values : slowestId)
    values.assign(steps, -1);
  double *s0 = slowest[0].data(), *s1 = slowest[1].data(),
         *s2 = slowest[2].data();
  double *id0 = slowestId[0].data(), *id1 = slowestId[1].data();
  squares = 0;
  for (int64_t g = 0; g < devices; ++g) {
    const double *time = &seconds[g * steps];
    const double id = static_cast<double>(g);
    for (int64_t t = 0; t < steps; ++t) { // insertion without a branch
      bool first = time[t] > s0[t], second = time[t] > s1[t];
      s2[t] = second ? s1[t] : time[t] > s2[t] ? time[t] : s2[t];
      s1[t] = first ? s0[t] : second ? time[t] : s1[t];
      id1[t] = first ? id0[t] : second ? id : id1[t];
      s0[t] = first ? time[t] : s0[t];
      id0[t] = first ? id : id0[t];
    }
    squares += squaresOf[g];
  }
  refreshBlocks();
  if (problem.secondsPerCopy > 0 && copies.active())
    currentCost += problem.secondsPerCopy * copies.copies();
}

void PlacementState::refreshBlocks() {
  const int64_t blocks = (steps + kBlock - 1) / kBlock;
  costFrom.assign(blocks + 1, 0);
  savingFrom.assign(devices * (blocks + 1), 0);
  std::vector<double> saving(devices, 0);
  currentCost = 0;
  for (int64_t t = steps; t-- > 0;) {
    currentCost += slowest[0][t];
    saving[static_cast<int64_t>(slowestId[0][t])] +=
        slowest[0][t] - std::max(0.0, slowest[2][t]);
    if (t % kBlock == 0) {
      costFrom[t / kBlock] = currentCost;
      for (int64_t g = 0; g < devices; ++g)
        savingFrom[g * (blocks + 1) + t / kBlock] = saving[g];
    }
  }
}

bool PlacementState::hasRoom(int64_t device) const {
  return static_cast<int64_t>(current.devices[device].size()) <
         problem.capacity[device];
}

std::vector<int32_t> PlacementState::stragglers() const {
  std::vector<double> blame(devices, 0);
  for (int64_t t = 0; t < steps; ++t)
    blame[static_cast<int64_t>(slowestId[0][t])] +=
        slowest[0][t] - 0.999 * std::max(0.0, slowest[1][t]);
  std::vector<int32_t> order;
  for (int32_t g = 0; g < devices; ++g)
    if (blame[g] > 0)
      order.push_back(g);
  std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return blame[a] != blame[b] ? blame[a] > blame[b] : a < b;
  });
  return order;
}

int32_t PlacementState::added(const PlacementChange &change, int32_t expert) {
  int32_t sum = 0;
  for (const PlacementChange::Edit &edit : change.edits)
    sum += (edit.in == expert) - (edit.out == expert);
  return sum;
}

void PlacementState::lookAtPair(int32_t a, int32_t b) {
  if (a == pairA && b == pairB)
    return;
  pairA = a;
  pairB = b;
  const double idA = static_cast<double>(a), idB = static_cast<double>(b);
  for (int64_t t = 0; t < steps; ++t) {
    const double id0 = slowestId[0][t], id1 = slowestId[1][t];
    double second =
        ((id1 == idA) | (id1 == idB)) ? slowest[2][t] : slowest[1][t];
    others[t] = ((id0 == idA) | (id0 == idB)) ? second : slowest[0][t];
  }
}

/// Swaps and moves: replica counts stay, so only two devices change. The inner
/// loop has no branch, so that compilers use vector instructions; whether the
/// candidate is beaten is looked at once a block.
template <typename TimeA, typename TimeB>
double PlacementState::swapScore(const PlacementChange &change, double limit,
                                 TimeA timeA, TimeB timeB) const {
  constexpr int64_t lanes = 8;
  static_assert(kBlock % lanes == 0);
  const PlacementChange::Edit &a = change.edits[0], &b = change.edits[1];
  const double *out = loads.data() + a.out * steps;
  const double *in = a.in < 0 ? noLoad.data() : loads.data() + a.in * steps;
  const double outShare = 1.0 / count[a.out];
  const double inShare = a.in < 0 ? 0 : 1.0 / count[a.in];
  const double *rowsA = &rows[a.device * steps],
               *rowsB = &rows[b.device * steps];
  const int64_t blocks = static_cast<int64_t>(costFrom.size());
  const double *savingA = &savingFrom[a.device * blocks];
  const double *savingB = &savingFrom[b.device * blocks];
  const double otherSquares =
      squares - squaresOf[a.device] - squaresOf[b.device];
  double cost[lanes] = {}, square[lanes] = {};
  auto sum = [&] {
    double costs = 0, squaresNow = otherSquares;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      costs += cost[lane];
      squaresNow += square[lane];
    }
    return costs + squareWeight * squaresNow;
  };
  auto addStep = [&](int64_t t, int64_t lane) {
    double shift = in[t] * inShare - out[t] * outShare;
    double newA = timeA(rowsA[t] + shift), newB = timeB(rowsB[t] - shift);
    double pair = newA < newB ? newB : newA;
    cost[lane] += pair < others[t] ? others[t] : pair;
    square[lane] += newA * newA + newB * newB;
  };
  int64_t t = 0;
  for (; t + lanes <= steps; t += lanes) {
    for (int64_t lane = 0; lane < lanes; ++lane)
      addStep(t + lane, lane);
    if (const int64_t next = t + lanes; next % kBlock == 0) {
      // The least that the steps to come can add.
      const int64_t k = next / kBlock;
      double least = sum() + costFrom[k] - savingA[k] - savingB[k];
      if (least > limit)
        return least;
    }
  }
  for (; t < steps; ++t)
    addStep(t, 0);
  return sum();
}

double PlacementState::swapScore(const PlacementChange &change, double limit) {
  const int32_t a = change.edits[0].device, b = change.edits[1].device;
  lookAtPair(a, b);
  if (!times[a].isProportional() || !times[b].isProportional())
    return swapScore(change, limit, times[a], times[b]);
  auto timeOf = [](double slope) {
    return [slope](double rows) { return rows * slope; };
  };
  return swapScore(change, limit, timeOf(times[a].secondsPerRow()),
                   timeOf(times[b].secondsPerRow()));
}

/// The rows of a device in the candidate under evaluation.
double *PlacementState::freshRows(int64_t device) {
  double *fresh = &scratch[device * steps];
  if (!scratchValid[device]) {
    std::copy_n(&rows[device * steps], steps, fresh);
    scratchValid[device] = 1;
  }
  return fresh;
}

/// Any change: recomputes the rows of every device that holds an expert whose
/// number of replicas changes.
double PlacementState::generalScore(const PlacementChange &change) {
  scratchValid.assign(devices, 0);
  for (const PlacementChange::Edit &edit : change.edits) {
    for (int32_t e : {edit.out, edit.in}) {
      if (e < 0)
        continue;
      double is = 1.0 / (count[e] + added(change, e));
      addRows(freshRows(edit.device), e, e == edit.out ? -is : is);
      // The two edits never name the same expert here (see scoreAfter), so
      // its other replicas are adjusted once.
      for (int32_t g : homes[e])
        addRows(freshRows(g), e, is - 1.0 / count[e]);
    }
  }
  double score = squareWeight * squares;
  for (int64_t t = 0; t < steps; ++t) {
    double slowest = 0;
    for (int64_t g = 0; g < devices; ++g) {
      double was = seconds[g * steps + t], is = was;
      if (scratchValid[g]) {
        is = times[g](scratch[g * steps + t]);
        score += squareWeight * (is * is - was * was);
      }
      slowest = std::max(slowest, is);
    }
    score += slowest;
  }
  return score;
}

/// Seconds of traffic after the change; counts, then takes it back.
double PlacementState::copySeconds(const PlacementChange &change) {
  std::vector<int32_t> touched;
  for (int i = 0; i < change.size(); ++i)
    for (int32_t e : {change.edits[i].out, change.edits[i].in})
      if (e >= 0)
        touched.push_back(e);
  for (int32_t e : touched) {
    std::vector<int32_t> next;
    for (int32_t g = 0; g < devices; ++g) {
      bool held = holds(g, e);
      for (const PlacementChange::Edit &edit : change.edits)
        if (edit.device == g)
          held = edit.in == e || (held && edit.out != e);
      if (held)
        next.push_back(g);
    }
    copies.setHomes(e, next);
  }
  double result = problem.secondsPerCopy * copies.copies();
  for (int32_t e : touched)
    copies.setHomes(e, homes[e]);
  return result;
}

/// A swap or a move leaves every expert its number of replicas.
static bool keepsCounts(const PlacementChange &change) {
  const PlacementChange::Edit &a = change.edits[0], &b = change.edits[1];
  return change.size() == 2 && a.out >= 0 && b.in == a.out && a.in == b.out;
}

double PlacementState::scoreAfter(const PlacementChange &change, double limit) {
  double traffic = 0;
  const bool counted = problem.secondsPerCopy > 0 && copies.active();
  double score =
      keepsCounts(change) ? swapScore(change, limit) : generalScore(change);
  if (counted && score <= limit)
    traffic = copySeconds(change);
  return score + traffic;
}

void PlacementState::moveHome(int32_t expert, int32_t from, int32_t to) {
  if (expert < 0)
    return;
  onDevice[expert * devices + from] = 0;
  onDevice[expert * devices + to] = 1;
  std::vector<int32_t> &where = homes[expert];
  *std::find(where.begin(), where.end(), from) = to;
  std::sort(where.begin(), where.end());
  copies.setHomes(expert, where);
}

void PlacementState::apply(const PlacementChange &change) {
  for (int i = 0; i < change.size(); ++i) {
    const PlacementChange::Edit &edit = change.edits[i];
    std::vector<int32_t> &held = current.devices[edit.device];
    if (edit.out >= 0 && edit.in >= 0)
      *std::find(held.begin(), held.end(), edit.out) = edit.in;
    else if (edit.out >= 0)
      held.erase(std::find(held.begin(), held.end(), edit.out));
    else
      held.push_back(edit.in);
  }
  if (!keepsCounts(change)) {
    assign(LayerPlacement(current));
    return;
  }
  const PlacementChange::Edit &a = change.edits[0], &b = change.edits[1];
  moveHome(a.out, a.device, b.device);
  moveHome(a.in, b.device, a.device);
  refreshDevice(a.device);
  refreshDevice(b.device);
  refreshSteps();
}
