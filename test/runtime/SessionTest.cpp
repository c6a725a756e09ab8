//===- SessionTest.cpp - Artifacts run through the C interface ------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "support/TestArtifact.h"
#include "support/TestSession.h"

#include <gmock/gmock.h>

#include <chrono>
#include <numeric>

using namespace moec::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

struct ScaleArtifact : TestArtifact {
  ScaleArtifact() : TestArtifact("scale") {
    input(tensor("x", "f32", {"n", 3}));
    output(tensor("y", "f32", {"n", 3}));
    sharedWeight({"w0", {3}, {1, 10, 100}});
    write();
  }
};

struct RingArtifact : TestArtifact {
  explicit RingArtifact(int64_t ranks) : TestArtifact("ring_scale", ranks) {
    input(tensor("x", "f32", {"n", 2}));
    output(tensor("y", "f32", {"n", 2}));
    std::vector<FloatWeight> weights;
    for (int64_t rank = 0; rank < ranks; ++rank)
      weights.push_back({"factor", {1}, {float(10 + rank)}});
    rankWeight(weights);
    write();
  }
};

/// A program without weights that goes wrong.
struct FaultArtifact : TestArtifact {
  FaultArtifact(const std::string &symbol, int64_t ranks)
      : TestArtifact(symbol, ranks) {
    write();
  }
  explicit FaultArtifact(const std::string &symbol) : TestArtifact(symbol) {
    output(tensor("y", "f32", {2, "m"}));
    write();
  }
};

moe_rt_options threadsPerRank(int64_t threads) { return {threads, 0}; }
moe_rt_options timeoutAfter(double seconds) { return {0, seconds}; }

std::vector<float> iota(int64_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 1.0f);
  return values;
}

} // namespace

TEST(Session, RunsAProgram) {
  ScaleArtifact artifact;
  TestSession session(artifact.path(), threadsPerRank(3));
  ASSERT_EQ(session.error, "");
  EXPECT_EQ(moe_rt_session_threads_per_rank(session.session), 3);
  ASSERT_EQ(session.run({{"x", {2, 3}, iota(6)}}), "");
  EXPECT_THAT(session.shape(0), ElementsAre(2, 3));
  EXPECT_THAT(session.values(0), ElementsAre(1, 20, 300, 4, 50, 600));
  ASSERT_EQ(session.run({{"x", {0, 3}, {}}}), "");
  EXPECT_THAT(session.shape(0), ElementsAre(0, 3));
}

TEST(Session, DescribesTheArtifact) {
  ScaleArtifact artifact;
  artifact.manifest["decode_state"] = {{{"input", "x"}, {"output", "y"}}};
  artifact.writeManifest();
  TestSession session(artifact.path());
  ASSERT_EQ(session.error, "");
  EXPECT_STREQ(moe_rt_artifact_name(session.artifact), "scale");
  EXPECT_EQ(moe_rt_artifact_ranks(session.artifact), 1);
  EXPECT_EQ(moe_rt_artifact_inputs(session.artifact), 1);
  EXPECT_EQ(moe_rt_artifact_outputs(session.artifact), 1);
  moe_rt_signature y = {};
  ASSERT_EQ(take(moe_rt_artifact_output(session.artifact, 0, &y)), "");
  EXPECT_STREQ(y.name, "y");
  EXPECT_EQ(y.type, MOE_RT_F32);
  ASSERT_EQ(y.rank, 2);
  EXPECT_LT(y.shape[0], 0);
  EXPECT_STREQ(y.symbols[0], "n");
  EXPECT_EQ(y.shape[1], 3);
  EXPECT_EQ(y.symbols[1], nullptr);
  ASSERT_EQ(moe_rt_artifact_decode_states(session.artifact), 1);
  const char *input = nullptr, *output = nullptr;
  ASSERT_EQ(
      take(moe_rt_artifact_decode_state(session.artifact, 0, &input, &output)),
      "");
  EXPECT_STREQ(input, "x");
  EXPECT_STREQ(output, "y");
  EXPECT_EQ(take(moe_rt_artifact_input(session.artifact, 1, &y)),
            "there is no tensor 1, the model has 1");
  EXPECT_EQ(
      take(moe_rt_artifact_decode_state(session.artifact, -1, &input, &output)),
      "there is no state -1, the model has 1");
}

