#include "codegen/Manifest.h"

#include "codegen/Isa.h"
#include "passes/lower/DecodeStates.h"
#include "passes/lower/ProgramEntry.h"

#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace moec;
using namespace moec::codegen;
using llvm::createStringError;
namespace json = llvm::json;

int64_t moec::codegen::rankCount(ModuleOp module) {
  auto ranks = module->getAttrOfType<IntegerAttr>("moe_rt.ranks");
  return ranks ? ranks.getInt() : 1;
}

/// Inputs or outputs: name, type, shape with symbols.
static llvm::Expected<json::Array> tensors(ModuleOp module, StringRef table) {
  json::Array result;
  auto entries = module->getAttrOfType<ArrayAttr>(table);
  if (!entries)
    return createStringError("the module has no " + table +
                             "; it needs a function @main");
  for (auto entry : entries.getAsRange<DictionaryAttr>()) {
    auto type = elementType(entry.getAs<TypeAttr>("type").getValue());
    if (!type)
      return type.takeError();
    json::Array shape;
    for (Attribute dim : entry.getAs<ArrayAttr>("dims")) {
      if (auto size = dyn_cast<IntegerAttr>(dim))
        shape.push_back(size.getInt());
      else
        shape.push_back(cast<StringAttr>(dim).getValue());
    }
    result.push_back(
        json::Object{{"name", entry.getAs<StringAttr>("name").getValue()},
                     {"type", type->manifest},
                     {"shape", std::move(shape)}});
  }
  return result;
}

static json::Array weightEntries(llvm::ArrayRef<Weight> weights) {
  json::Array result;
  for (const Weight &weight : weights) {
    json::Array shape(weight.stored);
    if (!weight.slots.empty())
      shape[0] = nullptr;
    result.push_back(json::Object{{"name", weight.name},
                                  {"type", weight.type.manifest},
                                  {"shape", std::move(shape)}});
  }
  return result;
}

/// Pairs of cache input and output, for generation; first those that the
/// session keeps, in the order of their numbers.
static json::Array decodeState(ModuleOp module, const json::Array &inputs,
                               const json::Array &outputs) {
  json::Array result;
  llvm::DenseSet<int64_t> kept;
  auto nameOf = [](const json::Value &tensor) {
    return *tensor.getAsObject()->getString("name");
  };
  if (auto states = module->getAttrOfType<ArrayAttr>(lower::kStates))
    for (auto state : states.getAsRange<DictionaryAttr>()) {
      auto number = [&](StringRef key) {
        return state.getAs<IntegerAttr>(key).getInt();
      };
      kept.insert(number("input"));
      result.push_back(
          json::Object{{"input", nameOf(inputs[number("input")])},
                       {"output", nameOf(outputs[number("output")])},
                       {"kept_along", number("axis")}});
    }
  for (auto [i, input] : llvm::enumerate(inputs)) {
    std::string wanted = lower::decodeStateOutput(nameOf(input));
    if (wanted.empty() || kept.contains(i))
      continue;
    for (const json::Value &output : outputs)
      if (nameOf(output) == wanted)
        result.push_back(
            json::Object{{"input", nameOf(input)}, {"output", wanted}});
  }
  return result;
}

static json::Object program(llvm::ArrayRef<Weight> weights) {
  json::Array entries;
  for (const Isa &isa : isaLevels(weights))
    entries.push_back(
        json::Object{{"isa", isa.name},
                     {"symbol", (lower::kProgramEntry + isa.suffix).str()}});
  return json::Object{{"file", "program.so"}, {"entries", std::move(entries)}};
}

llvm::Expected<std::string>
moec::codegen::manifestText(ModuleOp module, StringRef name, StringRef hardware,
                            llvm::ArrayRef<Weight> weights,
                            const ArtifactFiles &files) {
  auto inputs = tensors(module, "moe_rt.inputs");
  if (!inputs)
    return inputs.takeError();
  auto outputs = tensors(module, "moe_rt.outputs");
  if (!outputs)
    return outputs.takeError();
  json::Array weightFiles;
  for (const WeightFile &file : files.weightFiles)
    weightFiles.push_back(json::Object{
        {"file", file.file},
        {"rank", file.rank ? json::Value(*file.rank) : json::Value(nullptr)}});
  json::Object checksums;
  for (const auto &[file, checksum] : files.checksums)
    checksums[file] = checksum;
  auto hardwareValue = json::parse(hardware.empty() ? "{}" : hardware);
  if (!hardwareValue)
    return hardwareValue.takeError();
  json::Array states = decodeState(module, *inputs, *outputs);
  json::Object manifest{{"format", "moec-artifact"},
                        {"format_version", 1},
                        {"abi_version", 3},
                        {"name", name},
                        {"ranks", rankCount(module)},
                        {"program", program(weights)},
                        {"inputs", std::move(*inputs)},
                        {"outputs", std::move(*outputs)},
                        {"weights", weightEntries(weights)},
                        {"weight_files", std::move(weightFiles)},
                        {"hardware", std::move(*hardwareValue)},
                        {"checksums", std::move(checksums)}};
  if (!states.empty())
    manifest["decode_state"] = std::move(states);
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << llvm::formatv("{0:2}\n", json::Value(std::move(manifest)));
  return text;
}
