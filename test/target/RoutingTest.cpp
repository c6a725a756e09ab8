#include "target/Routing.h"
#include "SharedData.h"
#include "target/RoutingTraps.h"
#include "target/TextFile.h"

#include <gtest/gtest.h>

#include <random>

using namespace moec;
using namespace moec::target;

static void expectError(const Result<RoutingFile> &result,
                        const std::string &expected) {
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().str().find(expected), std::string::npos)
      << result.error().str();
}

static bool warns(const RoutingFile &file, const std::string &word) {
  for (const std::string &warning : file.warnings)
    if (warning.find(word) != std::string::npos)
      return true;
  return false;
}

/// A version 1 array with the given header and data.
static std::string npy(const std::string &header, const std::string &data) {
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(header.size() % 256);
  out += static_cast<char>(header.size() / 256);
  return out + header + data;
}

static std::string bytesHeader(const std::string &shape) {
  return "{'descr': '|u1', 'fortran_order': False, 'shape': (" + shape +
         "), }\n";
}

TEST(Counts, ReadsLogicalCountAndLeavesDenseLayersOut) {
  Result<RoutingFile> r =
      parseRouting(R"({"logical_count": [[0, 0], [3.0, 4]]})", "c.json");
  ASSERT_TRUE(r) << r.error().str();
  ASSERT_EQ(r->trace.layers.size(), 1u);
  EXPECT_EQ(r->trace.layers[0].layer, 1);
  EXPECT_EQ(r->trace.layers[0].totals(), (std::vector<int64_t>{3, 4}));
  EXPECT_TRUE(warns(*r, "1 of 2 layers have no load"));
}

TEST(Counts, ReadsSteps) {
  Result<RoutingFile> r = parseRouting(
      R"({"logical_count": [[[1, 2], [2, 1]], [[0, 3], [3, 0]]]})", "c.json");
  ASSERT_TRUE(r) << r.error().str();
  ASSERT_EQ(r->trace.layers.size(), 2u);
  EXPECT_EQ(r->trace.layers[1].stepLoads[1], (std::vector<int64_t>{3, 0}));
}

TEST(Counts, ReadsDomains) {
  Result<RoutingFile> r = parseRouting(
      R"({"a": {"expert_counts": {"layers": [0, 7], "counts": [[1, 2], [3, 0]]}},
          "b": {"expert_counts": {"layers": [0, 7], "counts": [[5, 6], [7, 4]]}}})",
      "o.json");
  ASSERT_TRUE(r) << r.error().str();
  EXPECT_EQ(r->trace.layers[1].layer, 7);
  EXPECT_EQ(r->trace.layers[0].steps(), 2);
  EXPECT_TRUE(warns(*r, "each domain is one step (a, b)"));
}

TEST(Counts, OwnFormatReadsBackEqual) {
  plan::RoutingTrace trace;
  trace.layers.push_back({3, 4, 2, {{1, 2, 3, 2}, {0, 0, 4, 4}}, {}});
  trace.layers.push_back({5, 4, 2, {{2, 2, 2, 2}, {1, 3, 1, 3}}, {}});
  Result<RoutingFile> r = parseRouting(printRouting(trace), "own.json");
  ASSERT_TRUE(r) << r.error().str();
  ASSERT_EQ(r->trace.layers.size(), 2u);
  EXPECT_EQ(r->trace.layers[1].layer, 5);
  EXPECT_EQ(r->trace.layers[0].topK, 2);
  EXPECT_EQ(r->trace.layers[0].stepLoads, trace.layers[0].stepLoads);
  EXPECT_EQ(printRouting(r->trace), printRouting(trace));
}

