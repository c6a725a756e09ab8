//===- DecodeAllocations.cpp - Does a decode step ask for memory? ---------===//
//
// Part of moec. usage: decode-allocations MODEL.moe
//
// Decodes the same sequence several times with batch 1, the cache kept by the
// session, and counts what the process allocates while moe_rt_session_run and
// moe_rt_session_output are at work. Exit code 0: in the last round, where all
// memory has been there once, no step allocated anything; before that, only the
// few did where the cache or a buffer grew.
//
//===----------------------------------------------------------------------===//

#include "moe_rt.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string_view>
#include <vector>

//===----------------------------------------------------------------------===//
// The process's allocator, counted
//===----------------------------------------------------------------------===//

static std::atomic<int64_t> allocations;

extern "C" {
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes) {
  ++allocations;
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  ++allocations;
  return __libc_calloc(count, bytes);
}
void *realloc(void *memory, size_t bytes) {
  ++allocations;
  return __libc_realloc(memory, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  ++allocations;
  return __libc_memalign(alignment, bytes);
}
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

namespace {

constexpr int64_t promptTokens = 20, steps = 100, rounds = 3;

void check(moe_rt_status *status) {
  if (!status)
    return;
  std::fprintf(stderr, "%s\n", moe_rt_status_message(status));
  std::exit(1);
}

class Decoder {
public:
  explicit Decoder(const char *path) {
    check(moe_rt_artifact_open(path, 0, &artifact));
    check(moe_rt_session_create(artifact, nullptr, &session));
    for (int64_t i = 0; i < moe_rt_artifact_inputs(artifact); ++i) {
      moe_rt_signature input;
      check(moe_rt_artifact_input(artifact, i, &input));
      std::string_view name = input.name;
      if (name == "input_ids" || name == "attention_mask")
        names.push_back(input.name);
    }
    if (moe_rt_artifact_keeps_state(artifact, 0) == 0) {
      std::fprintf(stderr, "%s keeps no cache\n", path);
      std::exit(1);
    }
  }
  ~Decoder() {
    moe_rt_session_close(session);
    moe_rt_artifact_close(artifact);
  }

  void reset() { check(moe_rt_session_reset(session)); }

  /// Feeds `tokens` that end at `total`; returns what that allocated.
  int64_t run(int64_t tokens, int64_t total) {
    int64_t shapes[2][2] = {{1, tokens}, {1, total}};
    moe_rt_tensor inputs[2];
    int64_t count = 0;
    for (const char *name : names) {
      bool isMask = std::string_view(name) == "attention_mask";
      inputs[count++] = {name, MOE_RT_I64, 2, shapes[isMask],
                         isMask ? ones.data() : ids.data()};
    }
    int64_t before = allocations;
    check(moe_rt_session_run(session, inputs, count));
    moe_rt_tensor logits;
    check(moe_rt_session_output(session, 0, &logits));
    return allocations - before;
  }

private:
  moe_rt_artifact *artifact = nullptr;
  moe_rt_session *session = nullptr;
  std::vector<const char *> names;
  std::vector<int64_t> ids = std::vector<int64_t>(promptTokens, 3);
  std::vector<int64_t> ones = std::vector<int64_t>(promptTokens + steps, 1);
};

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  Decoder decoder(argv[1]);
  bool good = true;
  for (int64_t round = 0; round < rounds; ++round) {
    decoder.reset();
    int64_t prompt = decoder.run(promptTokens, promptTokens);
    std::vector<int64_t> counts;
    for (int64_t step = 1; step <= steps; ++step)
      counts.push_back(decoder.run(1, promptTokens + step));
    auto allocating = steps - std::count(counts.begin(), counts.end(), 0);
    std::printf("round %ld: prompt %ld, %ld of %ld steps, %ld together\n",
                long(round), long(prompt), long(allocating), long(steps),
                std::accumulate(counts.begin(), counts.end(), 0L));
    good &= allocating <= (round + 1 == rounds ? 0 : steps / 4);
  }
  return good ? 0 : 1;
}
