//===- ThreadPool.cpp - A rank's persistent threads -----------------------===//
//
// Part of moec. Protocol: the caller writes the job, opens the gate and counts
// `jobs` up. A thread that sees the count change enters through the gate if it
// is still open, takes tasks, and leaves. When the caller finds no more tasks
// it closes the gate and waits until nobody is inside; only then is the job
// rewritten, so a thread inside always reads the job it entered.
//
//===----------------------------------------------------------------------===//

#include "device/cpu/ThreadPool.h"

#include "support/Error.h"
#include "support/Escape.h"
#include "support/Spin.h"

#include <system_error>

namespace moec::rt {

namespace {
constexpr uint32_t openBit = 0x80000000u;
/// This thread is inside a job's body.
constinit thread_local bool insideJob = false;
} // namespace

ThreadPool::ThreadPool(int64_t threads, std::chrono::microseconds spin,
                       std::function<void(int64_t)> onStart)
    : spin(spin) {
  try {
    for (int64_t i = 1; i < threads; ++i)
      workers.emplace_back([this, onStart, i] {
        onStart(i);
        work();
      });
  } catch (const std::system_error &error) {
    stop();
    fail("cannot start ", threads, " threads a rank: ", error.what());
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  stopping = true;
  ++jobs;
  jobs.notify_all();
  for (std::thread &worker : workers)
    worker.join();
}

bool ThreadPool::run(int64_t count, Body function, void *argument) noexcept {
  if (count <= 1 || workers.empty() || insideJob) {
    for (int64_t task = 0; task < count; ++task)
      function(argument, task);
    return true;
  }
  body = function;
  closure = argument;
  tasks = count;
  nextTask.store(0, std::memory_order_relaxed);
  failed.store(false, std::memory_order_relaxed);
  gate.store(openBit);
  ++jobs;
  jobs.notify_all();
  insideJob = true;
  takeTasks();
  insideJob = false;
  waitUntilEmpty();
  return !failed.load(std::memory_order_relaxed);
}

/// A body that fails lands behind the setjmp. Nothing is changed between setjmp
/// and longjmp that is read after it, and no object with a destructor is alive.
void ThreadPool::takeTasks() noexcept {
  jmp_buf *outer = escape;
  jmp_buf here;
  if (setjmp(here) == 0) {
    escape = &here;
    while (true) {
      int64_t task = nextTask.fetch_add(1, std::memory_order_relaxed);
      if (task >= tasks)
        break;
      body(closure, task);
    }
  } else {
    failed.store(true, std::memory_order_relaxed);
    nextTask.store(tasks, std::memory_order_relaxed);
  }
  escape = outer;
}

void ThreadPool::work() {
  insideJob = true;
  uint32_t seen = 0;
  while (true) {
    if (!spinUntil([&] { return jobs.load() != seen; }, spin))
      jobs.wait(seen);
    seen = jobs.load();
    if (stopping)
      return;
    if (enter()) {
      takeTasks();
      leave();
    }
  }
}

bool ThreadPool::enter() noexcept {
  uint32_t state = gate.load();
  while (state & openBit)
    if (gate.compare_exchange_weak(state, state + 1))
      return true;
  return false;
}

void ThreadPool::leave() noexcept {
  if (gate.fetch_sub(1) == 1)
    gate.notify_one();
}

void ThreadPool::waitUntilEmpty() noexcept {
  uint32_t inside = gate.fetch_and(~openBit) & ~openBit;
  if (inside == 0 || spinUntil([&] { return gate.load() == 0; }, spin))
    return;
  while ((inside = gate.load()) != 0)
    gate.wait(inside);
}

} // namespace moec::rt
