//===- TestSession.cpp - The C interface with values ----------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "support/TestSession.h"

#include <stdexcept>

namespace moec::test {

std::string take(moe_rt_status *status) {
  std::string message = moe_rt_status_message(status);
  moe_rt_status_free(status);
  return message;
}

TestSession::TestSession(const std::filesystem::path &path,
                         moe_rt_options options, bool verify) {
  error = take(moe_rt_artifact_open(path.c_str(), verify, &artifact));
  if (error.empty())
    error = take(moe_rt_session_create(artifact, &options, &session));
}

TestSession::~TestSession() {
  // In this order, to show that a session outlives the artifact's handle.
  moe_rt_artifact_close(artifact);
  moe_rt_session_close(session);
}

std::string TestSession::run(const std::vector<FloatInput> &inputs) {
  std::vector<moe_rt_tensor> tensors;
  for (const FloatInput &input : inputs)
    tensors.push_back({input.name.c_str(), input.type,
                       static_cast<int64_t>(input.shape.size()),
                       input.shape.data(), input.values.data()});
  return take(moe_rt_session_run(session, tensors.data(),
                                 static_cast<int64_t>(tensors.size())));
}

moe_rt_tensor TestSession::tensor(int64_t index) const {
  moe_rt_tensor output = {};
  std::string error = take(moe_rt_session_output(session, index, &output));
  if (!error.empty())
    throw std::runtime_error(error);
  return output;
}

std::vector<int64_t> TestSession::shape(int64_t index) const {
  moe_rt_tensor output = tensor(index);
  return std::vector<int64_t>(output.shape, output.shape + output.rank);
}

} // namespace moec::test
