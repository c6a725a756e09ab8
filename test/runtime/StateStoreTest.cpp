#include "session/StateStore.h"

#include <gmock/gmock.h>

#include <random>

using moec::rt::StateStore;
using testing::ElementsAreArray;

namespace {

constexpr int64_t width = sizeof(float);

/// [outer, rows] with the numbers from `first` on.
std::vector<float> numbers(int64_t count, float first) {
  std::vector<float> values(count);
  for (int64_t i = 0; i < count; ++i)
    values[i] = first + static_cast<float>(i);
  return values;
}

/// State 0 without the room between its outer parts.
std::vector<float> contents(const StateStore &store, int64_t outer,
                            int64_t rows) {
  std::vector<float> values;
  auto *data = static_cast<const float *>(store.data(0));
  for (int64_t o = 0; o < outer; ++o)
    values.insert(values.end(), data + o * store.capacity(0),
                  data + o * store.capacity(0) + rows);
  return values;
}

/// [outer, a] followed by [outer, b] along the second axis.
std::vector<float> joined(const std::vector<float> &a,
                          const std::vector<float> &b, int64_t outer) {
  std::vector<float> values;
  for (int64_t o = 0; o < outer; ++o)
    for (const std::vector<float> *part : {&a, &b}) {
      auto each = static_cast<int64_t>(part->size()) / outer;
      values.insert(values.end(), part->begin() + o * each,
                    part->begin() + (o + 1) * each);
    }
  return values;
}

} // namespace

TEST(StateStore, IsTheConcatenationOfWhatWasAppended) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    StateStore store(1);
    auto outer = static_cast<int64_t>(random() % 4 + 1);
    std::vector<float> expected;
    for (int step = 0; step < 12; ++step) {
      // Now and then the caller gives the whole past again.
      bool isGiven = step == 0 || random() % 4 == 0;
      auto more = static_cast<int64_t>(random() % 9);
      auto length = static_cast<int64_t>(expected.size()) / outer;
      std::vector<float> fresh = numbers(outer * more, 100.0f * step);
      store.startRun();
      ASSERT_TRUE(store.append(0,
                               isGiven ? expected.data() : StateStore::kept(),
                               fresh.data(), outer, length, more, width));
      expected = joined(expected, fresh, outer);
      if (random() % 5 == 0 && step > 0) { // the run fails
        std::vector<float> before;
        for (int64_t o = 0; o < outer; ++o)
          before.insert(before.end(), expected.begin() + o * (length + more),
                        expected.begin() + o * (length + more) + length);
        expected = before;
        store.startRun();
      } else {
        store.commit();
      }
      ASSERT_EQ(store.length(0), static_cast<int64_t>(expected.size()) / outer);
      ASSERT_THAT(contents(store, outer, store.length(0)),
                  ElementsAreArray(expected));
    }
  }
}

TEST(StateStore, CopiesOnlyWhatIsNew) {
  StateStore store(1);
  std::vector<float> first = numbers(4, 0), next = numbers(1, 9);
  ASSERT_TRUE(store.append(0, nullptr, first.data(), 1, 0, 4, width));
  store.commit();
  void *before = store.data(0);
  store.startRun();
  ASSERT_TRUE(store.append(0, StateStore::kept(), next.data(), 1, 4, 1, width));
  EXPECT_EQ(store.data(0), before);
}

TEST(StateStore, RefusesAnotherSizeAndTooMuch) {
  StateStore store(1);
  std::vector<float> first = numbers(4, 0);
  ASSERT_TRUE(store.append(0, nullptr, first.data(), 2, 0, 2, width));
  store.commit();
  store.startRun();
  EXPECT_FALSE(
      store.append(0, StateStore::kept(), first.data(), 4, 2, 1, width));
  EXPECT_FALSE(
      store.append(0, StateStore::kept(), first.data(), 2, 3, 1, width));
  EXPECT_FALSE(
      store.append(0, nullptr, first.data(), 2, 0, INT64_MAX / 2, width));
  store.clear();
  EXPECT_EQ(store.length(0), 0);
}
