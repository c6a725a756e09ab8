//===- TestData.h - Data sets with expected outputs -----------------------===//
//
// Part of moec. ONNX backend-test layout: a folder with input_0.pb ... and
// output_0.pb ..., or with folders test_data_set_0 ... of that kind.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_TESTDATA_H
#define MOEC_TOOLS_MOERUN_TESTDATA_H

#include "Model.h"

#include <utility>

namespace moec::run {

struct DataSet {
  std::string folder;
  std::vector<HostTensor> inputs; ///< named as the model's inputs
  /// Index of the model's output, expected value.
  std::vector<std::pair<int64_t, HostTensor>> outputs;
};

/// The folders of data sets in `folder`, itself if it has no test_data_set_*.
/// Throws Error if there is no such folder.
std::vector<std::string> findDataSets(const std::string &folder);

/// A file's tensor belongs to the input (output) that its name field says, else
/// to the one whose index is the file's number. Throws Error: no or unreadable
/// files, a number the model does not have, two files for one tensor.
DataSet readDataSet(const std::string &folder, const Model &model);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_TESTDATA_H