TEST(Counts, RejectsWithPlaceAndKey) {
  auto bad = [](const char *text, const char *expected) {
    expectError(parseRouting(text, "c.json"), expected);
  };
  bad(R"({"logical_count": [[1, 2], [3]]})",
      "c.json:1:28: logical_count[1]: 1 experts; expected 2");
  bad(R"({"logical_count": [[1, -2]]})",
      "c.json:1:24: logical_count[0][1]: -2 does not fit");
  bad(R"({"logical_count": [[1, 0.5]]})", "expected an integer from 0");
  bad(R"({"logical_count": [[1, 18446744073709551615]]})",
      "expected an integer");
  bad(R"({"logical_count": [[1, "a"]]})", "expected an integer");
  bad(R"({"logical_count": []})", "the list is empty");
  bad(R"({"logical_count": [[]]})", "0 experts; expected 1 to 4096");
  bad(R"({"logical_count": [[0, 0]]})", "every count is 0");
  bad(R"({"logical_count": 3})", "expected a list of layers");
  bad(R"({"logical_count": [[1]], "rnk": 1})", "did you mean 'rank'?");
  bad(R"({"logical_count": [[[1], [1]], [[1]]]})",
      "1 layers; the first step has 2");
  bad(R"({"logical_count": [[[1]], []]})", "0 layers; expected 1 to 1024");
  bad(R"({"counts": 1})", "no routing statistics");
  bad("[1]", "no routing statistics");
  bad("{\n\"logical_count\": [[1, 2}", "c.json:2:24: not valid JSON");
  bad("", "not valid JSON");
  bad(std::string(100, '[').c_str(), "c.json:1:65: nested more than 64 deep");
  bad(R"({"format": "other"})", "expected moec-routing/1");
  bad(R"({"format": "moec-routing/1", "layers": []})", "nothing was recorded");
  bad(R"({"format": "moec-routing/1", "layers": [{"layer": 0, "experts": 2,
       "top_k": 3, "step_loads": []}]})",
      "top_k: 3 does not fit");
  bad(R"({"a": {"expert_counts": {"layers": [0], "counts": [[1]]}},
          "b": {"expert_counts": {"layers": [1], "counts": [[1]]}}})",
      "other layers than the first domain");
  bad(R"({"a": {"expert_counts": {"layers": [0, 1], "counts": [[1]]}}})",
      "2 layer ids for 1 rows");
}

TEST(IdArray, ReadsTokensLayersK) {
  Result<RoutingFile> r = parseRouting(
      npy(bytesHeader("2, 2, 2"), std::string("\0\1\1\2\3\0\xff\1", 8)),
      "i.npy");
  ASSERT_TRUE(r) << r.error().str();
  ASSERT_EQ(r->trace.layers.size(), 2u);
  EXPECT_EQ(r->trace.layers[0].ids, (std::vector<int32_t>{0, 1, 3, 0}));
  EXPECT_EQ(r->trace.layers[1].ids, (std::vector<int32_t>{1, 2, -1, 1}));
  EXPECT_EQ(r->trace.layers[0].experts, 4);
  EXPECT_EQ(r->trace.layers[1].totals(), (std::vector<int64_t>{0, 2, 1, 0}));
  EXPECT_TRUE(warns(*r, "1 of 8 ids are holes (12.5 %)"));
  EXPECT_TRUE(warns(*r, "does not say how many experts"));
}

TEST(IdArray, StepsAndLayersInFront) {
  std::string data(16, '\0');
  for (int i = 0; i < 16; ++i)
    data[i] = static_cast<char>(i / 4); // step * 2 + layer
  Result<RoutingFile> r =
      parseRouting(npy(bytesHeader("2, 2, 4, 1"), data), "i.npy");
  ASSERT_TRUE(r) << r.error().str();
  EXPECT_EQ(r->trace.layers[1].stepLoads,
            (std::vector<std::vector<int64_t>>{{0, 4, 0, 0}, {0, 0, 0, 4}}));
  std::string long2 = npy(bytesHeader("2, 2000, 1"),
                          std::string(2000, '\0') + std::string(2000, '\1'));
  Result<RoutingFile> layers = parseRouting(long2, "i.npy", {2, 0});
  ASSERT_TRUE(layers) << layers.error().str();
  EXPECT_EQ(layers->trace.layers[1].totals(), (std::vector<int64_t>{0, 2000}));
  EXPECT_TRUE(warns(*layers, "read as [layers, tokens, k]"));
}

