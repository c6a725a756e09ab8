//===- ThreadPool.h - A rank's persistent threads -------------------------===//
//
// Part of moec. Runs the tasks of one job at a time; threads and the caller
// take task numbers from one atomic counter. A job costs no allocation. Threads
// spin for a while before they sleep, so that the next job of a running program
// finds them awake, and a job does not wait for threads that woke too late to
// take part in it.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_DEVICE_CPU_THREADPOOL_H
#define MOEC_RT_DEVICE_CPU_THREADPOOL_H

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace moec::rt {

class ThreadPool {
public:
  using Body = void (*)(void *closure, int64_t task);

  /// `threads` >= 1 counts the caller, as thread 0; the others are started, and
  /// each calls `onStart` once with its number. Sleeping threads and the waiting
  /// caller first spin for `spin`; zero where processors are shared with other
  /// ranks. Throws Error if the system has no more threads.
  ThreadPool(int64_t threads, std::chrono::microseconds spin,
             std::function<void(int64_t)> onStart);
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;
  ~ThreadPool();

  int64_t threads() const { return static_cast<int64_t>(workers.size()) + 1; }

  /// Runs body(closure, 0) ... body(closure, tasks - 1) and returns when all
  /// are done. Called inside a body it runs them serially. False: a body left
  /// through `escape`; tasks not begun by then are not run.
  bool run(int64_t tasks, Body body, void *closure) noexcept;

private:
  void stop();
  void work();
  void takeTasks() noexcept;
  bool enter() noexcept;
  void leave() noexcept;
  void waitUntilEmpty() noexcept;

  // The job. Written by the caller while no thread is inside.
  Body body = nullptr;
  void *closure = nullptr;
  int64_t tasks = 0;
  alignas(64) std::atomic<int64_t> nextTask = 0;
  std::atomic<bool> failed = false;

  /// Threads inside the job, and `openBit` while more may enter.
  alignas(64) std::atomic<uint32_t> gate = 0;
  /// Counts jobs; what sleeping threads wait on.
  alignas(64) std::atomic<uint32_t> jobs = 0;
  std::atomic<bool> stopping = false;

  std::chrono::microseconds spin;
  std::vector<std::thread> workers;
};

} // namespace moec::rt

#endif // MOEC_RT_DEVICE_CPU_THREADPOOL_H
