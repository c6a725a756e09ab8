// The language of the kernel templates, and what it says of mistakes.

#include "passes/lower/kernels/Template.h"

#include <gtest/gtest.h>

using namespace moec::kernels;

namespace {

std::string text(std::string_view source, const Parameters &parameters = {}) {
  Instance instance = instantiate(source, parameters);
  EXPECT_EQ(instance.error, "");
  return instance.text;
}

std::string error(std::string_view source, const Parameters &parameters = {}) {
  return instantiate(source, parameters).error;
}

TEST(Template, Parameters) {
  EXPECT_EQ(text("a ${X}_${Y} b", {{"X", "1"}, {"Y", "z"}}), "a 1_z b\n");
}

TEST(Template, Lists) {
  EXPECT_EQ(text("f([[i<N: %x${i}]])", {{"N", "3"}}), "f(%x0, %x1, %x2)\n");
  EXPECT_EQ(text("[[i<N j<M: ${i}.${j}]]", {{"N", "2"}, {"M", "2"}}),
            "0.0, 0.1, 1.0, 1.1\n");
}

TEST(Template, Loops) {
  EXPECT_EQ(text("//@ for i in 2\nx${i}\n//@ end\n"), "x0\nx1\n");
  EXPECT_EQ(text("//@ for a:b in ${L}\n//@ for i in ${b}\n${a}${i}\n//@ end\n"
                 "//@ end\n",
                 {{"L", "p:1 q:2"}}),
            "p0\nq0\nq1\n");
}

TEST(Template, Conditions) {
  std::string_view source = "//@ if ${T} == f32\nx\n//@ else\ny\n//@ end\n";
  EXPECT_EQ(text(source, {{"T", "f32"}}), "x\n");
  EXPECT_EQ(text(source, {{"T", "f16"}}), "y\n");
}

TEST(Template, Uses) {
  Instance instance = instantiate("//@ use tile R=${R} NP=1", {{"R", "6"}});
  ASSERT_EQ(instance.uses.size(), 1u);
  EXPECT_EQ(instance.uses[0].templateName, "tile");
  EXPECT_EQ(instance.uses[0].parameters, (Parameters{{"R", "6"}, {"NP", "1"}}));
}

TEST(Template, Mistakes) {
  EXPECT_EQ(error("${X}"), "no value for the parameter in: ${X}");
  EXPECT_EQ(error("${X"), "no value for the parameter in: ${X");
  EXPECT_EQ(error("[[i<N: x"), "'[[' without ']]': [[i<N: x");
  EXPECT_EQ(error("[[i]]"), "expected '[[r<R: text]]', not 'i'");
  EXPECT_EQ(error("[[i: x]]"), "'i' is not NAME<PARAMETER");
  EXPECT_EQ(error("[[i<N: x]]"), "'i<N' is not NAME<PARAMETER");
  EXPECT_EQ(error("//@ for i in 2\nx"), "block without end: //@ for i in 2");
  EXPECT_EQ(error("//@ for i\n//@ end"),
            "expected 'for NAME in LIST': //@ for i");
  EXPECT_EQ(error("//@ for a:b in 1:2 3\n//@ end"),
            "'3' does not fit the names of: //@ for a:b in 1:2 3");
  EXPECT_EQ(error("//@ if a\n//@ end"), "expected 'if A == B': //@ if a");
  EXPECT_EQ(error("//@ use tile R"), "expected NAME=VALUE, not 'R'");
  EXPECT_EQ(error("//@ repeat"), "unknown directive: //@ repeat");
}

} // namespace