TEST(IdArray, WiderAndSignedTypes) {
  auto header = [](const char *type) {
    return std::string("{'descr': '") + type +
           "', 'fortran_order': False, 'shape': (1, 1, 2), }";
  };
  std::string words("\1\0\xff\xff", 4);
  EXPECT_EQ(parseRouting(npy(header("<u2"), words), "i")->trace.layers[0].ids,
            (std::vector<int32_t>{1, -1}));
  EXPECT_EQ(parseRouting(npy(header("<i2"), words), "i")->trace.layers[0].ids,
            (std::vector<int32_t>{1, -1}));
  // With 256 experts the byte 255 is an expert.
  std::string bytes = npy(bytesHeader("1, 1, 2"), std::string("\1\xff", 2));
  EXPECT_EQ(parseRouting(bytes, "i", {256, 0})->trace.layers[0].ids,
            (std::vector<int32_t>{1, 255}));
  expectError(parseRouting(npy(header("<f4"), std::string(8, '\0')), "i"),
              "scores and probabilities are not read");
  expectError(parseRouting(npy(header(">i2"), words), "i"), "big-endian");
  expectError(parseRouting(npy(header("<i3"), words), "i"),
              "expected 1, 2, 4 or 8 bytes");
  expectError(
      parseRouting(npy(header("<i2"), std::string("\1\0\xfe\xff", 4)), "i.npy"),
      "element 1 is -2; an expert id is from 0 to 4095");
}

TEST(IdArray, RejectsHostileHeaders) {
  auto bad = [](const std::string &bytes, const char *expected) {
    expectError(parseIdArray(bytes, "i.npy"), expected);
  };
  bad("PK", "the magic is missing");
  bad(std::string("\x93NUMPY\x09\x00\x01\x00 ", 11), "npy version 9");
  bad(std::string("\x93NUMPY\x02\x00\xff\xff\xff\xff", 12),
      "npy header of 4294967295 bytes");
  bad(npy("{'descr': '|u1', 'shape': (1,)}", "a"),
      "'fortran_order' is missing");
  bad(npy("{'descr': '|u1', 'fortran_order': True, 'shape': (1,1,1)}", "a"),
      "numpy.ascontiguousarray");
  bad(npy(bytesHeader("1, 2"), "ab"), "expected [tokens, layers, k]");
  bad(npy(bytesHeader(""), ""), "expected 1 to 8 extents");
  bad(npy(bytesHeader("-1, 1, 1"), "a"), "expected 1 to 8 extents");
  bad(npy("{'descr': '|u1', 'fortran_order': False, 'shape': 3}", "abc"),
      "the shape is no tuple");
  bad(npy(bytesHeader("4611686018427387904, 4611686018427387904, 4"), "a"),
      "the file has only 1 bytes");
  bad(npy(bytesHeader("1, 1, 1"), "ab"), "takes 1 bytes; the file has 2");
  bad(npy(bytesHeader("1, 1, 65"), std::string(65, 'a')), "k = 65");
  bad(npy(bytesHeader("1, 1, 2"), std::string(2, '\0')),
      "k = 2, but the ids name only 1 experts");
  bad(npy(bytesHeader("1, 1, 2"), "\xff\xff"),
      "every id is a hole; no token names an expert");
  std::string many = npy("{'descr': '<i2', 'fortran_order': False, 'shape': "
                         "(40000, 1, 1), }",
                         std::string(79998, '\0') + std::string("\xff\x0f", 2));
  expectError(parseIdArray(many, "i.npy", {0, 1}), "use larger steps");
}

static const std::string smallLog = R"({"type": "meta", "top_k": 2}
{"type": "route", "token_idx": 0, "layer": 0, "topk_ids": [0, 1]}
{"type": "route", "token_idx": 1, "layer": 0, "topk_ids": [2, 1]}
{"type": "route", "token_idx": 0, "layer": 0, "topk_ids": [2, 0]}
)";

TEST(RouteLog, CallsAreSteps) {
  Result<RoutingFile> r = parseRouting(smallLog, "l.jsonl");
  ASSERT_TRUE(r) << r.error().str();
  EXPECT_EQ(r->trace.layers[0].stepLoads,
            (std::vector<std::vector<int64_t>>{{1, 2, 1}, {1, 0, 1}}));
  EXPECT_TRUE(r->warnings.empty());
  Result<RoutingFile> cut = parseRouting(smallLog, "l.jsonl", {4, 1});
  ASSERT_TRUE(cut) << cut.error().str();
  EXPECT_EQ(cut->trace.layers[0].steps(), 3);
  EXPECT_EQ(cut->trace.layers[0].experts, 4);
}

TEST(RouteLog, SaysWhenRecordsWereDropped) {
  std::string jump =
      smallLog + R"({"token_idx": 9, "layer": 0, "topk_ids": [1, 0]})";
  EXPECT_TRUE(warns(*parseRouting(jump, "l"), "token_idx jumps ahead 1 times"));
  std::string uneven =
      smallLog + R"({"token_idx": 0, "layer": 1, "topk_ids": [1, 0]})";
  EXPECT_TRUE(warns(*parseRouting(uneven, "l"),
                    "layer 1 counts 2 token-expert pairs, layer 0 counts 6"));
}

