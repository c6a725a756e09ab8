#include "session/StateStore.h"

#include <gmock/gmock.h>

#include <random>

using moec::rt::Appended;
using moec::rt::StateStore;
using moec::rt::ThreadPool;
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

/// One state, and the threads that copy.
struct Store : StateStore {
  ThreadPool pool{2, std::chrono::microseconds(0), [](int64_t) {}};
  Store() : StateStore(1) {}
  bool append(const Appended &rows) {
    return StateStore::append(0, rows, pool);
  }
};

/// `more` rows behind all old ones.
Appended behind(const void *past, const std::vector<float> &fresh,
                int64_t outer, int64_t length, int64_t more) {
  return {past, fresh.data(), outer, length, more, width, length + more, {}};
}

} // namespace

TEST(StateStore, IsTheConcatenationOfWhatWasAppended) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    Store store;
    auto outer = static_cast<int64_t>(random() % 4 + 1);
    std::vector<float> expected;
    for (int step = 0; step < 12; ++step) {
      // Now and then the caller gives the whole past again.
      bool isGiven = step == 0 || random() % 4 == 0;
      auto more = static_cast<int64_t>(random() % 9);
      auto length = static_cast<int64_t>(expected.size()) / outer;
      std::vector<float> fresh = numbers(outer * more, 100.0f * step);
      store.startRun();
      const void *past = isGiven ? expected.data() : StateStore::kept();
      ASSERT_TRUE(store.append(behind(past, fresh, outer, length, more)));
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

/// A model of a ragged cache: sequences of `heads` parts, rows of one number.
struct Ragged {
  static constexpr int64_t sequences = 3, heads = 2, outer = sequences * heads;
  std::vector<std::vector<float>> parts{outer};

  int64_t length() const { return static_cast<int64_t>(parts[0].size()); }
  std::vector<float> flat() const {
    std::vector<float> values;
    for (const std::vector<float> &part : parts)
      values.insert(values.end(), part.begin(), part.end());
    return values;
  }
  void place(const std::vector<float> &fresh, int64_t more, int64_t total,
             const std::vector<int64_t> &positions) {
    for (int64_t i = 0; i < outer; ++i) {
      parts[i].resize(total);
      std::copy_n(fresh.begin() + i * more, more,
                  parts[i].begin() + positions[i / heads]);
    }
  }
};

TEST(StateStore, PlacesRowsBehindTheEndOfEachSequence) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    Store store;
    Ragged expected;
    std::vector<int64_t> ends(Ragged::sequences);
    for (int step = 0; step < 12; ++step) {
      bool isGiven = step == 0 || random() % 4 == 0;
      bool rewinds = random() % 4 == 0, fails = step > 0 && random() % 4 == 0;
      auto more = static_cast<int64_t>(random() % 4 + 1);
      std::vector<int64_t> positions = ends;
      for (int64_t &position : positions)
        position = rewinds ? random() % (position + 1) : position;
      int64_t last = *std::max_element(positions.begin(), positions.end());
      int64_t length = expected.length(),
              total = std::max<int64_t>(length, last + more + random() % 2);
      std::vector<float> fresh = numbers(Ragged::outer * more, 100.0f * step);
      std::vector<float> given = expected.flat();
      store.startRun();
      ASSERT_TRUE(store.append({isGiven ? given.data() : StateStore::kept(),
                                fresh.data(), Ragged::outer, length, more,
                                width, total, positions}));
      Ragged then = expected;
      then.place(fresh, more, total, positions);
      ASSERT_THAT(contents(store, Ragged::outer, total),
                  ElementsAreArray(then.flat()));
      if (fails) { // what the sequences had is still there
        store.startRun();
        std::vector<float> now = contents(store, Ragged::outer, length);
        for (int64_t i = 0; i < Ragged::outer; ++i)
          for (int64_t row = 0; row < ends[i / Ragged::heads]; ++row)
            ASSERT_EQ(now[i * length + row], expected.parts[i][row]);
        for (int64_t i = 0; i < Ragged::outer; ++i) // beyond, all is allowed
          expected.parts[i].assign(now.begin() + i * length,
                                   now.begin() + (i + 1) * length);
        continue;
      }
      store.commit();
      expected = then;
      for (size_t i = 0; i < ends.size(); ++i)
        ends[i] = positions[i] + more;
      ASSERT_EQ(store.length(0), total);
    }
  }
}

TEST(StateStore, CopiesOnlyWhatIsNew) {
  Store store;
  std::vector<float> first = numbers(4, 0), next = numbers(1, 9);
  ASSERT_TRUE(store.append(behind(StateStore::kept(), first, 1, 0, 4)));
  store.commit();
  void *before = store.data(0);
  store.startRun();
  ASSERT_TRUE(store.append(behind(StateStore::kept(), next, 1, 4, 1)));
  EXPECT_EQ(store.data(0), before);
}

/// What grows out of a past that is given lies without room: it can be lent.
TEST(StateStore, LiesWithoutRoomWhereThePastIsGiven) {
  Store store;
  std::vector<float> past = numbers(4, 0), next = numbers(2, 9);
  for (int step = 0; step < 2; ++step) {
    store.startRun();
    ASSERT_TRUE(store.append(behind(past.data(), next, 2, 2, 1)));
    store.commit();
    ASSERT_EQ(store.contiguous(0), store.data(0));
    EXPECT_THAT(contents(store, 2, 3), ElementsAreArray(joined(past, next, 2)));
  }
  store.startRun();
  ASSERT_TRUE(store.append(behind(StateStore::kept(), next, 2, 3, 1)));
  store.commit();
  EXPECT_EQ(store.contiguous(0), nullptr);
}

/// Two sequences: places that no run has filled are filled where they are, the
/// others in a copy, which a run that fails leaves behind.
TEST(StateStore, PlacesInAFreePlaceOnly) {
  Store store;
  std::vector<float> first = numbers(8, 0), next = numbers(2, 9);
  std::vector<int64_t> positions = {0, 0};
  auto place = [&](const std::vector<float> &fresh, int64_t length,
                   int64_t more, int64_t total) {
    store.startRun();
    ASSERT_TRUE(store.append({StateStore::kept(), fresh.data(), 2, length, more,
                              width, total, positions}));
  };
  place(first, 0, 4, 4);
  store.commit();
  void *before = store.data(0);
  positions = {4, 2};
  place(next, 4, 1, 5);
  EXPECT_NE(store.data(0), before);
  store.startRun();
  EXPECT_EQ(store.data(0), before);
  EXPECT_THAT(contents(store, 2, 4), ElementsAreArray(first));
  place(next, 4, 1, 5);
  store.commit();
  void *after = store.data(0);
  positions = {5, 3};
  place(next, 5, 1, 6);
  EXPECT_EQ(store.data(0), after);
}

TEST(StateStore, RefusesAnotherSizeAndTooMuch) {
  Store store;
  std::vector<float> first = numbers(4, 0);
  ASSERT_TRUE(store.append(behind(nullptr, first, 2, 0, 2)));
  store.commit();
  store.startRun();
  EXPECT_FALSE(store.append(behind(StateStore::kept(), first, 4, 2, 1)));
  EXPECT_FALSE(store.append(behind(StateStore::kept(), first, 2, 3, 1)));
  EXPECT_FALSE(store.append(behind(nullptr, first, 2, 0, INT64_MAX / 2)));
  store.clear();
  EXPECT_EQ(store.length(0), 0);
}
