#include "BenchTraces.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <queue>
#include <sstream>

using namespace moec::bench;
using moec::plan::LayerRouting;
using moec::plan::RoutingTrace;

std::string moec::bench::sharedFolder() {
  if (const char *folder = std::getenv("MOEC_SHARED"))
    return folder;
  for (std::string up : {"../shared", "../../shared", "../../../shared"})
    if (std::filesystem::exists(up + "/data"))
      return up;
  return {};
}

static std::string slurp(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TokenIds moec::bench::readIds(const std::string &path) {
  std::string bytes = slurp(path);
  TokenIds result;
  if (bytes.size() < 10)
    return result;
  size_t header = 10 + static_cast<uint8_t>(bytes[8]) +
                  256 * static_cast<uint8_t>(bytes[9]);
  std::stringstream shape(bytes.substr(bytes.find('(') + 1));
  char comma;
  shape >> result.tokens >> comma >> result.layers >> comma >> result.k;
  result.ids.assign(bytes.begin() + static_cast<int64_t>(header), bytes.end());
  return result;
}

TokenIds moec::bench::readStackedIds(const std::string &path, int64_t outer,
                                     int64_t layers, int64_t inner, int64_t k) {
  const TokenIds raw = readIds(path);
  TokenIds result{outer * inner, layers, k, {}};
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i)
      for (int64_t l = 0; l < layers; ++l) {
        auto from = raw.ids.begin() + ((o * layers + l) * inner + i) * k;
        result.ids.insert(result.ids.end(), from, from + k);
      }
  return result;
}

static int64_t numberAfter(const std::string &text, const std::string &key,
                           size_t from) {
  return std::strtoll(text.c_str() + text.find(key, from) + key.size(), nullptr,
                      10);
}

std::vector<Sequence> moec::bench::readSequences(const std::string &index,
                                                 const std::string &shard) {
  std::string text = slurp(index), key = "\"shard\":\"" + shard + "\"";
  std::vector<Sequence> result;
  for (size_t at = text.find(key); at != std::string::npos;
       at = text.find(key, at + 1))
    result.push_back({numberAfter(text, "\"offset\":", at),
                      numberAfter(text, "\"tokens\":", at)});
  return result;
}

/// The trace of the tokens in the given order.
static RoutingTrace traceOf(const TokenIds &ids,
                            const std::vector<int64_t> &order, int64_t experts,
                            int64_t batch) {
  RoutingTrace trace;
  for (int64_t l = 0; l < ids.layers; ++l) {
    LayerRouting layer{l, experts, ids.k, {}, {}};
    for (int64_t token : order)
      for (int64_t i = 0; i < ids.k; ++i)
        if (uint8_t id = ids.ids[(token * ids.layers + l) * ids.k + i];
            id == 255)
          layer.ids.push_back(-1);
        else
          layer.ids.push_back(id);
    trace.layers.push_back(std::move(layer));
  }
  groupIntoSteps(trace, batch);
  return trace;
}

RoutingTrace moec::bench::consecutiveSteps(const TokenIds &ids, int64_t experts,
                                           int64_t batch) {
  std::vector<int64_t> order(ids.tokens);
  for (int64_t t = 0; t < ids.tokens; ++t)
    order[t] = t;
  return traceOf(ids, order, experts, batch);
}

RoutingTrace moec::bench::decodeSteps(const TokenIds &ids,
                                      const std::vector<Sequence> &sequences,
                                      int64_t experts, int64_t batch) {
  std::vector<Sequence> place(batch);
  std::vector<int64_t> order;
  size_t next = 0;
  while (true) {
    std::vector<int64_t> step;
    for (Sequence &s : place) {
      if (s.tokens == 0 && next < sequences.size())
        s = sequences[next++];
      if (s.tokens > 0) {
        step.push_back(s.offset++);
        --s.tokens;
      }
    }
    // Once the queue is empty, places idle: the tail is no full batch.
    if (static_cast<int64_t>(step.size()) < batch)
      break;
    order.insert(order.end(), step.begin(), step.end());
  }
  return traceOf(ids, order, experts, batch);
}

static std::vector<int64_t> numbers(const std::string &commaSeparated) {
  std::stringstream row(commaSeparated);
  std::vector<int64_t> result;
  for (std::string cell; std::getline(row, cell, ',');)
    result.push_back(static_cast<int64_t>(std::stod(cell)));
  return result;
}

