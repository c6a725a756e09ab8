//===- TestData.cpp - Data sets with expected outputs ---------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "TestData.h"

#include "TensorFile.h"

#include <charconv>
#include <filesystem>
#include <map>
#include <set>

namespace moec::run {

namespace fs = std::filesystem;

namespace {

/// Paths in `folder` called `prefix` NUMBER `suffix`, by number.
std::map<int64_t, std::string> numbered(const std::string &folder,
                                        const std::string &prefix,
                                        const std::string &suffix) {
  std::map<int64_t, std::string> found;
  for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix) || !name.ends_with(suffix) ||
        name.size() <= prefix.size() + suffix.size())
      continue;
    int64_t number = -1;
    const char *end = name.data() + name.size() - suffix.size();
    auto [last, error] =
        std::from_chars(name.data() + prefix.size(), end, number);
    if (error == std::errc() && last == end && number >= 0)
      found[number] = entry.path().string();
  }
  return found;
}

/// Reads the files `prefix` NUMBER.pb as some of `signatures`.
std::vector<std::pair<int64_t, HostTensor>>
readTensors(const std::string &folder, const std::string &kind,
            const std::vector<moe_rt_signature> &signatures) {
  std::vector<std::pair<int64_t, HostTensor>> tensors;
  std::set<int64_t> taken;
  for (const auto &[number, path] : numbered(folder, kind + "_", ".pb")) {
    HostTensor tensor = readTensorFile(path);
    int64_t index = indexOf(signatures, tensor.name);
    if (index < 0)
      index = number;
    if (index >= static_cast<int64_t>(signatures.size()))
      fail(path, ": the model has no ", kind, " '", tensor.name, "' and no ",
           kind, " number ", number, "; its ", kind,
           "s are: ", namesOf(signatures));
    if (!taken.insert(index).second)
      fail(path, ": there is another file for ", kind, " '",
           signatures[index].name, "'");
    tensor.name = signatures[index].name;
    tensors.emplace_back(index, std::move(tensor));
  }
  return tensors;
}

} // namespace

std::vector<std::string> findDataSets(const std::string &folder) {
  if (!fs::is_directory(folder))
    fail(folder, ": there is no such folder");
  std::vector<std::string> folders;
  for (const auto &[number, path] : numbered(folder, "test_data_set_", ""))
    folders.push_back(path);
  if (folders.empty())
    folders.push_back(folder);
  return folders;
}

DataSet readDataSet(const std::string &folder, const Model &model) {
  DataSet set{folder, {}, readTensors(folder, "output", model.outputs())};
  for (auto &[index, tensor] : readTensors(folder, "input", model.inputs()))
    set.inputs.push_back(std::move(tensor));
  if (set.outputs.empty())
    fail(folder, ": there is no output_0.pb to compare with");
  return set;
}

} // namespace moec::run