TEST(RouteLog, RejectsWithTheLine) {
  auto bad = [](const std::string &line, const char *expected) {
    expectError(parseRouteLog(smallLog + line, "l.jsonl"), expected);
  };
  bad("{\"layer\": 0, \"topk_ids\": [1}", "l.jsonl:5:28: not valid JSON");
  bad("{\"layer\": 0}", "l.jsonl:5:1: the key 'topk_ids' is missing");
  bad("{\"layer\": 0, \"topk_ids\": [1]}", "topk_ids: 1 ids; expected 2");
  bad("{\"layer\": 9, \"topk_ids\": []}", "0 ids; expected 1 to 64");
  bad("{\"layer\": -1, \"topk_ids\": [1, 2]}", "layer: -1 does not fit");
  bad("{\"layer\": 0, \"topk_ids\": [1, 99999]}", "from -1 to 4095");
  bad("{\"layer\": 0, \"topk_ids\": [1, 2], \"token_idx\": -4}", "token_idx");
  bad("7", "expected an object with 'layer'");
  expectError(parseRouteLog("{\"type\": \"meta\"}\n", "l"), "no row with");
}

TEST(Traps, NamesCopiedLayersDummyRowsAndCliffs) {
  unsigned seed = 7;
  std::mt19937 random(seed);
  auto layer = [&](int64_t id) {
    plan::LayerRouting l{id, 64, 2, {}, {}};
    for (int t = 0; t < 200; ++t) {
      int32_t first = static_cast<int32_t>(random() % 64);
      l.ids.push_back(first);
      l.ids.push_back((first + 1 + static_cast<int32_t>(random() % 63)) % 64);
    }
    return l;
  };
  plan::RoutingTrace trace;
  trace.layers = {layer(0), layer(1)};
  plan::groupIntoSteps(trace, 50);
  EXPECT_TRUE(findTraps(trace).empty());

  plan::RoutingTrace copied = trace;
  copied.layers.push_back(copied.layers[0]);
  copied.layers.back().layer = 8;
  ASSERT_EQ(findTraps(copied).size(), 1u);
  EXPECT_NE(findTraps(copied)[0].find("layer 8 is equal to layer 0"),
            std::string::npos);

  plan::RoutingTrace dummy = trace;
  for (int t = 10; t < 110; ++t) {
    dummy.layers[1].ids[2 * t] = 3;
    dummy.layers[1].ids[2 * t + 1] = 5;
  }
  plan::groupIntoSteps(dummy, 50);
  EXPECT_NE(
      findTraps(dummy).at(0).find("dummy rows: 100 of 200 rows of layer 1"),
      std::string::npos);

  plan::RoutingTrace twice = trace;
  twice.layers[0].ids[1] = twice.layers[0].ids[0];
  plan::groupIntoSteps(twice, 50);
  EXPECT_NE(findTraps(twice).at(0).find("1 rows name an expert twice"),
            std::string::npos);

  plan::RoutingTrace cliff;
  for (int64_t id : {4, 5, 6}) {
    plan::LayerRouting l{id, 64, 0, {std::vector<int64_t>(64, 100)}, {}};
    for (int64_t e = 0; e < 8; ++e)
      l.stepLoads[0][e + id] = 500 + e;
    cliff.layers.push_back(l);
  }
  bool found = false;
  for (const std::string &trap : findTraps(cliff))
    found |= trap.find("exactly 8 experts") != std::string::npos;
  EXPECT_TRUE(found);
}

TEST(Concatenate, JoinsStepsOfOneModel) {
  RoutingFile a = *parseRouting(R"({"logical_count": [[1, 2]]})", "a");
  RoutingFile b = *parseRouting(R"({"logical_count": [[3, 4, 5]]})", "b");
  Result<RoutingFile> both = concatenate({a, b});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->trace.layers[0].stepLoads,
            (std::vector<std::vector<int64_t>>{{1, 2, 0}, {3, 4, 5}}));
  EXPECT_TRUE(both->trace.check());
  expectError(concatenate({}), "no routing file given");
  RoutingFile two = *parseRouting(R"({"logical_count": [[1], [2]]})", "c");
  expectError(concatenate({a, two}), "routing file 2 has 2 layers");
  RoutingFile other = *parseRouting(R"({"logical_count": [[0], [2]]})", "d");
  expectError(concatenate({a, other}),
              "has layer 1 where the first has layer 0");
}

