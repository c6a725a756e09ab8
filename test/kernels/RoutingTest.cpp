// topk, dispatch, gather_rows, combine and place_rows against scalar
// references.

#include "test/kernels/Reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

using namespace moec::kernels::test;

namespace {

/// Indices of the row in the order of topk.
template <typename T>
std::vector<int64_t> order(const T *row, int64_t width, bool largest) {
  std::vector<int64_t> ids(width);
  std::iota(ids.begin(), ids.end(), 0);
  auto above = [](double x, double y) {
    return x > y || (std::isnan(x) && !std::isnan(y));
  };
  std::sort(ids.begin(), ids.end(), [&](int64_t i, int64_t j) {
    double a = row[i], b = row[j];
    if (above(a, b) || above(b, a))
      return largest ? above(a, b) : above(b, a);
    return i < j;
  });
  return ids;
}

template <typename T>
void checkTopk(const Array<T> &input, int64_t k, bool largest) {
  Array<T> x = input;
  int64_t rows = x.sizes[0], width = x.sizes[1];
  Array<T> values({rows, k});
  Array<int64_t> ids({rows, k}, -1);
  sharedJit().call("topk", largest ? "" : "{largest = false}",
                   {x, values, ids});
  for (int64_t n = 0; n < rows; ++n) {
    std::vector<int64_t> expected = order(&x[n * width], width, largest);
    for (int64_t i = 0; i < k; ++i)
      ASSERT_EQ(ids[n * k + i], expected[i])
          << "row " << n << " place " << i << " of " << k << "/" << width;
  }
}

TEST(Topk, OrdersByValueThenIndexWithNanLargest) {
  std::mt19937 random(11);
  for (auto [rows, width, k] :
       std::vector<std::array<int64_t, 3>>{{5, 8, 2},
                                           {3, 1, 1},
                                           {40, 64, 64},
                                           {2, 300, 65},
                                           {2, 257, 257},
                                           {0, 8, 2},
                                           {2, 5, 0}}) {
    Array<float> x({rows, width});
    for (float &v : x.data) // few different values: many ties
      v = float(random() % 9) - 4;
    for (size_t i = 3; i < x.data.size(); i += 17)
      x[i] = NAN;
    checkTopk(x, k, true);
    checkTopk(x, k, false);
  }
}

TEST(Topk, Integers) {
  std::mt19937 random(12);
  Array<int64_t> x({4, 100});
  for (int64_t &v : x.data)
    v = int64_t(random() % 20) - 10;
  checkTopk(x, 6, true);
  checkTopk(x, 100, false);
}

TEST(Dispatch, CountsAndStableSlots) {
  std::mt19937 random(13);
  for (auto [tokens, choices, experts] : std::vector<std::array<int64_t, 3>>{
           {17, 2, 8}, {1, 4, 4}, {0, 2, 3}, {100, 8, 64}}) {
    Array<int32_t> ids({tokens, choices}), slots({tokens, choices}, -7);
    for (int32_t &id : ids.data)
      id = random() % experts;
    if (!ids.data.empty())
      ids[0] = -1;
    Array<int64_t> counts({experts}, -7);
    Array<int32_t> sources({tokens * choices}, -7);
    sharedJit().call("dispatch", "", {ids, counts, slots, sources});
    std::vector<int64_t> expectedCounts(experts);
    std::vector<int32_t> expectedSlots(ids.data.size(), -1);
    std::vector<int32_t> expectedSources(ids.data.size(), -7);
    int32_t next = 0;
    for (int64_t e = 0; e < experts; ++e)
      for (size_t i = 0; i < ids.data.size(); ++i)
        if (ids[i] == e) {
          expectedSources[next] = static_cast<int32_t>(i / choices);
          expectedSlots[i] = next++;
          ++expectedCounts[e];
        }
    EXPECT_EQ(counts.data, expectedCounts);
    EXPECT_EQ(slots.data, expectedSlots);
    EXPECT_EQ(sources.data, expectedSources);
  }
}

/// Sequences of lengths of their own, with and without room behind the longest.
TEST(PlaceRows, PutsNewRowsBehindOldOnes) {
  std::mt19937 random(15);
  constexpr int64_t batches = 3, heads = 2;
  for (int64_t width : {1, 8, 21, 4000})
    for (auto [old, fresh, length] : std::vector<std::array<int64_t, 3>>{
             {0, 4, 4}, {6, 1, 7}, {6, 3, 9}, {9, 2, 9}, {6, 0, 8}}) {
      auto past = randomArray(random, {batches, heads, old, width});
      auto rows = randomArray(random, {batches, heads, fresh, width});
      Array<int64_t> positions({batches});
      for (int64_t &position : positions.data)
        position = std::min<int64_t>(random() % (old + 1), length - fresh);
      Array<float> cache({batches, heads, length, width}, NAN);
      sharedJit().call("place_rows", "", {past, rows, positions, cache});
      for (int64_t i = 0; i < batches * heads * length * width; ++i) {
        int64_t head = i / width / length, row = i / width % length;
        int64_t after = row - positions[head / heads], column = i % width;
        float expected = 0;
        if (after >= 0 && after < fresh)
          expected = rows[(head * fresh + after) * width + column];
        else if (row < old)
          expected = past[(head * old + row) * width + column];
        ASSERT_EQ(cache[i], expected) << width << ", " << old << ", " << i;
      }
    }
}

TEST(Combine, GathersAndSumsInChoiceOrder) {
  std::mt19937 random(14);
  for (int64_t width : {1, 16, 39}) {
    int64_t tokens = 21, choices = 3;
    auto x = randomArray(random, {tokens, width});
    auto weights = randomArray(random, {tokens, choices});
    Array<int32_t> slots({tokens, choices});
    std::iota(slots.data.begin(), slots.data.end(), 0);
    std::shuffle(slots.data.begin(), slots.data.end(), random);
    slots[4] = -1;
    Array<float> rows({tokens * choices, width}, NAN), y({tokens, width});
    sharedJit().call("gather_rows", "", {x, slots, rows});
    sharedJit().call("combine", "", {rows, slots, weights, y});
    for (int64_t n = 0; n < tokens; ++n)
      for (int64_t d = 0; d < width; ++d) {
        float sum = 0;
        for (int64_t j = 0; j < choices; ++j) {
          int32_t slot = slots[n * choices + j];
          if (slot < 0)
            continue;
          ASSERT_EQ(rows[slot * width + d], x[n * width + d]);
          sum = std::fma(weights[n * choices + j], x[n * width + d], sum);
        }
        ASSERT_EQ(y[n * width + d], sum);
      }
  }
}

} // namespace
