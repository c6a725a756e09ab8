//===- BlockCacheTest.cpp - A rank's memory that is used again ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "device/cpu/BlockCache.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>
#include <thread>
#include <vector>

using moec::rt::BlockCache;

TEST(BlockCache, BlocksAreAlignedAndDoNotOverlap) {
  unsigned seed = 42;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  BlockCache cache;
  std::map<char *, int64_t> live;
  for (int step = 0; step < 3000; ++step) {
    if (live.size() > 50 || (!live.empty() && random() % 3 == 0)) {
      auto victim = std::next(live.begin(), random() % live.size());
      auto [data, bytes] = *victim;
      for (int64_t i = 0; i < bytes; ++i)
        ASSERT_EQ(data[i], char(bytes));
      cache.release(data);
      live.erase(victim);
      continue;
    }
    int64_t bytes = random() % 10 == 0 ? 0 : int64_t(random() % 5000);
    auto *data = static_cast<char *>(cache.allocate(bytes));
    ASSERT_NE(data, nullptr);
    ASSERT_EQ(reinterpret_cast<uintptr_t>(data) % BlockCache::alignment, 0u);
    std::memset(data, char(bytes), bytes);
    ASSERT_TRUE(live.emplace(data, bytes).second);
  }
}

TEST(BlockCache, TheSteadyStateAsksTheSystemForNothing) {
  BlockCache cache;
  auto run = [&] {
    cache.startRun();
    std::vector<void *> blocks;
    for (int64_t bytes : {1, 63, 64, 65, 1000, 1 << 20, 3 << 20})
      blocks.push_back(cache.allocate(bytes));
    cache.release(blocks[2]);
    blocks[2] = cache.allocate(64);
  };
  run();
  run(); // what a run leaves is taken back two runs later
  int64_t before = cache.systemAllocations();
  for (int repeat = 0; repeat < 10; ++repeat)
    run();
  EXPECT_EQ(cache.systemAllocations(), before);
}

TEST(BlockCache, GrowingSizesUseBlocksAgain) {
  BlockCache cache;
  for (int64_t bytes = 64; bytes < 200000; bytes += 64)
    cache.release(cache.allocate(bytes));
  // Four classes an octave, eleven octaves.
  EXPECT_LE(cache.systemAllocations(), 50);
}

TEST(BlockCache, BlocksOfTheLastRunStay) {
  BlockCache cache;
  cache.startRun();
  void *first = cache.allocate(100);
  cache.startRun();
  void *second = cache.allocate(100);
  EXPECT_NE(second, first);
  cache.startRun();
  EXPECT_EQ(cache.allocate(100), first);
}

TEST(BlockCache, ImpossibleSizesAreRefused) {
  BlockCache cache;
  EXPECT_EQ(cache.allocate(-1), nullptr);
  EXPECT_EQ(cache.allocate(INT64_MAX), nullptr);
  cache.release(nullptr);
}

TEST(BlockCache, ThreadsShareIt) {
  BlockCache cache;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        auto *data = static_cast<char *>(cache.allocate(100 + i));
        std::memset(data, t, 100 + i);
        ASSERT_EQ(data[99 + i], char(t));
        cache.release(data);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}