TEST(SharedRouting, EveryFileIsReadWithItsShape) {
  MOEC_NEED_SHARED(folder);
  struct Case {
    const char *file;
    size_t layers;
    int64_t experts, topK, tokens;
    std::vector<std::string> warnings;
  };
  std::string guess = "does not say how many experts";
  for (const Case &c : std::vector<Case>{
           {"deepseek-r1/decode_in1800out100.json", 58, 256, 0, 0, {"no load"}},
           {"deepseek-r1/decode_in2000out100.json", 58, 256, 0, 0, {"no load"}},
           {"deepseek-r1/prefill_in1024.json", 58, 256, 0, 0, {"no load"}},
           {"deepseek-r1/prefill_in4096.json", 58, 256, 0, 0, {"no load"}},
           {"deepseek-r1/prefill_in2000out100.json",
            58,
            256,
            0,
            0,
            {"no load", "dropped records"}},
           {"gpt-oss-20b/ids_gpqa_diamond.npy", 24, 32, 4, 10193, {guess}},
           {"gpt-oss-20b/ids_gpqa_main.npy", 24, 32, 4, 12186, {guess}},
           {"gpt-oss-20b/ids_mmlu_pro_validation.npy",
            24,
            32,
            4,
            7061,
            {guess}},
           {"gpt-oss-20b/ids_mmlu_validation.npy", 24, 32, 4, 40122, {guess}},
           {"gpt-oss-20b/ids_sorry_bench_base.npy", 24, 32, 4, 25462, {guess}},
           {"gpt-oss-20b/ids_tulu3_persona_if.npy", 24, 32, 4, 1470, {guess}},
           {"olmoe-mixtral/olmoe.json", 3, 64, 0, 0, {"each domain"}},
           {"olmoe-mixtral/mistral.json", 3, 8, 0, 0, {"each domain"}},
           {"flame-moe-290m/prefill_ids_u8.npy",
            8,
            64,
            6,
            2048,
            {"read as", guess}},
           {"flame-moe-290m/decode_ids_u8.npy", 8, 64, 6, 640, {guess}},
           {"mixtral-8x7b-instruct/humaneval0_decode_ids_u8.npy",
            32,
            8,
            2,
            83,
            {guess, "are holes"}},
           {"mixtral-8x7b-instruct/humaneval0_prefill0_ids_u8.npy",
            32,
            8,
            2,
            135,
            {guess, "are holes"}},
           {"qwen15-moe-vllm-log/moe_routes_clean.jsonl", 1, 60, 4, 2434, {}},
       }) {
    Result<RoutingFile> r = readRouting(folder + "/data/routing/" + c.file);
    ASSERT_TRUE(r) << r.error().str();
    EXPECT_EQ(r->trace.layers.size(), c.layers) << c.file;
    EXPECT_EQ(r->trace.layers[0].experts, c.experts) << c.file;
    EXPECT_EQ(r->trace.layers[0].topK, c.topK) << c.file;
    EXPECT_EQ(r->trace.layers[0].tokens(), c.tokens) << c.file;
    EXPECT_TRUE(r->trace.check()) << c.file;
    std::string all;
    for (const std::string &warning : r->warnings)
      all += warning + "\n";
    EXPECT_EQ(r->warnings.size(), c.warnings.size()) << c.file << "\n" << all;
    for (const std::string &word : c.warnings)
      EXPECT_TRUE(warns(*r, word)) << c.file << " lacks " << word << "\n"
                                   << all;
  }
}

TEST(SharedRouting, ScoresTokensAndIndicesAreRefused) {
  MOEC_NEED_SHARED(folder);
  for (auto [file, expected] :
       std::vector<std::pair<const char *, const char *>>{
           {"flame-moe-290m/prefill_scores_f32.npy",
            "scores and probabilities"},
           {"flame-moe-290m/prefill_tokens_i32.npy",
            "expected [tokens, layers"},
           {"flame-moe-290m/meta.json", "no routing statistics"},
           {"gpt-oss-20b/index.json", "no routing statistics"},
           {"gpt-oss-20b/probs_bf16bits_gpqa_diamond.npy", "an expert id is"},
       })
    expectError(readRouting(folder + "/data/routing/" + file), expected);
}