TEST(Session, PartitionedEqualsUnpartitioned) {
  for (int64_t ranks : {1, 2, 4})
    for (int64_t rows : {0, 1, 3, 8}) { // fewer rows than ranks, too
      RingArtifact artifact(ranks);
      TestSession session(artifact.path());
      ASSERT_EQ(session.error, "");
      for (int repeat = 0; repeat < 3; ++repeat)
        ASSERT_EQ(session.run({{"x", {rows, 2}, iota(rows * 2)}}), "");
      std::vector<float> expected = iota(rows * 2);
      for (int64_t row = 0; row < rows; ++row) {
        int64_t rank = 0;
        while (rows * (rank + 1) / ranks <= row)
          ++rank;
        for (int64_t i = 0; i < 2; ++i) // scaled by the next rank
          expected[row * 2 + i] *= 10 + (rank + 1) % ranks;
      }
      EXPECT_EQ(session.values(0), expected) << ranks << " ranks, " << rows;
    }
}

TEST(Session, KeepsAProfileOnDemand) {
  TestArtifact artifact("profiled");
  artifact.input(tensor("x", "f32", {1})).output(tensor("y", "f32", {1}));
  TestSession session(artifact.write());
  ASSERT_EQ(session.error, "");
  const moe_rt_profile_step *steps = nullptr;
  int64_t count = -1;
  auto profile = [&](int64_t rank) {
    return take(moe_rt_session_profile(session.session, rank, &steps, &count));
  };
  ASSERT_EQ(session.run({{"x", {1}, {1}}}), "");
  ASSERT_EQ(profile(0), "");
  EXPECT_EQ(count, 0);
  ASSERT_EQ(take(moe_rt_session_set_profiling(session.session, 1)), "");
  for (int repeat = 0; repeat < 2; ++repeat)
    ASSERT_EQ(session.run({{"x", {1}, {1}}}), "");
  ASSERT_EQ(profile(0), "");
  ASSERT_EQ(count, 6);
  std::vector<std::string> names;
  std::vector<int64_t> layers, flops;
  for (int64_t i = 0; i < count; ++i) {
    names.push_back(std::string(steps[i].phase) + " " + steps[i].what);
    layers.push_back(steps[i].layer);
    flops.push_back(steps[i].flops);
    EXPECT_GE(steps[i].seconds, 0);
    if (i > 0) // without gaps
      EXPECT_DOUBLE_EQ(steps[i].begin,
                       steps[i - 1].begin + steps[i - 1].seconds);
  }
  EXPECT_THAT(names,
              ElementsAre("elementwise start", "route topk", "combine combine",
                          "route topk", "combine combine", "dense gemm"));
  EXPECT_THAT(layers, ElementsAre(-1, 0, 0, 1, 1, -1));
  EXPECT_THAT(flops, ElementsAre(0, 0, 4, 0, 4, 32));
  EXPECT_STREQ(steps[5].source, "/lm_head");
  EXPECT_EQ(steps[5].bytes, 64);
  EXPECT_EQ(profile(1), "there is no rank 1, the model has 1");
  // A run that failed has none.
  EXPECT_THAT(session.run({{"x", {1}, {-1}}}), HasSubstr("is negative"));
  ASSERT_EQ(profile(0), "");
  EXPECT_EQ(count, 0);
}

TEST(Session, NestedTasksRunOnce) {
  TestArtifact artifact("count_nested");
  artifact.output(tensor("counts", "i64", {2})).write();
  TestSession session(artifact.path(), threadsPerRank(4));
  ASSERT_EQ(session.run({}), "");
  EXPECT_THAT(session.values<int64_t>(0), ElementsAre(200, 4));
}

