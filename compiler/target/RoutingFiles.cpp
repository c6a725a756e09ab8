#include "target/Routing.h"
#include "target/TextFile.h"

#include <fmt/format.h>

#include <algorithm>

using namespace moec;
using namespace moec::target;

/// A log has an object in its first line and another in its second; a JSON
/// document on one line has nothing behind it.
static bool isLog(std::string_view text) {
  size_t end = text.find('\n');
  if (end == std::string_view::npos)
    return text.find("\"topk_ids\"") != std::string_view::npos;
  std::string_view first = text.substr(0, end);
  size_t last = first.find_last_not_of(" \t\r");
  size_t next = text.find_first_not_of(" \t\r\n", end);
  return last != std::string_view::npos && first[last] == '}' &&
         (next != std::string_view::npos
              ? text[next] == '{'
              : first.find("\"topk_ids\"") != std::string_view::npos);
}

Result<RoutingFile> moec::target::parseRouting(std::string bytes,
                                               const std::string &file,
                                               const RoutingOptions &options) {
  if (bytes.starts_with("\x93NUMPY"))
    return parseIdArray(bytes, file, options);
  if (isLog(bytes))
    return parseRouteLog(bytes, file, options);
  return parseCounts(std::move(bytes), file);
}

Result<RoutingFile> moec::target::readRouting(const std::string &path,
                                              const RoutingOptions &options) {
  Result<std::string> bytes = readFile(path);
  if (!bytes)
    return bytes.error();
  return parseRouting(std::move(*bytes), path, options);
}

/// Appends the steps of `from`; ids only stay where both have them.
static void append(plan::LayerRouting &to, const plan::LayerRouting &from) {
  to.experts = std::max(to.experts, from.experts);
  bool sameIds = to.topK == from.topK && !to.ids.empty() && !from.ids.empty();
  if (sameIds) {
    to.ids.insert(to.ids.end(), from.ids.begin(), from.ids.end());
  } else {
    to.ids.clear();
    to.topK = to.topK == from.topK ? to.topK : 0;
  }
  to.stepLoads.insert(to.stepLoads.end(), from.stepLoads.begin(),
                      from.stepLoads.end());
}

Result<RoutingFile>
moec::target::concatenate(const std::vector<RoutingFile> &files) {
  if (files.empty())
    return FileError{"", 0, 0, "", "no routing file given"};
  RoutingFile result = files.front();
  for (size_t i = 1; i < files.size(); ++i) {
    const plan::RoutingTrace &next = files[i].trace;
    if (next.layers.size() != result.trace.layers.size())
      return FileError{"", 0, 0, "",
                       fmt::format("routing file {} has {} layers, the first "
                                   "has {}; give files of one model",
                                   i + 1, next.layers.size(),
                                   result.trace.layers.size())};
    for (size_t l = 0; l < next.layers.size(); ++l) {
      if (next.layers[l].layer != result.trace.layers[l].layer)
        return FileError{"", 0, 0, "",
                         fmt::format("routing file {} has layer {} where the "
                                     "first has layer {}; give files of one "
                                     "model",
                                     i + 1, next.layers[l].layer,
                                     result.trace.layers[l].layer)};
      append(result.trace.layers[l], next.layers[l]);
    }
    result.warnings.insert(result.warnings.end(), files[i].warnings.begin(),
                           files[i].warnings.end());
  }
  // Files of ids know their experts by the largest id only.
  for (plan::LayerRouting &layer : result.trace.layers)
    for (std::vector<int64_t> &loads : layer.stepLoads)
      loads.resize(layer.experts, 0);
  return result;
}
