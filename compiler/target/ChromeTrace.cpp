#include "target/ChromeTrace.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

using namespace moec;
using namespace moec::target;
using Json = nlohmann::ordered_json;

TraceProcess moec::target::predictedProcess(const plan::TaskGraph &graph,
                                            const plan::Timeline &timeline) {
  TraceProcess process{"predicted", {}};
  for (const plan::TimelineEvent &event : timeline.events) {
    double seconds = event.end - event.start;
    if (event.resource < 0 && seconds <= 0)
      continue;
    process.spans.push_back(
        {event.resource < 0 ? "waiting"
                            : graph.resources()[event.resource].name,
         graph.tasks()[event.task].name, event.start, seconds});
  }
  return process;
}

namespace {
/// Spans of one row may overlap (transfers that share a port), but those of one
/// thread of the format may only nest: a row takes as many threads as it needs.
struct LaneTable {
  std::vector<std::string> names; ///< by thread id
  std::vector<size_t> laneOf;     ///< [spans] thread id

  explicit LaneTable(const std::vector<TraceSpan> &spans)
      : laneOf(spans.size()) {
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < spans.size(); ++i)
      order.emplace_back(spans[i].start, i);
    std::sort(order.begin(), order.end());
    std::map<std::string, std::vector<size_t>> lanesOf;
    std::vector<double> busyUntil;
    for (auto [start, i] : order) {
      std::vector<size_t> &lanes = lanesOf[spans[i].row];
      auto free = lanes.begin();
      while (free != lanes.end() && busyUntil[*free] > start)
        ++free;
      if (free == lanes.end()) {
        free = lanes.insert(free, names.size());
        names.push_back(spans[i].row);
        busyUntil.push_back(0);
      }
      laneOf[i] = *free;
      busyUntil[*free] = start + spans[i].seconds;
    }
  }
};
} // namespace

std::string
moec::target::printChromeTrace(const std::vector<TraceProcess> &processes) {
  Json events = Json::array();
  int pid = 0;
  for (const TraceProcess &process : processes) {
    events.push_back({{"name", "process_name"},
                      {"ph", "M"},
                      {"pid", pid},
                      {"args", {{"name", process.name}}}});
    LaneTable lanes(process.spans);
    for (size_t tid = 0; tid < lanes.names.size(); ++tid)
      events.push_back({{"name", "thread_name"},
                        {"ph", "M"},
                        {"pid", pid},
                        {"tid", tid},
                        {"args", {{"name", lanes.names[tid]}}}});
    for (size_t i = 0; i < process.spans.size(); ++i) {
      const TraceSpan &span = process.spans[i];
      // Timestamps of the format are in microseconds.
      events.push_back({{"name", span.name},
                        {"ph", "X"},
                        {"pid", pid},
                        {"tid", lanes.laneOf[i]},
                        {"ts", span.start * 1e6},
                        {"dur", span.seconds * 1e6}});
    }
    ++pid;
  }
  Json root = {{"traceEvents", events}, {"displayTimeUnit", "ns"}};
  return root.dump() + "\n";
}
