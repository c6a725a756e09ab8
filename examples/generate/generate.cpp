//===- generate.cpp - Greedy generation with a KV cache -------------------===//
//
// Part of moec's examples: prefill, then one token a step.
//
//===----------------------------------------------------------------------===//

#include "Decoder.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

using namespace moec::generate;

namespace {

constexpr char usage[] =
    R"(Usage: generate MODEL.moe --prompt ID,ID,... [--tokens N] [--check] [--threads N]

  --prompt   token ids to begin with
  --tokens   how many to generate, the most likely one each time (default 16)
  --check    compute each step again without a cache and compare
  --threads  of each rank (default: processors / ranks)
)";

struct UsageError : Error {
  using Error::Error;
};

struct Options {
  std::string model;
  std::vector<int64_t> prompt;
  int64_t tokens = 16;
  int64_t threads = 0;
  bool check = false;
};

int64_t parseNumber(const std::string &option, std::string_view text) {
  int64_t value = -1;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0)
    throw UsageError(option + " needs a number of at least 0, not '" +
                     std::string(text) + "'");
  return value;
}

std::vector<int64_t> parseIds(const std::string &option,
                              std::string_view text) {
  std::vector<int64_t> ids;
  for (size_t begin = 0, end = 0; end != text.npos; begin = end + 1) {
    end = text.find(',', begin);
    ids.push_back(parseNumber(option, text.substr(begin, end - begin)));
  }
  return ids;
}

Options parse(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    auto value = [&]() -> std::string {
      if (i + 1 == argc)
        throw UsageError(argument + " needs a value");
      return argv[++i];
    };
    if (argument == "--prompt")
      options.prompt = parseIds(argument, value());
    else if (argument == "--tokens")
      options.tokens = parseNumber(argument, value());
    else if (argument == "--threads")
      options.threads = parseNumber(argument, value());
    else if (argument == "--check")
      options.check = true;
    else if (options.model.empty() && !argument.starts_with("-"))
      options.model = argument;
    else
      throw UsageError("unknown argument '" + argument + "'");
  }
  if (options.model.empty() || options.prompt.empty())
    throw UsageError("a model and a --prompt are needed");
  return options;
}

/// What was generated, and the scores that each token was chosen from.
struct Generated {
  std::vector<int64_t> tokens;
  std::vector<std::vector<float>> scores;
  double prefillSeconds = 0, decodeSeconds = 0;
};

Generated generate(Decoder &decoder, const Options &options) {
  using Clock = std::chrono::steady_clock;
  auto secondsSince = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  Generated result;
  std::vector<int64_t> next = options.prompt;
  for (int64_t i = 0; i < options.tokens; ++i) {
    auto start = Clock::now();
    result.scores.push_back(decoder.step(next));
    (i == 0 ? result.prefillSeconds : result.decodeSeconds) +=
        secondsSince(start);
    const std::vector<float> &scores = result.scores.back();
    next = {std::max_element(scores.begin(), scores.end()) - scores.begin()};
    result.tokens.push_back(next[0]);
  }
  return result;
}

/// max|a-b| / max|b|.
double difference(const std::vector<float> &a, const std::vector<float> &b) {
  double error = 0, magnitude = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    error = std::max(error, std::abs(double(a[i]) - b[i]));
    magnitude = std::max(magnitude, std::abs(double(b[i])));
  }
  return magnitude > 0 ? error / magnitude : error;
}

/// Runs the whole sequence of each step from nothing.
void checkWithoutCache(Decoder &decoder, const Options &options,
                       const Generated &generated) {
  std::vector<int64_t> sequence = options.prompt;
  double worst = 0;
  for (size_t i = 0; i < generated.tokens.size(); ++i) {
    decoder.reset();
    std::vector<float> scores = decoder.step(sequence);
    int64_t token =
        std::max_element(scores.begin(), scores.end()) - scores.begin();
    double error = difference(generated.scores[i], scores);
    worst = std::max(worst, error);
    if (token != generated.tokens[i] || !(error <= decoder.tolerance()))
      throw Error("token " + std::to_string(i) + ": with the cache " +
                  std::to_string(generated.tokens[i]) + ", without it " +
                  std::to_string(token) + "; scores differ by " +
                  std::to_string(error) + ", allowed are " +
                  std::to_string(decoder.tolerance()));
    sequence.push_back(token);
  }
  std::printf("check     equal without a cache, scores within %.1e\n", worst);
}

void print(const Options &options, const Generated &generated) {
  std::printf("tokens    ");
  for (size_t i = 0; i < generated.tokens.size(); ++i)
    std::printf("%s%lld", i ? "," : "",
                static_cast<long long>(generated.tokens[i]));
  std::printf("\nprefill   %zu tokens in %.2f ms\n", options.prompt.size(),
              generated.prefillSeconds * 1e3);
  if (generated.tokens.size() > 1)
    std::printf("decode    %.1f tokens/s\n",
                static_cast<double>(generated.tokens.size() - 1) /
                    generated.decodeSeconds);
}

} // namespace

int main(int argc, char **argv) {
  try {
    Options options = parse(argc, argv);
    Decoder decoder(options.model, options.threads);
    Generated generated = generate(decoder, options);
    print(options, generated);
    if (options.check)
      checkWithoutCache(decoder, options, generated);
    return 0;
  } catch (const UsageError &error) {
    std::fprintf(stderr, "generate: %s\n%s", error.what(), usage);
    return 2;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "generate: %s\n", error.what());
    return 1;
  }
}
