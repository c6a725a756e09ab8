//===- Decoder.h - A decoder with a KV cache, one step at a time ----------===//
//
// Part of moec's examples. Uses the runtime's C interface only.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_EXAMPLES_GENERATE_DECODER_H
#define MOEC_EXAMPLES_GENERATE_DECODER_H

#include "moe_rt.h"

#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace moec::generate {

/// Bad input or a failed run; the text is for the user.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// An artifact whose inputs are token ids and, as far as it has them, an
/// attention mask, position ids and a KV cache; batch 1. The session keeps the
/// parts of the cache that the program appends to; the others go from step to
/// step by hand: what one run puts out is input of the next.
class Decoder {
public:
  /// Opens the artifact `path`. `threads`: of each rank, 0 for the runtime's
  /// choice. Throws Error where the model takes an input that is none of the
  /// above.
  Decoder(const std::string &path, int64_t threads);

  /// Feeds the tokens that follow those of the steps before; returns the
  /// scores of the token to come, [vocabulary]. Throws Error.
  std::vector<float> step(std::span<const int64_t> tokens);

  /// Forgets all tokens.
  void reset();

  /// The largest relative difference of scores that rounding explains.
  double tolerance() const;

private:
  struct Closer {
    void operator()(moe_rt_artifact *a) const { moe_rt_artifact_close(a); }
    void operator()(moe_rt_session *s) const { moe_rt_session_close(s); }
  };
  /// What an input is fed with.
  enum class Role { Tokens, Mask, Positions, Cache, Kept };
  /// A tensor that this class lays out itself: of i64 or i32.
  struct Integers {
    std::vector<int64_t> shape;
    std::vector<int64_t> wide;
    std::vector<int32_t> narrow;
    void assign(moe_rt_type type, std::vector<int64_t> values);
    const void *data() const;
  };
  struct Input {
    moe_rt_signature signature;
    Role role;
    int64_t output = -1;             ///< of a cache: the output it becomes
    std::vector<int64_t> cacheShape; ///< of a cache: now
    const void *cacheData = nullptr; ///< borrowed from the session
    Integers integers;               ///< of all others
  };

  void classify(Input &input) const;
  bool isKept(const std::string &input) const;
  int64_t cacheOutputOf(const std::string &input) const;
  int64_t findOutput(const std::string &name) const;
  moe_rt_tensor feed(Input &input, std::span<const int64_t> tokens);
  void keepCache();

  std::unique_ptr<moe_rt_artifact, Closer> artifact;
  std::unique_ptr<moe_rt_session, Closer> session;
  std::vector<Input> inputs;
  int64_t logits = -1; ///< index of the output
  int64_t past = 0;    ///< tokens in the cache
};

} // namespace moec::generate

#endif // MOEC_EXAMPLES_GENERATE_DECODER_H
