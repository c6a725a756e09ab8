//===- CompareTest.cpp - How moe-run compares outputs ---------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "Compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

using namespace moec::run;

namespace {

template <typename T>
HostTensor make(moe_rt_type type, const std::vector<T> &values) {
  HostTensor tensor("t", type, {static_cast<int64_t>(values.size())});
  std::memcpy(tensor.bytes().data(), values.data(), tensor.bytes().size());
  return tensor;
}

Comparison floats(const std::vector<float> &actual,
                  const std::vector<float> &expected) {
  return compare(make(MOE_RT_F32, actual).view(),
                 make(MOE_RT_F32, expected).view());
}

} // namespace

TEST(Compare, IsRelativeToTheLargestExpectedValue) {
  EXPECT_EQ(floats({1, 2}, {1, 2}).error, 0);
  EXPECT_EQ(floats({1, 2}, {1.5, -4}).error, 1.5);
  EXPECT_EQ(floats({1, 2}, {1, 4}).text, "max|a-b|/max|b| = 0.5");
  EXPECT_EQ(floats({}, {}).error, 0);
}

TEST(Compare, WithoutExpectedValuesTheDifferenceCounts) {
  EXPECT_EQ(floats({0, 0}, {0, 0}).error, 0);
  EXPECT_EQ(floats({0, 0.25}, {0, 0}).error, 0.25);
}

TEST(Compare, SpecialValuesEqualThemselvesOnly) {
  EXPECT_EQ(floats({NAN, 1}, {NAN, 1}).error, 0);
  EXPECT_EQ(floats({INFINITY, -INFINITY, 1}, {INFINITY, -INFINITY, 1}).error,
            0);
  EXPECT_EQ(floats({INFINITY, 1.5}, {INFINITY, 1}).error, 0.5);
  for (float other : {1.0f, float(NAN), -INFINITY}) {
    EXPECT_EQ(floats({other, 1}, {INFINITY, 1}).error, INFINITY);
    EXPECT_EQ(floats({INFINITY, 1}, {other, 1}).error, INFINITY);
  }
  EXPECT_EQ(floats({NAN, 1}, {1, 1}).error, INFINITY);
}

TEST(Compare, IntegersMustBeEqual) {
  HostTensor a = make<int64_t>(MOE_RT_I64, {1, 2, 3});
  HostTensor b = make<int64_t>(MOE_RT_I64, {1, 5, 4});
  EXPECT_EQ(compare(a.view(), a.view()).error, 0);
  EXPECT_EQ(compare(a.view(), a.view()).text, "equal");
  EXPECT_EQ(compare(a.view(), b.view()).error, INFINITY);
  EXPECT_EQ(compare(a.view(), b.view()).text,
            "2 of 3 elements differ, element 1 is 2 instead of 5");
}

TEST(Compare, TypesAndShapesMustBeEqual) {
  HostTensor a("t", MOE_RT_F32, {2, 3}), b("t", MOE_RT_F32, {3, 2});
  HostTensor c("t", MOE_RT_F64, {2, 3});
  EXPECT_EQ(compare(a.view(), b.view()).text,
            "is f32[2, 3] instead of f32[3, 2]");
  EXPECT_EQ(compare(a.view(), c.view()).text,
            "is f32[2, 3] instead of f64[2, 3]");
  EXPECT_EQ(compare(a.view(), c.view()).error, INFINITY);
}