std::vector<RoutingTrace> moec::bench::readDomains(const std::string &path) {
  const std::string text = slurp(path), key = "\"expert_counts\":";
  std::vector<RoutingTrace> result;
  for (size_t at = text.find(key); at != std::string::npos;
       at = text.find(key, at + 1)) {
    RoutingTrace domain;
    // counts: [[...],[...],[...]]
    size_t row = text.find("\"counts\":[[", at) + 10;
    for (int64_t l = 0; text[row] == '['; ++l) {
      size_t end = text.find(']', row);
      std::vector<int64_t> loads = numbers(text.substr(row + 1, end - row - 1));
      domain.layers.push_back(
          {l, static_cast<int64_t>(loads.size()), 0, {loads}, {}});
      row = end + 2;
    }
    result.push_back(std::move(domain));
  }
  return result;
}

RoutingTrace moec::bench::readCalls(const std::string &path, int64_t experts) {
  std::ifstream file(path);
  LayerRouting layer{0, experts, 0, {}, {}};
  std::string line;
  std::getline(file, line); // what the log is about
  const std::string key = "\"topk_ids\": [";
  while (std::getline(file, line)) {
    if (line.find("\"token_idx\": 0,") != std::string::npos)
      layer.stepLoads.emplace_back(experts, 0);
    size_t begin = line.find(key) + key.size();
    std::vector<int64_t> ids =
        numbers(line.substr(begin, line.find(']', begin) - begin));
    layer.topK = static_cast<int64_t>(ids.size());
    for (int64_t id : ids) {
      layer.ids.push_back(static_cast<int32_t>(id));
      ++layer.stepLoads.back()[id];
    }
  }
  return {{layer}};
}

std::vector<GptOssTrace> moec::bench::gptOssTraces() {
  const std::string folder = sharedFolder() + "/data/routing/gpt-oss-20b/";
  std::vector<GptOssTrace> result;
  for (std::string set :
       {"gpqa_diamond", "gpqa_main", "mmlu_pro_validation", "mmlu_validation",
        "sorry_bench_base", "tulu3_persona_if"}) {
    TokenIds ids = readIds(folder + "ids_" + set + ".npy");
    std::vector<Sequence> sequences =
        readSequences(folder + "index.json", "ids_" + set + ".npy");
    const int64_t places =
        std::clamp<int64_t>(static_cast<int64_t>(sequences.size()) / 4, 2, 64);
    result.push_back({set, places, consecutiveSteps(ids, 32, 64),
                      decodeSteps(ids, sequences, 32, places)});
  }
  return result;
}

RoutingTrace moec::bench::readCounts(const std::string &path) {
  std::string text = slurp(path);
  RoutingTrace trace;
  size_t at = text.find('[');
  for (int64_t l = 0; (at = text.find('[', at + 1)) != std::string::npos; ++l) {
    std::vector<int64_t> loads =
        numbers(text.substr(at + 1, text.find(']', at) - at - 1));
    if (std::accumulate(loads.begin(), loads.end(), int64_t{0}) > 0)
      trace.layers.push_back(
          {l, static_cast<int64_t>(loads.size()), 0, {loads}, {}});
  }
  return trace;
}

static double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<double> moec::bench::relativeMedians(const std::string &path,
                                                 const std::string &value,
                                                 const std::string &group) {
  std::stringstream text(slurp(path));
  auto fields = [](const std::string &line) {
    std::vector<std::string> result;
    std::stringstream row(line.substr(0, line.find('\r')));
    for (std::string cell; std::getline(row, cell, ',');)
      result.push_back(cell);
    return result;
  };
  std::string line;
  std::getline(text, line);
  std::vector<std::string> names = fields(line);
  size_t v = std::find(names.begin(), names.end(), value) - names.begin();
  size_t g = std::find(names.begin(), names.end(), group) - names.begin();
  std::map<std::string, std::vector<double>> groups;
  while (std::getline(text, line)) {
    std::vector<std::string> row = fields(line);
    if (row.size() > std::max(v, g) && !row[v].empty())
      groups[row[g]].push_back(std::stod(row[v]));
  }
  std::vector<double> medians;
  for (auto &[name, values] : groups)
    medians.push_back(median(values));
  double all = median(medians);
  for (double &m : medians)
    m /= all;
  return medians;
}
