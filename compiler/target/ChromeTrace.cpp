#include "target/ChromeTrace.h"

#include <nlohmann/json.hpp>

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

std::string
moec::target::printChromeTrace(const std::vector<TraceProcess> &processes) {
  Json events = Json::array();
  int pid = 0;
  for (const TraceProcess &process : processes) {
    events.push_back({{"name", "process_name"},
                      {"ph", "M"},
                      {"pid", pid},
                      {"args", {{"name", process.name}}}});
    std::map<std::string, int> rows;
    for (const TraceSpan &span : process.spans) {
      auto [it, added] = rows.emplace(span.row, static_cast<int>(rows.size()));
      if (added)
        events.push_back({{"name", "thread_name"},
                          {"ph", "M"},
                          {"pid", pid},
                          {"tid", it->second},
                          {"args", {{"name", span.row}}}});
      // Timestamps of the format are in microseconds.
      events.push_back({{"name", span.name},
                        {"ph", "X"},
                        {"pid", pid},
                        {"tid", it->second},
                        {"ts", span.start * 1e6},
                        {"dur", span.seconds * 1e6}});
    }
    ++pid;
  }
  Json root = {{"traceEvents", events}, {"displayTimeUnit", "ns"}};
  return root.dump() + "\n";
}
