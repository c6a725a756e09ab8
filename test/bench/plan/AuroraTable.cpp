//===- AuroraTable.cpp - Our ratios beside Aurora's -----------------------===//
//
// Part of moec. Aurora (arXiv 2410.17043) is evaluated by simulation on LIMoE
// statistics that are not published; neither are its gate, FFN and aggregation
// times. So this uses its sizes and bandwidths with synthetic traffic: 8
// experts, equal senders, log-normal popularity that varies a little by sender.
// The printed ranges are over all cases, to be read beside the paper's.
//
//===----------------------------------------------------------------------===//

#include "AllToAllBench.h"

#include "plan/AllToAllBaselines.h"
#include "plan/AllToAllSolvers.h"
#include "plan/ColocationExclusive.h"
#include "plan/ColocationSolvers.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>

using namespace moec::plan;

namespace {

constexpr int32_t experts = 8;
constexpr int32_t cases = 200;
constexpr double gigabit = 1e9 / 8;

const std::vector<double> equalBandwidth(experts, 100 * gigabit);
const std::vector<double> mixedBandwidth{
    100 * gigabit, 100 * gigabit, 80 * gigabit, 80 * gigabit,
    50 * gigabit,  50 * gigabit,  40 * gigabit, 40 * gigabit};

/// The devices' speeds follow their bandwidths, as the paper assumes.
std::vector<double> speedsOf(const std::vector<double> &bandwidth) {
  std::vector<double> speed;
  for (double value : bandwidth)
    speed.push_back(value / (100 * gigabit));
  return speed;
}

struct Model {
  TrafficMatrix traffic;
  std::vector<double> gate, ffn, aggregate; ///< seconds at speed 1, by expert
};

/// `computeShare`: FFN time over exchange time of an average expert.
Model randomModel(std::mt19937_64 &random, double skew, double computeShare) {
  constexpr double tokensPerSender = 16 * 196, bytesPerToken = 768 * 2;
  std::normal_distribution<> normal;
  std::vector<double> popularity(experts);
  for (double &value : popularity)
    value = std::exp(skew * normal(random));
  Model model{TrafficMatrix(experts), {}, {}, {}};
  for (int32_t src = 0; src < experts; ++src) {
    std::vector<double> own = popularity;
    for (double &value : own)
      value *= std::exp(0.2 * normal(random));
    double sum = std::accumulate(own.begin(), own.end(), 0.0);
    for (int32_t dst = 0; dst < experts; ++dst)
      model.traffic(src, dst) = static_cast<int64_t>(
          std::round(tokensPerSender * own[dst] / sum) * bytesPerToken);
  }
  for (int32_t expert = 0; expert < experts; ++expert) {
    double load = static_cast<double>(model.traffic.received(expert) +
                                      model.traffic(expert, expert));
    model.ffn.push_back(computeShare * load / (100 * gigabit));
  }
  const double mean =
      std::accumulate(model.ffn.begin(), model.ffn.end(), 0.0) / experts;
  model.gate.assign(experts, 0.05 * mean);
  model.aggregate.assign(experts, 0.1 * mean);
  return model;
}

ExpertCosts costsOf(const Model &model, const std::vector<double> &bandwidth) {
  return ExpertCosts::scaled(model.traffic, model.gate, model.ffn,
                             model.aggregate, speedsOf(bandwidth));
}

/// Smallest, mean and largest of a ratio.
class Range {
public:
  void add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
    sum += value;
    ++count;
  }
  void print(const char *what, const char *paper) const {
    std::printf("  %-46s %5.2f  %5.2f  %5.2f   %s\n", what, least, sum / count,
                most, paper);
  }

private:
  double least = 1e300, most = 0, sum = 0;
  int32_t count = 0;
};

/// Equation (1) with an exchange of `seconds` in each direction.
double exclusiveLayer(const Model &model, double seconds) {
  return model.gate[0] + 2 * seconds +
         *std::max_element(model.ffn.begin(), model.ffn.end()) +
         model.aggregate[0];
}

void printOrdering(const std::vector<Model> &models) {
  Range sjf, sjfLayer, random, rotation, greedy;
  for (size_t i = 0; i < models.size(); ++i) {
    AllToAllProblem problem{models[i].traffic, equalBandwidth, 0};
    const double ours = solveBirkhoff(problem)->makespan();
    std::vector<BaselineCost> baselines = *baselineCosts(problem, i);
    sjf.add(baselines[0].seconds / ours);
    sjfLayer.add(exclusiveLayer(models[i], baselines[0].seconds) /
                 exclusiveLayer(models[i], ours));
    random.add(baselines[1].seconds / ours);
    rotation.add(baselines[2].seconds / ours);
    greedy.add(baselines[4].seconds / ours);
  }
  std::printf("exclusive, equal devices (100 Gb/s)\n");
  sjf.print("SJF / ours, exchange", "");
  sjfLayer.print("SJF / ours, layer", "up to 1.38");
  random.print("random order / ours, exchange", "");
  rotation.print("rotation / ours, exchange", "");
  greedy.print("the paper's Algorithm 1 / ours, exchange", "1 claimed");
}

std::vector<int32_t> randomPermutation(std::mt19937_64 &random) {
  std::vector<int32_t> result(experts);
  std::iota(result.begin(), result.end(), 0);
  std::shuffle(result.begin(), result.end(), random);
  return result;
}

constexpr int32_t draws = 20; // of each random baseline

