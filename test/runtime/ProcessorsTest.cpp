//===- ProcessorsTest.cpp - The processors that threads run on ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "device/cpu/Processors.h"

#include <gtest/gtest.h>

#include <thread>

using namespace moec::rt;

TEST(Processors, APinnedThreadMayUseItsOwnOnly) {
  const std::vector<int> all = usableProcessors();
  ASSERT_FALSE(all.empty());
  std::thread([&] {
    pinThisThread(all.back());
    EXPECT_EQ(usableProcessors(), std::vector<int>{all.back()});
    // Half a machine is not ours alone.
    if (all.size() > 1)
      EXPECT_TRUE(OwnProcessors(1).ids().empty());
  }).join();
  EXPECT_EQ(usableProcessors(), all);
}

TEST(Processors, MoreOrFewerThreadsThanProcessorsAreNotPinned) {
  const int64_t all = static_cast<int64_t>(usableProcessors().size());
  EXPECT_TRUE(OwnProcessors(all + 1).ids().empty());
  EXPECT_TRUE(OwnProcessors(all - 1).ids().empty());
}

TEST(Processors, TheyBelongToOneOnly) {
  const std::vector<int> all = usableProcessors();
  const int64_t threads = static_cast<int64_t>(all.size());
  OwnProcessors first(threads);
  if (first.ids().empty())
    GTEST_SKIP() << "others run on this machine";
  EXPECT_EQ(std::vector<int>(first.ids().begin(), first.ids().end()), all);
  EXPECT_TRUE(OwnProcessors(threads).ids().empty());
}

TEST(Processors, RunningThreadsAreReadFromLoadavg) {
  EXPECT_EQ(runningThreads("0.20 0.18 0.12 1/80 11206"), 1);
  EXPECT_EQ(runningThreads("12.00 9.10 4.50 37/1210 99"), 37);
  EXPECT_EQ(runningThreads(""), -1);
  EXPECT_EQ(runningThreads("0.20 0.18 0.12"), -1);
  EXPECT_EQ(runningThreads("0.20 0.18 0.12 x/80 1"), -1);
  EXPECT_EQ(runningThreads("/"), -1);
}
