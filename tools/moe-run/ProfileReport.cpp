//===- ProfileReport.cpp - A profile for people, machines and Perfetto ----===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "ProfileReport.h"

#include "limits/Limits.h"
#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <thread>

namespace moec::run {

using Json = nlohmann::ordered_json;

Limits measureLimits(const Model &model) {
  int64_t processors = std::max(1u, std::thread::hardware_concurrency());
  int threads = static_cast<int>(
      std::min(model.ranks() * model.threadsPerRank(), processors));
  return {tools::measureMultiplying(threads, 0.2),
          tools::measureReading(threads, 0.4)};
}

namespace {

template <typename... Values>
std::string format(const char *pattern, Values... values) {
  char line[160];
  std::snprintf(line, sizeof(line), pattern, values...);
  return line;
}

double perSecond(double amount, const Work &work) {
  return work.seconds > 0 ? amount / work.seconds : 0;
}

/// "-" for what is not counted.
std::string rate(double amount, const Work &work) {
  return amount > 0 ? format("%.1f", perSecond(amount, work) / 1e9) : "-";
}

std::string row(const std::string &layer, const PhaseWork &part, double total,
                const Limits &limits) {
  const Work &work = part.work;
  double share = shareOf(work, limits);
  return format("%-6s %-12s %9.3f %5.1f%% %9s %8s %8s\n", layer.c_str(),
                part.phase.c_str(), work.seconds * 1e3,
                total > 0 ? 100 * work.seconds / total : 0,
                rate(work.flops, work).c_str(), rate(work.bytes, work).c_str(),
                share > 0 ? format("%.0f%%", 100 * share).c_str() : "-");
}

double secondsOf(const std::vector<PhaseWork> &phases) {
  double sum = 0;
  for (const PhaseWork &part : phases)
    sum += part.work.seconds;
  return sum;
}

Json phaseJson(const PhaseWork &part, const Limits &limits) {
  const Work &work = part.work;
  return {{"phase", part.phase},
          {"ms", work.seconds * 1e3},
          {"flops", work.flops},
          {"bytes", work.bytes},
          {"gflops_per_s", perSecond(work.flops, work) / 1e9},
          {"gb_per_s", perSecond(work.bytes, work) / 1e9},
          {"of_limit", shareOf(work, limits)}};
}

Json stepsJson(const std::vector<Step> &steps) {
  Json list = Json::array();
  std::vector<std::string> layers = layersOf(steps);
  for (size_t i = 0; i < steps.size(); ++i)
    list.push_back({{"layer", layers[i]},
                    {"phase", steps[i].phase},
                    {"what", steps[i].what},
                    {"source", steps[i].source},
                    {"begin_ms", steps[i].begin * 1e3},
                    {"ms", steps[i].seconds * 1e3},
                    {"flops", steps[i].flops},
                    {"bytes", steps[i].bytes}});
  return list;
}

} // namespace

std::string profileText(const RunProfile &profile, const Model &model,
                        const Limits &limits) {
  std::vector<LayerWork> layers = byLayer(profile.ranks);
  std::vector<PhaseWork> phases = byPhase(layers);
  double total = secondsOf(phases);
  std::string text =
      format("%-6s %-12s %9s %6s %9s %8s %8s\n", "layer", "phase", "ms", "time",
             "GFLOP/s", "GB/s", "of limit");
  for (const LayerWork &layer : layers)
    for (const PhaseWork &part : layer.phases)
      text += row(layer.layer, part, total, limits);
  text += "\n";
  for (const PhaseWork &part : phases)
    text += row("total", part, total, limits);
  text += format("%-6s %-12s %9.3f\n\n", "total", "", total * 1e3);
  text += timingText(profile.timing, model) + "\n";
  text += format("limits: %.0f GFLOP/s in f32, %.1f GB/s from memory, measured "
                 "now; bf16 weights on AMX may pass the first, data in a cache "
                 "the second\n",
                 limits.flops / 1e9, limits.bytes / 1e9);
  return text;
}

std::string profileJson(const RunProfile &profile, const Model &model,
                        const Limits &limits, const std::string &dataSet) {
  std::vector<LayerWork> layers = byLayer(profile.ranks);
  Json json = Json::parse(timingJson(profile.timing, model, dataSet));
  json["limits"] = {{"gflops_per_s", limits.flops / 1e9},
                    {"gb_per_s", limits.bytes / 1e9}};
  json["phases"] = Json::array();
  for (const PhaseWork &part : byPhase(layers))
    json["phases"].push_back(phaseJson(part, limits));
  json["layers"] = Json::array();
  for (const LayerWork &layer : layers) {
    Json phases = Json::array();
    for (const PhaseWork &part : layer.phases)
      phases.push_back(phaseJson(part, limits));
    json["layers"].push_back(
        {{"layer", layer.layer}, {"phases", std::move(phases)}});
  }
  json["steps"] = Json::array();
  for (const std::vector<Step> &steps : profile.ranks)
    json["steps"].push_back(stepsJson(steps));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void writeTrace(const std::string &path, const RunProfile &profile) {
  Json events = Json::array();
  for (size_t rank = 0; rank < profile.ranks.size(); ++rank) {
    events.push_back({{"name", "process_name"},
                      {"ph", "M"},
                      {"pid", rank},
                      {"tid", 0},
                      {"args", {{"name", rt::concat("rank ", rank)}}}});
    Json steps = stepsJson(profile.ranks[rank]);
    for (size_t i = 0; i < steps.size(); ++i) {
      const Step &step = profile.ranks[rank][i];
      events.push_back({{"name", step.what},
                        {"cat", step.phase},
                        {"ph", "X"},
                        {"ts", step.begin * 1e6},
                        {"dur", step.seconds * 1e6},
                        {"pid", rank},
                        {"tid", 0},
                        {"args", std::move(steps[i])}});
    }
  }
  Json trace = {{"displayTimeUnit", "ms"}, {"traceEvents", std::move(events)}};
  std::ofstream file(path, std::ios::binary);
  file << trace.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n";
  if (!file.flush())
    rt::fail("cannot write the trace ", path);
}

} // namespace moec::run
