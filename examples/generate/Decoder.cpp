//===- Decoder.cpp - A decoder with a KV cache, one step at a time --------===//
//
// Part of moec's examples.
//
//===----------------------------------------------------------------------===//

#include "Decoder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <string_view>

namespace moec::generate {

namespace {

/// A C string of the runtime; what it does not know is NULL.
std::string textOf(const char *text) { return text ? text : ""; }

void check(moe_rt_status *status) {
  if (!status)
    return;
  std::string message = textOf(moe_rt_status_message(status));
  moe_rt_status_free(status);
  throw Error(message);
}

/// IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits.
float halfToFloat(uint16_t bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float magnitude =
      exponent == 31 ? (fraction ? NAN : INFINITY)
      : exponent == 0
          ? std::ldexp(static_cast<float>(fraction), -24)
          : std::ldexp(1024.0f + static_cast<float>(fraction), exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

/// Element `index` of a tensor of f32, f16 or bf16.
float elementOf(const moe_rt_tensor &tensor, int64_t index) {
  if (tensor.type == MOE_RT_F32)
    return static_cast<const float *>(tensor.data)[index];
  uint16_t bits = static_cast<const uint16_t *>(tensor.data)[index];
  if (tensor.type == MOE_RT_F16)
    return halfToFloat(bits);
  return std::bit_cast<float>(uint32_t(bits) << 16); // the upper half of an f32
}

/// Exporters name a layer's state alike on both sides, but for the beginning.
std::string outputNameOf(std::string_view input) {
  constexpr std::pair<std::string_view, std::string_view> prefixes[] = {
      {"input.", "output."}, {"past_key_values.", "present."}};
  for (auto [past, present] : prefixes)
    if (input.starts_with(past))
      return std::string(present) + std::string(input.substr(past.size()));
  return "";
}

/// The shape of a cache that holds nothing: batch 1, length 0.
std::vector<int64_t> emptyCache(const moe_rt_signature &signature) {
  std::vector<int64_t> shape(signature.shape, signature.shape + signature.rank);
  if (shape.empty() || shape[0] > 1)
    throw Error("cache input '" + textOf(signature.name) +
                "' does not take batch 1");
  shape[0] = 1;
  auto length = std::find_if(shape.begin(), shape.end(),
                             [](int64_t size) { return size < 0; });
  if (length == shape.end() ||
      std::count_if(length + 1, shape.end(), [](int64_t s) { return s < 0; }))
    throw Error("cache input '" + textOf(signature.name) +
                "' needs one size that is not fixed, its length");
  *length = 0;
  return shape;
}

} // namespace

void Decoder::Integers::assign(moe_rt_type type, std::vector<int64_t> values) {
  shape = {1, static_cast<int64_t>(values.size())};
  wide.clear();
  narrow.clear();
  if (type == MOE_RT_I64)
    wide = std::move(values);
  else
    narrow.assign(values.begin(), values.end());
}

const void *Decoder::Integers::data() const {
  return narrow.empty() ? static_cast<const void *>(wide.data())
                        : narrow.data();
}

Decoder::Decoder(const std::string &path, int64_t threads) {
  moe_rt_artifact *opened = nullptr;
  check(moe_rt_artifact_open(path.c_str(), /*verify=*/1, &opened));
  artifact.reset(opened);
  moe_rt_options options = {threads, 0};
  moe_rt_session *created = nullptr;
  check(moe_rt_session_create(opened, &options, &created));
  session.reset(created);

  logits = findOutput("logits");
  if (logits < 0)
    throw Error("'" + path + "' has no output 'logits': it is no decoder");
  inputs.resize(moe_rt_artifact_inputs(opened));
  for (size_t i = 0; i < inputs.size(); ++i) {
    check(moe_rt_artifact_input(opened, static_cast<int64_t>(i),
                                &inputs[i].signature));
    classify(inputs[i]);
  }
  reset();
}

void Decoder::classify(Input &input) const {
  std::string name = textOf(input.signature.name);
  if (isKept(name)) {
    input.role = Role::Kept;
    return;
  }
  input.output = cacheOutputOf(name);
  if (input.output >= 0) {
    input.role = Role::Cache;
    return;
  }
  constexpr std::pair<std::string_view, Role> roles[] = {
      {"input_ids", Role::Tokens},
      {"attention_mask", Role::Mask},
      {"position_ids", Role::Positions}};
  for (auto [known, role] : roles)
    if (name == known) {
      if (input.signature.type != MOE_RT_I64 &&
          input.signature.type != MOE_RT_I32)
        throw Error("input '" + name + "' is of " +
                    moe_rt_type_name(input.signature.type) +
                    "; i64 or i32 is needed");
      input.role = role;
      return;
    }
  throw Error("input '" + name +
              "' is neither input_ids, attention_mask, position_ids nor part "
              "of a cache that comes out again");
}

bool Decoder::isKept(const std::string &input) const {
  for (int64_t i = 0; moe_rt_artifact_keeps_state(artifact.get(), i); ++i) {
    const char *in = nullptr, *out = nullptr;
    check(moe_rt_artifact_decode_state(artifact.get(), i, &in, &out));
    if (input == in)
      return true;
  }
  return false;
}

int64_t Decoder::cacheOutputOf(const std::string &input) const {
  for (int64_t i = 0; i < moe_rt_artifact_decode_states(artifact.get()); ++i) {
    const char *in = nullptr, *out = nullptr;
    check(moe_rt_artifact_decode_state(artifact.get(), i, &in, &out));
    if (input == in)
      return findOutput(out);
  }
  return findOutput(outputNameOf(input));
}

int64_t Decoder::findOutput(const std::string &name) const {
  for (int64_t i = 0; i < moe_rt_artifact_outputs(artifact.get()); ++i) {
    moe_rt_signature output = {};
    check(moe_rt_artifact_output(artifact.get(), i, &output));
    if (name == output.name)
      return i;
  }
  return -1;
}

void Decoder::reset() {
  past = 0;
  check(moe_rt_session_reset(session.get()));
  for (Input &input : inputs)
    if (input.role == Role::Cache) {
      input.cacheShape = emptyCache(input.signature);
      input.cacheData = nullptr;
    }
}

double Decoder::tolerance() const {
  moe_rt_signature output = {};
  check(moe_rt_artifact_output(artifact.get(), logits, &output));
  return output.type == MOE_RT_F32 ? 1e-4 : 2e-2;
}

moe_rt_tensor Decoder::feed(Input &input, std::span<const int64_t> tokens) {
  const moe_rt_signature &signature = input.signature;
  if (input.role == Role::Cache)
    return {signature.name, signature.type, signature.rank,
            input.cacheShape.data(), input.cacheData};
  auto count = static_cast<int64_t>(tokens.size());
  std::vector<int64_t> values(tokens.begin(), tokens.end());
  if (input.role == Role::Mask)
    values.assign(past + count, 1);
  else if (input.role == Role::Positions)
    std::iota(values.begin(), values.end(), past);
  input.integers.assign(signature.type, std::move(values));
  return {signature.name, signature.type, 2, input.integers.shape.data(),
          input.integers.data()};
}

void Decoder::keepCache() {
  for (Input &input : inputs)
    if (input.role == Role::Cache) {
      moe_rt_tensor cache = {};
      check(moe_rt_session_output(session.get(), input.output, &cache));
      input.cacheShape.assign(cache.shape, cache.shape + cache.rank);
      input.cacheData = cache.data;
    }
}

std::vector<float> Decoder::step(std::span<const int64_t> tokens) {
  std::vector<moe_rt_tensor> fed;
  for (Input &input : inputs)
    if (input.role != Role::Kept)
      fed.push_back(feed(input, tokens));
  check(moe_rt_session_run(session.get(), fed.data(),
                           static_cast<int64_t>(fed.size())));
  keepCache();
  past += static_cast<int64_t>(tokens.size());

  moe_rt_tensor scores = {};
  check(moe_rt_session_output(session.get(), logits, &scores));
  if (scores.rank != 3 || scores.shape[1] < 1 ||
      (scores.type != MOE_RT_F32 && scores.type != MOE_RT_F16 &&
       scores.type != MOE_RT_BF16))
    throw Error("output 'logits' is not [batch, tokens, vocabulary] of f32, "
                "f16 or bf16");
  int64_t vocabulary = scores.shape[2];
  std::vector<float> last(vocabulary);
  for (int64_t i = 0; i < vocabulary; ++i)
    last[i] = elementOf(scores, (scores.shape[1] - 1) * vocabulary + i);
  return last;
}

} // namespace moec::generate
