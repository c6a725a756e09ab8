//===- Model.cpp - An artifact ready to run -------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Model.h"

namespace moec::run {

namespace {
void check(moe_rt_status *status) {
  if (!status)
    return;
  std::string message = moe_rt_status_message(status);
  moe_rt_status_free(status);
  throw Error(message);
}
} // namespace

Model::Model(const std::string &path, bool verify,
             const moe_rt_options &options) {
  moe_rt_artifact *opened = nullptr;
  check(moe_rt_artifact_open(path.c_str(), verify, &opened));
  artifact.reset(opened);
  moe_rt_session *created = nullptr;
  check(moe_rt_session_create(opened, &options, &created));
  session.reset(created);
  inputList.resize(moe_rt_artifact_inputs(opened));
  for (size_t i = 0; i < inputList.size(); ++i)
    check(moe_rt_artifact_input(opened, i, &inputList[i]));
  outputList.resize(moe_rt_artifact_outputs(opened));
  for (size_t i = 0; i < outputList.size(); ++i)
    check(moe_rt_artifact_output(opened, i, &outputList[i]));
}

void Model::run(const std::vector<HostTensor> &tensors) {
  std::vector<moe_rt_tensor> views;
  for (const HostTensor &tensor : tensors)
    views.push_back(tensor.view());
  check(moe_rt_session_run(session.get(), views.data(),
                           static_cast<int64_t>(views.size())));
}

moe_rt_tensor Model::output(int64_t index) const {
  moe_rt_tensor tensor = {};
  check(moe_rt_session_output(session.get(), index, &tensor));
  return tensor;
}

void Model::setProfiling(bool on) {
  check(moe_rt_session_set_profiling(session.get(), on));
}

std::span<const moe_rt_profile_step> Model::profile(int64_t rank) const {
  const moe_rt_profile_step *steps = nullptr;
  int64_t count = 0;
  check(moe_rt_session_profile(session.get(), rank, &steps, &count));
  return {steps, static_cast<size_t>(count)};
}

int64_t indexOf(const std::vector<moe_rt_signature> &signatures,
                const std::string &name) {
  for (size_t i = 0; i < signatures.size(); ++i)
    if (signatures[i].name == name)
      return static_cast<int64_t>(i);
  return -1;
}

std::string namesOf(const std::vector<moe_rt_signature> &signatures) {
  std::string names;
  for (const moe_rt_signature &signature : signatures)
    names += rt::concat(names.empty() ? "" : ", ", signature.name);
  return names.empty() ? "none" : names;
}

} // namespace moec::run
