//===- Api.cpp - The C interface for embedders ----------------------------===//
//
// Part of moec. Turns handles into objects and errors into statuses.
//
//===----------------------------------------------------------------------===//

#include "include/moe_rt.h"

#include "session/Session.h"
#include "support/Error.h"

#include <new>

using namespace moec::rt;

struct moe_rt_status {
  std::string message;
};

struct moe_rt_artifact {
  std::shared_ptr<const Artifact> opened;
  /// moe_rt_signature::symbols of inputs, then outputs.
  std::vector<std::vector<const char *>> symbols;
};

struct moe_rt_session {
  Session session;
};

namespace {

/// Stands in for a status that cannot be allocated; never freed.
moe_rt_status outOfMemory{"out of memory"};

/// No exception passes the C interface.
template <typename Body> moe_rt_status *guard(Body body) {
  try {
    try {
      body();
      return nullptr;
    } catch (const std::bad_alloc &) {
      return &outOfMemory;
    } catch (const std::exception &error) {
      return new moe_rt_status{error.what()};
    }
  } catch (const std::bad_alloc &) {
    return &outOfMemory;
  }
}

void require(const void *pointer, const char *what) {
  if (!pointer)
    fail(what, " is NULL");
}

moe_rt_signature signatureAt(const moe_rt_artifact &artifact,
                             const std::vector<TensorSignature> &signatures,
                             size_t firstSymbols, int64_t index) {
  if (index < 0 || index >= static_cast<int64_t>(signatures.size()))
    fail("there is no tensor ", index, ", the model has ", signatures.size());
  const TensorSignature &signature = signatures[index];
  return {signature.name.c_str(), signature.type,
          static_cast<int64_t>(signature.shape.size()), signature.shape.data(),
          artifact.symbols[firstSymbols + index].data()};
}

} // namespace

