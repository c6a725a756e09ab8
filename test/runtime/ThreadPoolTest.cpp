//===- ThreadPoolTest.cpp - A rank's persistent threads -------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "device/cpu/ThreadPool.h"
#include "support/Error.h"
#include "support/Escape.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

using namespace moec::rt;
using std::chrono::microseconds;

namespace {

struct Counts {
  std::vector<std::atomic<int>> ofTask;
  explicit Counts(int64_t tasks) : ofTask(tasks) {}
  static void body(void *closure, int64_t task) {
    ++static_cast<Counts *>(closure)->ofTask[task];
  }
  bool allAre(int expected) const {
    for (const auto &count : ofTask)
      if (count != expected)
        return false;
    return true;
  }
};

} // namespace

TEST(ThreadPool, EachTaskRunsOnce) {
  for (int64_t threads : {1, 2, 5})
    for (microseconds spin : {microseconds(0), microseconds(50)}) {
      ThreadPool pool(threads, spin, [](int64_t) {});
      EXPECT_EQ(pool.threads(), threads);
      for (int64_t tasks : {0, 1, 2, 3, 100}) {
        Counts counts(tasks);
        for (int repeat = 1; repeat <= 50; ++repeat) {
          ASSERT_TRUE(pool.run(tasks, Counts::body, &counts));
          ASSERT_TRUE(counts.allAre(repeat)) << threads << ", " << tasks;
        }
      }
    }
}

TEST(ThreadPool, JobsReadTheirOwnClosure) {
  // Threads that wake late must not take tasks of the job before.
  ThreadPool pool(4, microseconds(0), [](int64_t) {});
  for (int repeat = 0; repeat < 500; ++repeat) {
    Counts counts(2 + repeat % 3);
    ASSERT_TRUE(pool.run(2 + repeat % 3, Counts::body, &counts));
    ASSERT_TRUE(counts.allAre(1));
  }
}

TEST(ThreadPool, SleepingThreadsWake) {
  ThreadPool pool(2, microseconds(0), [](int64_t) {});
  for (int repeat = 0; repeat < 3; ++repeat) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    // Both tasks wait for each other, so both threads must take part.
    std::atomic<int> inside = 0;
    auto body = [](void *closure, int64_t) {
      auto &inside = *static_cast<std::atomic<int> *>(closure);
      ++inside;
      while (inside.load() < 2)
        std::this_thread::yield();
    };
    ASSERT_TRUE(pool.run(2, body, &inside));
  }
}

TEST(ThreadPool, ThreadsAreStartedOnce) {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  std::set<int64_t> numbers;
  {
    ThreadPool pool(3, microseconds(0), [&](int64_t thread) {
      std::lock_guard lock(mutex);
      ids.insert(std::this_thread::get_id());
      numbers.insert(thread);
    });
    Counts counts(10);
    pool.run(10, Counts::body, &counts);
  }
  EXPECT_EQ(ids.size(), 2u); // and the caller, number 0
  EXPECT_EQ(numbers, (std::set<int64_t>{1, 2}));
}

TEST(ThreadPool, ABodyThatEscapesEndsTheJob) {
  ThreadPool pool(3, microseconds(50), [](int64_t) {});
  auto body = [](void *closure, int64_t task) {
    ++*static_cast<std::atomic<int> *>(closure);
    if (task == 10)
      leaveProgram();
  };
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::atomic<int> begun = 0;
    EXPECT_FALSE(pool.run(100000, body, &begun));
    EXPECT_GE(begun, 11);
    EXPECT_EQ(escape, nullptr);
    Counts counts(50);
    EXPECT_TRUE(pool.run(50, Counts::body, &counts));
    EXPECT_TRUE(counts.allAre(1));
  }
}

TEST(ThreadPoolDeathTest, MoreThreadsThanTheSystemHas) {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "sanitizers need the address space that this test limits";
#endif
  auto startTooMany = [] {
    rlimit limit = {1 << 30, 1 << 30}; // no room for 4095 stacks
    setrlimit(RLIMIT_AS, &limit);
    try {
      ThreadPool pool(4096, microseconds(0), [](int64_t) {});
    } catch (const Error &error) {
      std::fputs(error.what(), stderr);
      std::_Exit(7);
    }
    std::_Exit(0);
  };
  EXPECT_EXIT(startTooMany(), testing::ExitedWithCode(7),
              "cannot start 4096 threads a rank: ");
}