void printExclusiveMixed(const std::vector<Model> &models) {
  std::mt19937_64 random(1);
  Range assignment, sorting, oneToOne;
  for (const Model &model : models) {
    ExclusiveProblem problem{costsOf(model, mixedBandwidth), mixedBandwidth};
    AssignmentSolution best = *solveExclusive(problem);
    const double ours = problem.cost(best);
    double sum = 0;
    for (int32_t draw = 0; draw < draws; ++draw)
      sum += problem.cost({randomPermutation(random)});
    assignment.add(sum / draws / ours);
    sorting.add(problem.cost(*solveBySorting(problem)) / ours);
    AllToAllProblem exchange{TrafficMatrix(experts), mixedBandwidth, 0};
    for (int32_t src = 0; src < experts; ++src)
      for (int32_t dst = 0; dst < experts; ++dst)
        exchange.traffic(best.columnOf[src], best.columnOf[dst]) =
            model.traffic(src, dst);
    oneToOne.add(solveOneToOne(exchange)->makespan() /
                 solveBirkhoff(exchange)->makespan());
  }
  std::printf("exclusive, mixed devices (100/80/50/40 Gb/s)\n");
  assignment.print("random assignment / ours, layer", "1.36 - 1.81");
  sorting.print("Thm 5.1's sorting / ours, layer", "1 claimed");
  oneToOne.print("one-to-one rounds / unit ports, exchange", "1 claimed");
}

/// Lina's packing: the most popular with the least popular expert of the same
/// model, two on each of `devices`; phases do not overlap.
class PackedModel {
public:
  PackedModel(const Model &model, const std::vector<int32_t> &devices,
              const std::vector<double> &bandwidth)
      : model(model), exchange{TrafficMatrix(experts / 2), {}, 0},
        ffn(experts / 2, 0) {
    std::vector<int32_t> order(experts), place(experts);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return model.ffn[a] == model.ffn[b] ? a < b : model.ffn[a] < model.ffn[b];
    });
    for (int32_t i = 0; i < experts; ++i)
      place[order[i]] = std::min(i, experts - 1 - i);
    for (int32_t device : devices)
      exchange.bandwidth.push_back(bandwidth[device]);
    speed = speedsOf(exchange.bandwidth);
    for (int32_t src = 0; src < experts; ++src) {
      ffn[place[src]] += model.ffn[src];
      for (int32_t dst = 0; dst < experts; ++dst)
        if (place[src] != place[dst])
          exchange.traffic(place[src], place[dst]) += model.traffic(src, dst);
    }
  }

  /// Seconds of a layer whose exchanges reach their bound.
  double ordered() const { return layer(exchange.lowerBound()); }
  /// The same with sends in random order.
  double unordered(uint64_t seed) const {
    return layer(*simulateOrder(exchange, SendOrder::Random, seed));
  }

private:
  double layer(double exchangeSeconds) const {
    double compute = 0;
    for (size_t i = 0; i < ffn.size(); ++i)
      compute = std::max(compute, ffn[i] / speed[i]);
    const double slowest = *std::min_element(speed.begin(), speed.end());
    return 2 * (model.gate[0] + model.aggregate[0]) / slowest +
           2 * exchangeSeconds + compute;
  }

  const Model &model;
  AllToAllProblem exchange;
  std::vector<double> ffn, speed;
};

void printColocated(const std::vector<Model> &models,
                    const std::vector<double> &bandwidth, const char *title,
                    const char *paper) {
  std::mt19937_64 random(2);
  Range lina, linaOrdered, randomPairs, decoupled, bound, dependent;
  for (size_t i = 0; i + 1 < models.size(); i += 2) {
    ColocationProblem problem{costsOf(models[i], bandwidth),
                              costsOf(models[i + 1], bandwidth), bandwidth};
    ColocationSolution solution = *solveColocation(problem, {3000, 0});
    const double ours = solution.cost(problem);
    for (int32_t m : {0, 1}) {
      PackedModel packed(models[i + m], {m, m + 2, m + 4, m + 6}, bandwidth);
      lina.add(packed.unordered(i) / ours);
      linaOrdered.add(packed.ordered() / ours);
    }
    double sum = 0;
    for (int32_t draw = 0; draw < draws; ++draw) {
      std::vector<int32_t> a = randomPermutation(random);
      std::vector<int32_t> b = randomPermutation(random);
      sum += ColocationSolution{a, b}.cost(problem);
    }
    randomPairs.add(sum / draws / ours);
    decoupled.add(solveDecoupled(problem)->cost(problem) / ours);
    bound.add(ours / problem.lowerBound());
    dependent.add(dependentTimeline(solution.phases(problem)).total / ours);
  }
  std::printf("%s\n", title);
  lina.print("Lina's packing, random order / ours, layer", paper);
  linaOrdered.print("Lina's packing, our rounds / ours, layer", "");
  randomPairs.print("random pairs on random devices / ours", "");
  decoupled.print("the paper's two steps / ours", "");
  bound.print("ours / lower bound", "");
  dependent.print("with the dependencies Table 2 omits / ours", "");
}

} // namespace

void printAuroraTable() {
  for (auto [skew, computeShare] :
       {std::pair{0.25, 1.0}, {0.5, 1.0}, {0.5, 2.0}, {1.0, 1.0}, {1.0, 2.0}}) {
    std::mt19937_64 random(7);
    std::vector<Model> models;
    for (int32_t i = 0; i < cases; ++i)
      models.push_back(randomModel(random, skew, computeShare));
    std::printf("\nAurora's settings, %d synthetic cases, popularity "
                "log-normal with sigma %.2f, FFN time %.1f x exchange\n"
                "  %-46s %5s  %5s  %5s   %s\n",
                cases, skew, computeShare, "ratio", "min", "mean", "max",
                "paper");
    printOrdering(models);
    printExclusiveMixed(models);
    printColocated(models, equalBandwidth, "colocated, equal devices",
                   "1.25 - 2.38");
    printColocated(models, mixedBandwidth, "colocated, mixed devices",
                   "1.91 - 3.54");
  }
}
