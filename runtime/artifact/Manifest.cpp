//===- Manifest.cpp - What manifest.json says -----------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "artifact/Manifest.h"

#include "support/Error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <set>

namespace moec::rt {

using nlohmann::json;

namespace {

constexpr int64_t largestRankCount = 1 << 16;

/// A value and the key it stands under, for messages.
class Node {
public:
  Node(const json &value, std::string path)
      : value(&value), path(std::move(path)) {}

  std::optional<Node> find(const char *key) const {
    if (!value->is_object())
      wrong("an object");
    auto found = value->find(key);
    if (found == value->end())
      return std::nullopt;
    return Node(*found, path.empty() ? key : path + "." + key);
  }
  Node at(const char *key) const {
    if (auto found = find(key))
      return *found;
    fail(path.empty() ? "the manifest" : path, " has no '", key, "'");
  }
  std::vector<Node> items() const {
    if (!value->is_array())
      wrong("a list");
    std::vector<Node> nodes;
    for (size_t i = 0; i < value->size(); ++i)
      nodes.emplace_back((*value)[i], concat(path, "[", i, "]"));
    return nodes;
  }
  bool isNull() const { return value->is_null(); }
  bool isString() const { return value->is_string(); }
  std::string string() const {
    if (!value->is_string())
      wrong("a string");
    return value->get<std::string>();
  }
  /// In 0 ... limit.
  int64_t integer(int64_t limit = INT64_MAX) const {
    if (!value->is_number_unsigned() ||
        value->get<uint64_t>() > static_cast<uint64_t>(limit))
      wrong(concat("an integer from 0 to ", limit));
    return value->get<int64_t>();
  }
  moe_rt_type type() const {
    auto known = elementTypeNamed(string());
    if (!known)
      wrong("an element type");
    return *known;
  }
  const json &raw() const { return *value; }
  [[noreturn]] void wrong(const std::string &expected) const {
    std::string text =
        value->dump(-1, ' ', false, json::error_handler_t::replace);
    if (text.size() > 60)
      text = text.substr(0, 60) + "...";
    fail(path.empty() ? "the manifest" : path, " must be ", expected, ", not ",
         text);
  }

private:
  const json *value;
  std::string path;
};

void checkVersion(const Node &root, const char *key, int64_t known) {
  int64_t found = root.at(key).integer();
  if (found != known)
    fail(key, " is ", found, " but this runtime reads ", known,
         "; compile the model again with the moe-compile of this runtime");
}

TensorSignature readSignature(const Node &node) {
  TensorSignature tensor;
  tensor.name = node.at("name").string();
  tensor.type = node.at("type").type();
  for (const Node &size : node.at("shape").items()) {
    bool symbolic = size.isString();
    tensor.shape.push_back(symbolic ? -1 : size.integer());
    tensor.symbols.push_back(symbolic ? size.string() : "");
  }
  return tensor;
}

std::vector<TensorSignature> readSignatures(const Node &list) {
  std::vector<TensorSignature> tensors;
  std::set<std::string> names;
  for (const Node &node : list.items()) {
    tensors.push_back(readSignature(node));
    if (!names.insert(tensors.back().name).second)
      node.wrong("named differently from the others");
  }
  return tensors;
}

WeightSignature readWeight(const Node &node) {
  WeightSignature weight;
  weight.name = node.at("name").string();
  weight.type = node.at("type").type();
  for (const Node &size : node.at("shape").items()) {
    if (size.isNull() && weight.shape.empty())
      weight.differsByRank = true;
    weight.shape.push_back(
        size.isNull() && weight.shape.empty() ? -1 : size.integer());
  }
  return weight;
}

void readProgram(const Node &node, Manifest &manifest) {
  manifest.programFile = node.at("file").string();
  for (const Node &entry : node.at("entries").items())
    manifest.entries.push_back(
        {entry.at("isa").string(), entry.at("symbol").string()});
}

void readWeightFiles(const Node &list, Manifest &manifest) {
  for (const Node &node : list.items()) {
    WeightFile file{node.at("file").string(), std::nullopt};
    if (Node rank = node.at("rank"); !rank.isNull())
      file.rank = rank.integer(manifest.ranks - 1);
    manifest.weightFiles.push_back(std::move(file));
  }
}

/// The position of the tensor of this name.
size_t findTensor(const std::vector<TensorSignature> &tensors, const Node &name,
                  const char *what) {
  std::string wanted = name.string();
  auto found = std::find_if(
      tensors.begin(), tensors.end(),
      [&](const TensorSignature &tensor) { return tensor.name == wanted; });
  if (found == tensors.end())
    name.wrong(what);
  return found - tensors.begin();
}

void readDecodeState(const Node &list, Manifest &manifest) {
  for (const Node &node : list.items()) {
    DecodeState state;
    state.inputIndex =
        findTensor(manifest.inputs, node.at("input"), "the name of an input");
    state.outputIndex = findTensor(manifest.outputs, node.at("output"),
                                   "the name of an output");
    const TensorSignature &input = manifest.inputs[state.inputIndex];
    if (auto axis = node.find("kept_along")) {
      state.keptAlong =
          axis->integer(static_cast<int64_t>(input.shape.size()) - 1);
      if (manifest.keptStates() != manifest.decodeState.size())
        axis->wrong("given for the first states");
      if (manifest.outputs[state.outputIndex].shape.size() !=
          input.shape.size())
        axis->wrong("given only where input and output have the same rank");
    }
    manifest.decodeState.push_back(std::move(state));
  }
}

} // namespace

size_t Manifest::keptStates() const {
  return std::count_if(
      decodeState.begin(), decodeState.end(),
      [](const DecodeState &state) { return state.keptAlong.has_value(); });
}

std::string TensorSignature::text() const {
  std::string text = concat(nameOf(type), "[");
  for (size_t i = 0; i < shape.size(); ++i)
    text += concat(i ? ", " : "",
                   shape[i] < 0 ? symbols[i] : std::to_string(shape[i]));
  return text + "]";
}

bool isIdentifier(std::string_view symbol) {
  auto isLetter = [](unsigned char c) { return std::isalpha(c) || c == '_'; };
  return !symbol.empty() && isLetter(symbol.front()) &&
         std::all_of(symbol.begin(), symbol.end(), [&](unsigned char c) {
           return isLetter(c) || std::isdigit(c);
         });
}

Manifest parseManifest(std::string_view text) {
  json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded())
    fail("the manifest is not JSON");
  Node root(document, "");
  if (Node format = root.at("format"); format.string() != "moec-artifact")
    format.wrong("\"moec-artifact\"");
  checkVersion(root, "format_version", Manifest::formatVersion);
  checkVersion(root, "abi_version", Manifest::abiVersion);

  Manifest manifest;
  manifest.name = root.at("name").string();
  manifest.ranks = root.at("ranks").integer(largestRankCount);
  if (manifest.ranks < 1)
    root.at("ranks").wrong("at least 1");
  readProgram(root.at("program"), manifest);
  manifest.inputs = readSignatures(root.at("inputs"));
  manifest.outputs = readSignatures(root.at("outputs"));
  for (const Node &node : root.at("weights").items())
    manifest.weights.push_back(readWeight(node));
  readWeightFiles(root.at("weight_files"), manifest);
  if (auto states = root.find("decode_state"))
    readDecodeState(*states, manifest);
  Node sums = root.at("checksums");
  for (const auto &[file, sum] : sums.raw().items())
    manifest.checksums[file] = sums.at(file.c_str()).string();
  return manifest;
}

} // namespace moec::rt
