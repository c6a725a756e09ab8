#include "ExpertKernel.h"
#include "Measure.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

using namespace moec;
using namespace moec::tools;

double moec::tools::now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

namespace {
/// Weights and activations of a gated FFN: up and gate, product, down.
class Experts {
public:
  Experts(const FfnSize &size, int64_t maxTokens)
      : size(size),
        up(size.experts * size.hidden * 2 * size.intermediate, 0.01F),
        down(size.experts * size.intermediate * size.hidden, 0.01F),
        in(maxTokens * size.hidden, 0.5F),
        middle(maxTokens * 2 * size.intermediate),
        gated(maxTokens * size.intermediate), out(maxTokens * size.hidden) {}

  /// All experts on their share of `tokens`, each phase cut over the threads.
  void run(int64_t tokens, int threads) {
    std::fill(middle.begin(), middle.end(), 0.0F);
    std::fill(out.begin(), out.end(), 0.0F);
    int64_t wide = 2 * size.intermediate;
    inParallel(threads, wide, [&](int64_t first, int64_t last) {
      eachExpert(tokens, [&](int64_t e, int64_t row, int64_t rows) {
        multiplyColumns(&in[row * size.hidden], &up[e * size.hidden * wide],
                        &middle[row * wide], rows, size.hidden, wide, first,
                        last);
      });
    });
    // The gate's activation is left out: it is a small part of the time.
    for (int64_t row = 0; row < tokens; ++row)
      for (int64_t i = 0; i < size.intermediate; ++i)
        gated[row * size.intermediate + i] =
            middle[row * wide + i] * middle[row * wide + size.intermediate + i];
    inParallel(threads, size.hidden, [&](int64_t first, int64_t last) {
      eachExpert(tokens, [&](int64_t e, int64_t row, int64_t rows) {
        multiplyColumns(&gated[row * size.intermediate],
                        &down[e * size.intermediate * size.hidden],
                        &out[row * size.hidden], rows, size.intermediate,
                        size.hidden, first, last);
      });
    });
  }

private:
  template <typename Body> void eachExpert(int64_t tokens, Body body) const {
    for (int64_t e = 0; e < size.experts; ++e) {
      int64_t first = tokens * e / size.experts;
      int64_t last = tokens * (e + 1) / size.experts;
      if (last > first)
        body(e, first, last - first);
    }
  }

  template <typename Body>
  static void inParallel(int threads, int64_t columns, Body body) {
    std::vector<std::thread> workers;
    for (int t = 1; t < threads; ++t)
      workers.emplace_back(body, columns * t / threads,
                           columns * (t + 1) / threads);
    body(0, columns / threads);
    for (std::thread &worker : workers)
      worker.join();
  }

  FfnSize size;
  std::vector<float> up, down, in, middle, gated, out;
};
} // namespace

plan::LatencyCurve moec::tools::measureExperts(const FfnSize &size,
                                               int64_t maxTokens, int threads,
                                               double budget) {
  Experts experts(size, maxTokens);
  plan::LatencyCurve curve;
  double end = now() + budget;
  for (int64_t tokens = 1; tokens <= maxTokens; tokens *= 2) {
    double fastest = 0;
    for (int run = 0; run < 5; ++run) {
      double start = now();
      experts.run(tokens, threads);
      double seconds = now() - start;
      fastest = run == 0 ? seconds : std::min(fastest, seconds);
      if (now() > end)
        break;
    }
    if (!curve.empty())
      fastest = std::max(fastest, curve.points.back().seconds);
    curve.points.push_back({tokens, fastest});
    if (now() > end)
      break;
  }
  return curve;
}
