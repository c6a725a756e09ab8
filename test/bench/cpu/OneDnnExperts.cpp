//===- OneDnnExperts.cpp - bench-onednn-experts ---------------------------===//
//
// Part of moec. Times the experts of one layer in oneDNN, the products only, in
// two ways: threads inside each product, and whole experts spread over threads.
// Prints one line of JSON; bench_cpu.py takes the better one.
//
//===----------------------------------------------------------------------===//

#include "OneDnnLoop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <thread>

#include <dlfcn.h>

using namespace moec::bench;

namespace {

const char usage[] =
    "usage: bench-onednn-experts HIDDEN INTER f32|bf16 THREADS SECONDS "
    "ROWS_OF_EXPERT_0 ROWS_OF_EXPERT_1 ...\n";

/// How many threads oneDNN's products take when called from this thread.
void setProductThreads(int threads) {
  // oneDNN may be built with OpenMP of either compiler, which is loaded by
  // then.
  auto set = reinterpret_cast<void (*)(int)>(
      dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set)
    set(threads);
}

/// Runs body(t) on `threads` threads that never sleep.
class SpinningTeam {
public:
  SpinningTeam(int threads, std::function<void(int)> body)
      : body(std::move(body)) {
    for (int t = 1; t < threads; ++t)
      others.emplace_back([this, t] { follow(t); });
  }
  ~SpinningTeam() {
    stopping = true;
    ++round;
    for (std::thread &other : others)
      other.join();
  }
  void run() {
    pending = static_cast<int>(others.size());
    ++round;
    body(0);
    while (pending.load() != 0) {
    }
  }

private:
  void follow(int t) {
    for (int64_t seen = 0;; ++seen) {
      while (round.load() == seen) {
      }
      if (stopping)
        return;
      body(t);
      --pending;
    }
  }

  std::function<void(int)> body;
  std::atomic<int64_t> round = 0;
  std::atomic<int> pending = 0;
  std::atomic<bool> stopping = false;
  std::vector<std::thread> others;
};

/// Median milliseconds of `run` over about `seconds`, after three runs.
double medianOf(double seconds, const std::function<void()> &run) {
  using Clock = std::chrono::steady_clock;
  for (int i = 0; i < 3; ++i)
    run();
  std::vector<double> times;
  auto begin = Clock::now();
  auto elapsed = [&] {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  while (times.size() < 5 || elapsed() < seconds) {
    auto start = Clock::now();
    run();
    times.push_back(
        std::chrono::duration<double, std::milli>(Clock::now() - start)
            .count());
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2,
                   times.end());
  return times[times.size() / 2];
}

/// The busy experts, dealt to `threads` lists so that rows are spread evenly.
std::vector<std::vector<int64_t>> deal(const std::vector<int64_t> &counts,
                                       int threads) {
  std::vector<int64_t> order(counts.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::pair(-counts[a], a) < std::pair(-counts[b], b);
  });
  std::vector<std::vector<int64_t>> lists(threads);
  std::vector<int64_t> loads(threads);
  for (int64_t expert : order) {
    if (counts[expert] == 0)
      continue;
    auto least = std::min_element(loads.begin(), loads.end()) - loads.begin();
    lists[least].push_back(expert);
    // An expert's weights are read whatever its rows: some 16 rows of work.
    loads[least] += counts[expert] + 16;
  }
  return lists;
}

double timeInside(const Layer &layer, int threads, double seconds,
                  int64_t mostRows) {
  setProductThreads(threads);
  Worker worker(layer, deal(layer.counts, 1)[0], mostRows);
  return medianOf(seconds, [&] { worker.run(); });
}

double timeAcross(const Layer &layer, int threads, double seconds,
                  int64_t mostRows) {
  auto lists = deal(layer.counts, threads);
  std::vector<std::unique_ptr<Worker>> workers(threads);
  SpinningTeam team(threads, [&](int t) {
    if (workers[t])
      return workers[t]->run();
    setProductThreads(1);
    workers[t] = std::make_unique<Worker>(layer, lists[t], mostRows);
  });
  return medianOf(seconds, [&] { team.run(); });
}

} // namespace

int main(int argc, char **argv) {
  Layer layer;
  int threads = argc > 6 ? std::atoi(argv[4]) : 0;
  double seconds = argc > 6 ? std::atof(argv[5]) : 0;
  if (argc > 6) {
    layer.hidden = std::atoll(argv[1]);
    layer.inter = std::atoll(argv[2]);
    layer.type = std::strcmp(argv[3], "bf16") == 0
                     ? dnnl::memory::data_type::bf16
                     : dnnl::memory::data_type::f32;
    for (int i = 6; i < argc; ++i)
      layer.counts.push_back(std::atoll(argv[i]));
  }
  if (threads < 1 || layer.hidden < 1 || layer.inter < 1) {
    std::fputs(usage, stderr);
    return 2;
  }
  int64_t most = *std::max_element(layer.counts.begin(), layer.counts.end());
  const dnnl::version_t *version = dnnl::version();
  double inside = timeInside(layer, threads, seconds, most);
  double across = timeAcross(layer, threads, seconds, most);
  std::printf("{\"inside_ms\": %.6f, \"across_ms\": %.6f, \"version\": "
              "\"%d.%d.%d\"}\n",
              inside, across, version->major, version->minor, version->patch);
  return 0;
}