extern "C" {

const char *moe_rt_status_message(const moe_rt_status *status) {
  return status ? status->message.c_str() : "";
}

void moe_rt_status_free(moe_rt_status *status) {
  if (status != &outOfMemory)
    delete status;
}

const char *moe_rt_type_name(moe_rt_type type) {
  return type >= 0 && type < elementTypeCount ? nameOf(type) : "unknown";
}

int64_t moe_rt_type_bytes(moe_rt_type type) {
  return type >= 0 && type < elementTypeCount ? bytesOf(type) : 0;
}

moe_rt_status *moe_rt_artifact_open(const char *path, int verify,
                                    moe_rt_artifact **artifact) {
  return guard([&] {
    require(path, "the path");
    require(artifact, "the artifact handle");
    auto handle = std::make_unique<moe_rt_artifact>();
    handle->opened = std::make_shared<const Artifact>(path, verify != 0);
    const Manifest &manifest = handle->opened->manifest();
    for (const auto *signatures : {&manifest.inputs, &manifest.outputs})
      for (const TensorSignature &signature : *signatures) {
        auto &symbols = handle->symbols.emplace_back();
        for (const std::string &symbol : signature.symbols)
          symbols.push_back(symbol.empty() ? nullptr : symbol.c_str());
      }
    *artifact = handle.release();
  });
}

void moe_rt_artifact_close(moe_rt_artifact *artifact) { delete artifact; }

const char *moe_rt_artifact_name(const moe_rt_artifact *artifact) {
  return artifact ? artifact->opened->manifest().name.c_str() : "";
}
int64_t moe_rt_artifact_ranks(const moe_rt_artifact *artifact) {
  return artifact ? artifact->opened->manifest().ranks : 0;
}
int64_t moe_rt_artifact_inputs(const moe_rt_artifact *artifact) {
  return artifact
             ? static_cast<int64_t>(artifact->opened->manifest().inputs.size())
             : 0;
}
int64_t moe_rt_artifact_outputs(const moe_rt_artifact *artifact) {
  return artifact
             ? static_cast<int64_t>(artifact->opened->manifest().outputs.size())
             : 0;
}
int64_t moe_rt_artifact_decode_states(const moe_rt_artifact *artifact) {
  return artifact ? static_cast<int64_t>(
                        artifact->opened->manifest().decodeState.size())
                  : 0;
}

int moe_rt_artifact_keeps_state(const moe_rt_artifact *artifact,
                                int64_t index) {
  return artifact && index >= 0 &&
         index <
             static_cast<int64_t>(artifact->opened->manifest().keptStates());
}

moe_rt_status *moe_rt_artifact_input(const moe_rt_artifact *artifact,
                                     int64_t index, moe_rt_signature *input) {
  return guard([&] {
    require(artifact, "the artifact");
    require(input, "the signature");
    const Manifest &manifest = artifact->opened->manifest();
    *input = signatureAt(*artifact, manifest.inputs, 0, index);
  });
}

moe_rt_status *moe_rt_artifact_output(const moe_rt_artifact *artifact,
                                      int64_t index, moe_rt_signature *output) {
  return guard([&] {
    require(artifact, "the artifact");
    require(output, "the signature");
    const Manifest &manifest = artifact->opened->manifest();
    *output =
        signatureAt(*artifact, manifest.outputs, manifest.inputs.size(), index);
  });
}

moe_rt_status *moe_rt_artifact_decode_state(const moe_rt_artifact *artifact,
                                            int64_t index, const char **input,
                                            const char **output) {
  return guard([&] {
    require(artifact, "the artifact");
    require(input, "the input name");
    require(output, "the output name");
    const Manifest &manifest = artifact->opened->manifest();
    const auto &states = manifest.decodeState;
    if (index < 0 || index >= static_cast<int64_t>(states.size()))
      fail("there is no state ", index, ", the model has ", states.size());
    *input = manifest.inputs[states[index].inputIndex].name.c_str();
    *output = manifest.outputs[states[index].outputIndex].name.c_str();
  });
}

moe_rt_status *moe_rt_session_create(const moe_rt_artifact *artifact,
                                     const moe_rt_options *options,
                                     moe_rt_session **session) {
  return guard([&] {
    require(artifact, "the artifact");
    require(session, "the session handle");
    *session = new moe_rt_session{
        {artifact->opened, options ? *options : moe_rt_options{}}};
  });
}

void moe_rt_session_close(moe_rt_session *session) { delete session; }

int64_t moe_rt_session_threads_per_rank(const moe_rt_session *session) {
  return session ? session->session.threadsPerRank() : 0;
}

moe_rt_status *moe_rt_session_run(moe_rt_session *session,
                                  const moe_rt_tensor *inputs, int64_t count) {
  return guard([&] {
    require(session, "the session");
    if (count < 0 || (count > 0 && !inputs))
      fail("there are ", count, " inputs at ", inputs);
    session->session.run({inputs, static_cast<size_t>(count)});
  });
}

moe_rt_status *moe_rt_session_reset(moe_rt_session *session) {
  return guard([&] {
    require(session, "the session");
    session->session.reset();
  });
}

moe_rt_status *moe_rt_session_output(const moe_rt_session *session,
                                     int64_t index, moe_rt_tensor *output) {
  return guard([&] {
    require(session, "the session");
    require(output, "the tensor");
    *output = session->session.output(index);
  });
}

moe_rt_status *moe_rt_session_set_profiling(moe_rt_session *session, int on) {
  return guard([&] {
    require(session, "the session");
    session->session.setProfiling(on != 0);
  });
}

moe_rt_status *moe_rt_session_profile(const moe_rt_session *session,
                                      int64_t rank,
                                      const moe_rt_profile_step **steps,
                                      int64_t *count) {
  return guard([&] {
    require(session, "the session");
    require(steps, "the steps");
    require(count, "the count");
    std::span<const moe_rt_profile_step> all = session->session.profile(rank);
    *steps = all.data();
    *count = static_cast<int64_t>(all.size());
  });
}

} // extern "C"
