#include "driver/Report.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace llvm;
using namespace moec::driver;

static std::string megabytes(int64_t bytes) {
  return formatv("{0:F1} MB", static_cast<double>(bytes) * 1e-6).str();
}

static std::string printText(StringRef what, const Decision &decision) {
  if (decision.strategy.empty())
    return "";
  return formatv("            {0,-10}{1}: {2:E2} s, without {3:E2} s, bound "
                 "{4:E2} s ({5})\n",
                 what, decision.strategy, decision.cost, decision.without,
                 decision.bound, decision.reason)
      .str();
}

static json::Value toJson(const Decision &decision) {
  if (decision.strategy.empty())
    return nullptr;
  return json::Object{{"strategy", decision.strategy},
                      {"objective_s", decision.cost},
                      {"without_s", decision.without},
                      {"bound_s", decision.bound},
                      {"reason", decision.reason}};
}

static std::string printText(const Report &report) {
  std::string text;
  raw_string_ostream stream(text);
  stream << "model       " << report.model << "\n"
         << "MoE layers  " << report.layers.size() << " recognised\n"
         << "placement   " << report.ranks
         << (report.ranks == 1 ? " rank\n" : " ranks\n") << "program     "
         << megabytes(report.programBytes) << ", " << report.functions
         << " functions\n"
         << "weights     " << megabytes(report.weightBytes) << "\n";
  for (const LayerReport &layer : report.layers)
    stream << formatv("layer {0,-5} form {1}, {2} experts in {3} slots\n",
                      layer.layer, layer.form, layer.experts, layer.slots)
           << printText("placement", layer.placement)
           << printText("order", layer.order);
  for (const PhaseTime &time : report.times)
    stream << "time        "
           << formatv("{0,-10} {1:F2} s\n", time.phase, time.seconds);
  return text;
}

static std::string printJson(const Report &report) {
  json::Object times;
  for (const PhaseTime &time : report.times)
    times[time.phase] = time.seconds;
  json::Array layers;
  for (const LayerReport &layer : report.layers)
    layers.push_back(json::Object{{"layer", layer.layer},
                                  {"form", layer.form},
                                  {"experts", layer.experts},
                                  {"slots", layer.slots},
                                  {"placement", toJson(layer.placement)},
                                  {"order", toJson(layer.order)}});
  json::Object object{{"model", report.model},
                      {"ranks", report.ranks},
                      {"moe_layers", report.layers.size()},
                      {"layers", std::move(layers)},
                      {"functions", report.functions},
                      {"program_bytes", report.programBytes},
                      {"weight_bytes", report.weightBytes},
                      {"seconds", std::move(times)}};
  return formatv("{0:2}\n", json::Value(std::move(object))).str();
}

std::string moec::driver::print(const Report &report, ReportForm form) {
  switch (form) {
  case ReportForm::None:
    return "";
  case ReportForm::Text:
    return printText(report);
  case ReportForm::Json:
    return printJson(report);
  }
  llvm_unreachable("unknown form");
}
