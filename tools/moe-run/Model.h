//===- Model.h - An artifact ready to run ---------------------------------===//
//
// Part of moec. The C interface of the runtime with owners and exceptions.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_MODEL_H
#define MOEC_TOOLS_MOERUN_MODEL_H

#include "HostTensor.h"

#include <memory>
#include <span>

namespace moec::run {

class Model {
public:
  /// Throws Error.
  Model(const std::string &path, bool verify, const moe_rt_options &options);

  int64_t ranks() const { return moe_rt_artifact_ranks(artifact.get()); }
  int64_t threadsPerRank() const {
    return moe_rt_session_threads_per_rank(session.get());
  }
  /// Borrowed from the model.
  const std::vector<moe_rt_signature> &inputs() const { return inputList; }
  const std::vector<moe_rt_signature> &outputs() const { return outputList; }

  /// Throws Error.
  void run(const std::vector<HostTensor> &tensors);
  /// Of the last run; borrowed until the next one. Throws Error.
  moe_rt_tensor output(int64_t index) const;

  /// Whether the following runs keep a profile. Throws Error.
  void setProfiling(bool on);
  /// Of `rank` in the last run; borrowed until the next one. Throws Error.
  std::span<const moe_rt_profile_step> profile(int64_t rank) const;

private:
  template <auto close> struct Closer {
    template <typename T> void operator()(T *handle) const { close(handle); }
  };
  std::unique_ptr<moe_rt_artifact, Closer<moe_rt_artifact_close>> artifact;
  std::unique_ptr<moe_rt_session, Closer<moe_rt_session_close>> session;
  std::vector<moe_rt_signature> inputList;
  std::vector<moe_rt_signature> outputList;
};

/// Index of the signature called `name`; -1: none.
int64_t indexOf(const std::vector<moe_rt_signature> &signatures,
                const std::string &name);

/// All names, separated by commas.
std::string namesOf(const std::vector<moe_rt_signature> &signatures);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_MODEL_H