TEST(Session, AliasedOutputsAreIndependentOfInputs) {
  TestArtifact artifact("alias");
  artifact.input(tensor("x", "f32", {2, 3}))
      .output(tensor("same", "f32", {2, 3}))
      .output(tensor("weight", "f32", {3}))
      .output(tensor("transposed", "f32", {3, 2}))
      .sharedWeight({"w0", {3}, {7, 8, 9}})
      .write();
  TestSession session(artifact.path());
  ASSERT_EQ(session.error, "");
  std::vector<FloatInput> inputs = {{"x", {2, 3}, iota(6)}};
  ASSERT_EQ(session.run(inputs), "");
  inputs[0].values.assign(6, 0);
  EXPECT_THAT(session.values(0), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(session.values(1), ElementsAre(7, 8, 9));
  EXPECT_THAT(session.values(2), ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(Session, OutputsMayBeInputsOfTheNextRun) {
  for (int64_t ranks : {1, 3}) {
    TestArtifact artifact("append", ranks);
    artifact.input(tensor("state", "f32", {"n"}))
        .output(tensor("next", "f32", {"n + 1"}))
        .write();
    TestSession session(artifact.path());
    ASSERT_EQ(session.run({{"state", {0}, {}}}), "");
    for (int step = 1; step < 12; ++step) {
      moe_rt_tensor state = session.tensor(0);
      state.name = "state";
      ASSERT_EQ(take(moe_rt_session_run(session.session, &state, 1)), "");
      ASSERT_THAT(session.shape(0), ElementsAre(step + 1));
      for (int i = 0; i <= step; ++i)
        ASSERT_EQ(session.values(0)[i], float(1 << i)) << step;
    }
  }
}

TEST(Session, WrongInputs) {
  TestArtifact artifact("append");
  artifact.input(tensor("ids", "f32", {"batch", 7}))
      .input(tensor("mask", "f32", {2, "batch"}))
      .write();
  TestSession session(artifact.path());
  ASSERT_EQ(session.error, "");
  FloatInput ids{"ids", {2, 7}, iota(14)}, mask{"mask", {2, 2}, iota(4)};
  auto with = [](FloatInput input, auto change) {
    change(input);
    return input;
  };
  EXPECT_EQ(session.run({ids, {"masc", {2, 2}, iota(4)}}),
            "the model has no input 'masc'; its inputs are: ids, mask");
  EXPECT_EQ(session.run({ids}), "input 'mask' (f32[2, batch]) is missing");
  EXPECT_EQ(session.run({ids, ids, mask}), "input 'ids' is given twice");
  EXPECT_EQ(session.run({with(ids, [](auto &t) { t.type = MOE_RT_I32; })}),
            "input 'ids' is i32 but the model takes f32[batch, 7]");
  EXPECT_EQ(session.run({with(ids, [](auto &t) { t.type = moe_rt_type(15); })}),
            "input 'ids' has the unknown type 15");
  EXPECT_EQ(session.run({with(ids, [](auto &t) { t.shape = {7, 2}; })}),
            "input 'ids' has shape [7, 2] but the model takes f32[batch, 7]");
  EXPECT_EQ(session.run({with(ids, [](auto &t) { t.shape = {14}; })}),
            "input 'ids' has shape [14] but the model takes f32[batch, 7]");
  EXPECT_EQ(session.run({with(ids, [](auto &t) { t.shape = {-1, 7}; })}),
            "input 'ids' has the impossible shape [-1, 7]");
  EXPECT_EQ(session.run({with(ids, [](auto &t) { t.values.clear(); })}),
            "input 'ids' has no data");
  EXPECT_EQ(session.run({ids, {"mask", {2, 3}, iota(6)}}),
            "inputs disagree on 'batch': ids axis 0 is 2, mask axis 1 is 3");
  moe_rt_tensor shapeless = {"ids", MOE_RT_F32, 2, nullptr, nullptr};
  EXPECT_EQ(take(moe_rt_session_run(session.session, &shapeless, 1)),
            "input 'ids' has no shape");
  alignas(8) char bytes[64] = {};
  int64_t shape[] = {1, 7};
  moe_rt_tensor odd = {"ids", MOE_RT_F32, 2, shape, bytes + 1};
  EXPECT_EQ(take(moe_rt_session_run(session.session, &odd, 1)),
            "the data of input 'ids' are not aligned to 4 bytes");
  EXPECT_EQ(take(moe_rt_session_run(session.session, nullptr, 1)),
            "there are 1 inputs at 0");
}

TEST(Session, WrongOptionsAndHandles) {
  ScaleArtifact artifact;
  EXPECT_EQ(TestSession(artifact.path(), threadsPerRank(-1)).error,
            "threads per rank must be from 0 to 4096, not -1");
  EXPECT_EQ(TestSession(artifact.path(), timeoutAfter(-1)).error,
            "the timeout must be 0 or more seconds, not -1");
  TestSession session(artifact.path());
  moe_rt_tensor y = {};
  EXPECT_EQ(take(moe_rt_session_output(session.session, 0, &y)),
            "there are no outputs: the last run failed or was reset, or there "
            "was none");
  ASSERT_EQ(session.run({{"x", {1, 3}, iota(3)}}), "");
  EXPECT_EQ(take(moe_rt_session_output(session.session, 1, &y)),
            "there is no output 1, the model has 1");
  EXPECT_EQ(take(moe_rt_session_run(nullptr, nullptr, 0)),
            "the session is NULL");
  EXPECT_EQ(take(moe_rt_artifact_open(nullptr, 1, nullptr)),
            "the path is NULL");
  EXPECT_EQ(moe_rt_artifact_ranks(nullptr), 0);
  EXPECT_STREQ(moe_rt_artifact_name(nullptr), "");
  EXPECT_STREQ(moe_rt_status_message(nullptr), "");
  moe_rt_status_free(nullptr);
}

//===----------------------------------------------------------------------===//
// Programs that go wrong
//===----------------------------------------------------------------------===//

TEST(SessionFault, AFailingRankReleasesTheOthers) {
  FaultArtifact artifact("fail_on_rank_1", 3);
  TestSession session(artifact.path());
  EXPECT_EQ(session.run({}), "rank 1 failed: index 7 is out of range");
}

TEST(SessionFault, AFailingTaskFailsTheRun) {
  for (int64_t threads : {1, 4}) {
    FaultArtifact artifact("fail_in_task", 1);
    TestSession session(artifact.path(), threadsPerRank(threads));
    EXPECT_EQ(session.run({}), "rank 0 failed: task 5 met NaN");
  }
}

TEST(SessionFault, ASessionIsUsableAfterAFailure) {
  for (int64_t ranks : {1, 3}) {
    TestArtifact artifact("fail_if_negative", ranks);
    artifact.input(tensor("x", "f32", {1}))
        .output(tensor("y", "f32", {1}))
        .write();
    TestSession session(artifact.path());
    ASSERT_EQ(session.error, "");
    for (float x : {1, -1, 2, -2, 3}) {
      std::string error = session.run({{"x", {1}, {x}}});
      if (x > 0) {
        ASSERT_EQ(error, "");
        EXPECT_EQ(session.values(0)[0], x);
      } else {
        EXPECT_THAT(error, HasSubstr("failed: the input is negative"));
      }
    }
  }
}

TEST(SessionFault, ARankThatLeavesIsNamedAtOnce) {
  FaultArtifact artifact("leave_early", 3);
  TestSession session(artifact.path());
  EXPECT_EQ(session.run({}),
            "rank 1 ended its program without arriving at step 21");
}

TEST(Session, LayersThatShareCodeNameTheirOwnSteps) {
  FaultArtifact artifact("leave_second_layer", 2);
  TestSession session(artifact.path());
  EXPECT_EQ(session.run({}),
            "rank 1 ended its program without arriving at step 9");
}

TEST(SessionFault, ALateRankIsNamedInTime) {
  FaultArtifact artifact("hang", 3);
  TestSession session(artifact.path(), timeoutAfter(0.1));
  auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(session.run({}), "rank 1 did not arrive at step 17 within 0.1 s; "
                             "rank 1 is still running");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  EXPECT_EQ(session.run({}), "rank 1 is still running an earlier run that "
                             "failed; close the session");
}

TEST(SessionFault, MisuseByTheProgram) {
  auto errorOf = [](const std::string &symbol) {
    FaultArtifact artifact(symbol);
    TestSession session(artifact.path());
    return session.error.empty() ? session.run({}) : session.error;
  };
  EXPECT_EQ(errorOf("ask_unknown_weight"),
            "rank 0 failed: the program asks for weight 99 but the manifest "
            "has 0");
  EXPECT_EQ(errorOf("allocate_too_much"), "rank 0 failed: out of memory: "
                                          "cannot allocate 576460752303423488 "
                                          "bytes");
  EXPECT_EQ(errorOf("write_wrong_shape"),
            "the program wrote output 'y' with shape [1, 1] but the manifest "
            "says f32[2, m]");
  EXPECT_EQ(errorOf("write_nothing"), "the program wrote no output 'y'");
}

namespace {
/// x [b, n] is kept and grows by m [b, k].
struct KeepArtifact : TestArtifact {
  explicit KeepArtifact(int64_t ranks = 1, const char *symbol = "keep")
      : TestArtifact(symbol, ranks) {
    input(moec::test::tensor("past_key_values.0.key", "f32", {"b", "n"}));
    input(moec::test::tensor("m", "f32", {"b", "k"}));
    output(moec::test::tensor("present.0.key", "f32", {"b", "n + k"}));
    output(moec::test::tensor("sum", "f32", {1}));
    manifest["decode_state"] = {{{"input", "past_key_values.0.key"},
                                 {"output", "present.0.key"},
                                 {"kept_along", 1}}};
    write();
  }
};
} // namespace

TEST(Session, KeepsStates) {
  for (int64_t ranks : {1, 3}) {
    KeepArtifact artifact(ranks);
    TestSession session(artifact.path());
    ASSERT_EQ(session.error, "");
    EXPECT_TRUE(moe_rt_artifact_keeps_state(session.artifact, 0));
    EXPECT_FALSE(moe_rt_artifact_keeps_state(session.artifact, 1));
    ASSERT_EQ(session.run({{"m", {2, 1}, {1, 2}}}), "");
    ASSERT_EQ(session.run({{"m", {2, 2}, {3, 4, 5, 6}}}), "");
    EXPECT_THAT(session.values(1), ElementsAre(13));
    EXPECT_THAT(session.shape(0), ElementsAre(2, 3));
    EXPECT_THAT(session.values(0), ElementsAre(1, 3, 4, 2, 5, 6));
    // A run that fails changes nothing.
    EXPECT_THAT(session.run({{"m", {2, 1}, {0, -100}}}),
                HasSubstr("a negative sum"));
    ASSERT_EQ(session.run({{"m", {2, 1}, {7, 8}}}), "");
    EXPECT_THAT(session.values(0), ElementsAre(1, 3, 4, 7, 2, 5, 6, 8));
    // A state that is given takes the place of the kept one.
    ASSERT_EQ(session.run({{"m", {1, 1}, {8}},
                           {"past_key_values.0.key", {1, 2}, {4, 5}}}),
              "");
    ASSERT_EQ(session.run({{"m", {1, 0}, {}}}), "");
    EXPECT_THAT(session.values(0), ElementsAre(4, 5, 8));
    ASSERT_EQ(take(moe_rt_session_reset(session.session)), "");
    ASSERT_EQ(session.run({{"m", {2, 1}, {1, 2}}}), "");
    EXPECT_THAT(session.values(0), ElementsAre(1, 2));
  }
}

/// A state of two parts, which is put together only when it is read.
TEST(Session, ForgetsOutputsWithTheStates) {
  KeepArtifact artifact;
  TestSession session(artifact.path());
  ASSERT_EQ(session.error, "");
  ASSERT_EQ(session.run({{"m", {2, 1}, {1, 2}}}), "");
  ASSERT_EQ(take(moe_rt_session_reset(session.session)), "");
  moe_rt_tensor state;
  EXPECT_THAT(take(moe_rt_session_output(session.session, 0, &state)),
              HasSubstr("there are no outputs"));
}

TEST(Session, RefusesStatesThatDoNotFit) {
  KeepArtifact artifact;
  TestSession session(artifact.path());
  ASSERT_EQ(session.error, "");
  ASSERT_EQ(session.run({{"m", {2, 1}, {1, 2}}}), "");
  EXPECT_THAT(session.run({{"m", {3, 1}, {1, 2, 3}}}),
              HasSubstr("inputs disagree on 'b'"));
  KeepArtifact more(1, "keep_too_many");
  TestSession other(more.path());
  ASSERT_EQ(other.error, "");
  EXPECT_THAT(
      other.run({{"m", {1, 1}, {1}}}),
      HasSubstr("the program appends to state 1 but the manifest has 1"));
}
