//===- Run.cpp - What moe-run does ----------------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Run.h"

#include "Compare.h"
#include "Model.h"
#include "Npy.h"
#include "Options.h"
#include "ProfileReport.h"
#include "TestData.h"
#include "Timing.h"

#include <filesystem>
#include <iostream>
#include <set>

namespace moec::run {

namespace {

/// Where text for people goes: out of the way of JSON.
std::ostream &textOf(const Options &options) {
  return options.json ? std::cerr : std::cout;
}

void printProfile(const Options &options, Model &model,
                  const std::vector<HostTensor> &inputs,
                  const std::string &dataSet) {
  constexpr int64_t usualRuns = 10;
  int64_t runs = options.repeat ? options.repeat : usualRuns;
  RunProfile profile = profileRuns(model, inputs, runs, options.warmup);
  if (!options.trace.empty())
    writeTrace(options.trace, profile);
  if (!options.profile)
    return;
  Limits limits = measureLimits(model);
  if (options.json)
    std::cout << profileJson(profile, model, limits, dataSet) << std::endl;
  else
    std::cout << profileText(profile, model, limits) << std::flush;
}

void printTiming(const Options &options, Model &model,
                 const std::vector<HostTensor> &inputs,
                 const std::string &dataSet) {
  if (options.profile || !options.trace.empty())
    printProfile(options, model, inputs, dataSet);
  if (options.profile || options.repeat == 0)
    return;
  Timing timing = timeRuns(model, inputs, options.repeat, options.warmup);
  if (options.json)
    std::cout << timingJson(timing, model, dataSet) << std::endl;
  else
    std::cout << timingText(timing, model) << std::endl;
}

/// A name of ours for the file of an output; two outputs never share one.
std::string fileNameOf(std::string name, std::set<std::string> &taken) {
  for (char &c : name)
    if (c == '/' || c == '\0')
      c = '_';
  if (name.empty() || name.front() == '.')
    name = "_" + name;
  while (!taken.insert(name).second)
    name += "_";
  return name + ".npy";
}

void writeOutputs(const Options &options, const Model &model) {
  std::set<std::string> taken;
  std::error_code error;
  if (!options.outputDir.empty())
    std::filesystem::create_directories(options.outputDir, error);
  if (error)
    fail("cannot make ", options.outputDir, ": ", error.message());
  for (size_t i = 0; i < model.outputs().size(); ++i) {
    moe_rt_tensor tensor = model.output(static_cast<int64_t>(i));
    std::ostream &text = textOf(options);
    text << tensor.name << "  " << rt::nameOf(tensor.type)
         << rt::shapeText({tensor.shape, static_cast<size_t>(tensor.rank)});
    if (!options.outputDir.empty()) {
      std::string path = (std::filesystem::path(options.outputDir) /
                          fileNameOf(tensor.name, taken))
                             .string();
      writeNpy(path, tensor);
      text << "  " << path;
      if (tensor.type == MOE_RT_BF16)
        text << " (bf16 as uint16)";
    }
    text << "\n";
  }
}

int runInputs(const Options &options, Model &model) {
  std::vector<HostTensor> inputs;
  for (const auto &[name, file] : options.inputs) {
    int64_t index = indexOf(model.inputs(), name);
    if (index < 0)
      fail("the model has no input '", name,
           "'; its inputs are: ", namesOf(model.inputs()));
    inputs.push_back(readNpy(file, name, model.inputs()[index].type));
  }
  model.run(inputs);
  writeOutputs(options, model);
  printTiming(options, model, inputs, "");
  return 0;
}

/// True if every output of the set is close enough.
bool runDataSet(const Options &options, Model &model,
                const std::string &folder) {
  DataSet set = readDataSet(folder, model);
  model.run(set.inputs);
  std::ostream &text = textOf(options);
  text << folder << "\n";
  bool passed = true;
  for (const auto &[index, expected] : set.outputs) {
    Comparison comparison = compare(model.output(index), expected.view());
    bool close = comparison.error <= options.tolerance;
    passed = passed && close;
    text << "  " << expected.name << "  " << comparison.text
         << (close ? "" : "  MISMATCH") << "\n";
  }
  printTiming(options, model, set.inputs, folder);
  return passed;
}

int runTestData(const Options &options, Model &model) {
  int64_t passed = 0, total = 0;
  for (const std::string &folder : findDataSets(options.testData)) {
    passed += runDataSet(options, model, folder);
    ++total;
  }
  textOf(options) << passed << " of " << total << " data sets within "
                  << options.tolerance << "\n";
  return passed == total ? 0 : 1;
}

} // namespace

int moeRun(const std::vector<std::string> &arguments) {
  try {
    Options options = parseOptions(arguments);
    if (options.help) {
      std::cout << usageText;
      return 0;
    }
    Model model(options.artifact, options.verify,
                {options.threads, options.timeout});
    return options.testData.empty() ? runInputs(options, model)
                                    : runTestData(options, model);
  } catch (const UsageError &error) {
    std::cerr << "moe-run: " << error.what() << "\n";
    return 2;
  } catch (const std::exception &error) {
    std::cerr << "moe-run: " << error.what() << "\n";
    return 1;
  }
}

} // namespace moec::run
