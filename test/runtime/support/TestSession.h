//===- TestSession.h - The C interface with values ------------------------===//
//
// Part of moec. Errors are strings, "" for success.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_RUNTIME_TESTSESSION_H
#define MOEC_TEST_RUNTIME_TESTSESSION_H

#include "moe_rt.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace moec::test {

/// The status' message; frees it.
std::string take(moe_rt_status *status);

struct FloatInput {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
  moe_rt_type type = MOE_RT_F32;
};

class TestSession {
public:
  /// `error` is what opening answered; nothing else may be called if it is not
  /// empty.
  explicit TestSession(const std::filesystem::path &artifact,
                       moe_rt_options options = {}, bool verify = true);
  TestSession(const TestSession &) = delete;
  TestSession &operator=(const TestSession &) = delete;
  ~TestSession();

  std::string run(const std::vector<FloatInput> &inputs);
  moe_rt_tensor tensor(int64_t index) const;
  template <typename T = float> std::vector<T> values(int64_t index) const {
    moe_rt_tensor output = tensor(index);
    int64_t count = 1;
    for (int64_t axis = 0; axis < output.rank; ++axis)
      count *= output.shape[axis];
    auto *data = static_cast<const T *>(output.data);
    return std::vector<T>(data, data + count);
  }
  std::vector<int64_t> shape(int64_t index) const;

  moe_rt_artifact *artifact = nullptr;
  moe_rt_session *session = nullptr;
  std::string error;
};

} // namespace moec::test

#endif // MOEC_TEST_RUNTIME_TESTSESSION_H
