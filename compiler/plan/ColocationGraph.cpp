#include "plan/Colocation.h"

#include <algorithm>

using namespace moec::plan;

int32_t moec::plan::addColocatedLayer(TaskGraph &graph, int32_t device,
                                      const PhaseTimes &p, ExchangeStart start,
                                      int32_t after) {
  const bool afterFfn = start == ExchangeStart::AfterFfn;
  std::vector<int32_t> first;
  if (after >= 0)
    first.push_back(after);
  auto exchange = [&](const char *name, double seconds,
                      std::vector<int32_t> needs) {
    return graph.addTransfer(name, {}, 0, std::max(seconds, 0.0),
                             std::move(needs));
  };
  int32_t gateB = graph.addCompute("gate of b", device, p.gateB, first);
  int32_t dispatchA = exchange("dispatch of a", p.dispatchA, first);
  int32_t ffnA =
      graph.addCompute("ffn of a", device, p.ffnA, {gateB, dispatchA});
  std::vector<int32_t> both{
      exchange("dispatches of both", p.bothDispatches, first)};
  if (afterFfn)
    both.push_back(exchange("dispatch of b", p.dispatchB, {gateB}));
  int32_t dispatchB = graph.addBarrier("dispatches done", both);
  int32_t ffnB =
      graph.addCompute("ffn of b", device, p.ffnB, {ffnA, dispatchB});
  std::vector<int32_t> combineNeeds{dispatchB};
  if (afterFfn)
    combineNeeds.push_back(ffnA);
  int32_t combineA = exchange("combine of a", p.dispatchA, combineNeeds);
  std::vector<int32_t> four{exchange("all exchanges", p.allFour, first)};
  if (afterFfn) {
    four.push_back(combineA);
    four.push_back(exchange("combine of b", p.dispatchB, {ffnB}));
  }
  int32_t combineB = graph.addBarrier("combines done", four);
  int32_t sumA = graph.addCompute("aggregation of a", device, p.aggregateA,
                                  {ffnB, combineA});
  int32_t sumB = graph.addCompute("aggregation of b", device, p.aggregateB,
                                  {sumA, combineB});
  return graph.addCompute("gate of a", device, p.gateA, {sumB});
}
