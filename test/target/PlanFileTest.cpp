#include "target/PlanFile.h"
#include "target/ChromeTrace.h"
#include "target/PlacedLayers.h"
#include "target/TrafficCsv.h"

#include <gtest/gtest.h>

using namespace moec;
using namespace moec::target;

template <typename T>
static void expectError(const Result<T> &result, const std::string &expected) {
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().str().find(expected), std::string::npos)
      << result.error().str();
}

static std::string with(std::string text, const std::string &find,
                        const std::string &replace) {
  size_t at = text.find(find);
  EXPECT_NE(at, std::string::npos) << find;
  return text.replace(at, find.size(), replace);
}

static std::vector<PlacedLayer> twoLayers() {
  return {{0, 3, {{{0, 1}, {2, 0}}}}, {1, 3, {{{2, 1}, {1, 0}}}}};
}

static Plan placementPlan() {
  PlacementDecision decision;
  decision.strategy = "step";
  decision.reason = "step beats linear";
  decision.slots = 4;
  decision.layers = twoLayers();
  decision.score = {1.5, 1.25, {{"linear", 2.0}}};
  decision.heldOut = {1.6, 1.25, {{"linear", 2.5}}};
  decision.hasHeldOut = true;
  return {plan::Topology::uniform(2), {{"t.npy", hashOf("abc")}}, decision};
}

static Plan allToAllPlan() {
  AllToAllDecision decision;
  decision.problem.traffic = plan::TrafficMatrix(2);
  decision.problem.traffic(0, 1) = 7;
  decision.problem.bandwidth = {1, 1};
  decision.solution.rounds = {{7, {{0, 1, 7}}}};
  decision.solution.portUnits = {1, 1};
  decision.bound = decision.cost = 7;
  decision.baselines = {{"sjf", 7}};
  return {plan::Topology::uniform(2), {}, decision};
}

static Plan hierarchicalPlan() {
  HierarchicalDecision decision;
  decision.problem = {plan::TrafficMatrix(4), 2, 1, 4, 0};
  decision.problem.traffic(0, 2) = 6;
  decision.problem.traffic(1, 0) = 8;
  decision.solution = *plan::solveHierarchical(decision.problem);
  decision.bound = decision.problem.lowerBound();
  decision.cost = decision.solution.cost(decision.problem);
  decision.baselines = {{"flat", 6}};
  return {plan::Topology::uniform(4), {}, decision};
}

static Plan colocationPlan() {
  ColocatedLayer layer{0, 1, 4, 2, {}, {}, {}};
  layer.problem.bandwidth = {1, 2};
  layer.problem.a = {{3, 5}, {5, 3}, {0, 0, 0, 0}, {1, 2, 3, 4}, {0, 0, 0, 0}};
  layer.problem.b = {{1, 2}, {2, 1}, {0, 0, 0, 0}, {4, 3, 2, 1}, {0, 0, 0, 0}};
  layer.solution = *plan::solveColocation(layer.problem);
  layer.score = {layer.solution.cost(layer.problem),
                 layer.problem.lowerBound(),
                 {{"linear", 20}}};
  return {
      plan::Topology::uniform(2), {}, ColocationDecision{{layer}, layer.score}};
}

TEST(PlanFile, PlacementReadsBackEqual) {
  Plan plan = placementPlan();
  auto &decision = std::get<PlacementDecision>(plan.decision);
  decision.layers[0].rounds = {{0, 1}, {1, 0}};
  decision.capacity = {3, 1};
  Result<Plan> again = parsePlan(printPlan(plan), "p.json");
  ASSERT_TRUE(again) << again.error().str();
  EXPECT_EQ(again->machine, plan.machine);
  EXPECT_EQ(again->inputs, plan.inputs);
  EXPECT_EQ(std::get<PlacementDecision>(again->decision),
            std::get<PlacementDecision>(plan.decision));
  EXPECT_EQ(printPlan(*again), printPlan(plan));
}

TEST(PlanFile, AllToAllReadsBackEqual) {
  Plan plan = allToAllPlan();
  Result<Plan> again = parsePlan(printPlan(plan), "p.json");
  ASSERT_TRUE(again) << again.error().str();
  EXPECT_EQ(std::get<AllToAllDecision>(again->decision).solution,
            std::get<AllToAllDecision>(plan.decision).solution);
  EXPECT_EQ(printPlan(*again), printPlan(plan));
}

TEST(PlanFile, HierarchicalReadsBackEqual) {
  Plan plan = hierarchicalPlan();
  EXPECT_EQ(kindOf(plan), "hierarchical-all-to-all");
  Result<Plan> again = parsePlan(printPlan(plan), "p.json");
  ASSERT_TRUE(again) << again.error().str();
  EXPECT_EQ(std::get<HierarchicalDecision>(again->decision).solution,
            std::get<HierarchicalDecision>(plan.decision).solution);
  EXPECT_EQ(printPlan(*again), printPlan(plan));
}

TEST(PlanFile, ColocationReadsBackEqual) {
  Plan plan = colocationPlan();
  EXPECT_EQ(kindOf(plan), "colocation");
  Result<Plan> again = parsePlan(printPlan(plan), "p.json");
  ASSERT_TRUE(again) << again.error().str();
  const auto &layers = std::get<ColocationDecision>(again->decision).layers;
  ASSERT_EQ(layers.size(), 1u);
  EXPECT_EQ(layers[0].solution,
            std::get<ColocationDecision>(plan.decision).layers[0].solution);
  EXPECT_EQ(layers[0].expertsA, 4);
  EXPECT_EQ(printPlan(*again), printPlan(plan));
}

TEST(PlanFile, HierarchicalErrorsNamePlaceAndKey) {
  auto bad = [](const char *find, const char *replace, const char *expected) {
    expectError(
        parsePlan(with(printPlan(hierarchicalPlan()), find, replace), "p.json"),
        expected);
  };
  bad("\"devices_per_node\": 2", "\"devices_per_node\": 3",
      "traffic: the traffic is between 4 devices, which are no whole number");
  bad("\"network_bandwidth\": 1.0", "\"network_bandwidth\": 0",
      "the bandwidths are 0 (network)");
  bad("\"lane\":0", "\"lane\":2", "slices[0].lane: 2 does not fit");
  bad("\"lane\"", "\"lain\"", "did you mean 'lane'?");
  bad("\"port_units\": [1,1]", "\"port_units\": [1]",
      "port_units: 1 numbers; the machine has 2 nodes");
  bad("[0,0,6,0]", "[0,0,6]", "traffic[0]: 3 numbers; expected 4");
}

TEST(PlanFile, ColocationErrorsNamePlaceAndKey) {
  std::string text = printPlan(colocationPlan());
  auto bad = [&](const char *find, const char *replace, const char *expected) {
    expectError(parsePlan(with(text, find, replace), "p.json"), expected);
  };
  bad("\"a\":[0,1]", "\"a\":[1,2]",
      "pairs[0].a: these are none of 2 equal blocks of consecutive experts");
  bad("\"a\":[0,1]", "\"a\":[]", "none of 2 equal blocks");
  bad("\"a\":[2,3]", "\"a\":[0,1]", "pairs[1].a: these experts are on device");
  bad("\"device\":0", "\"device\":1", "device 1 has a pair already");
  bad("\"ffn_s\":[[1.0,2.0],", "\"ffn_s\":[[1.0],",
      "costs_a.ffn_s[0]: 1 numbers; expected 2");
  bad("\"ffn_s\":[[1.0,2.0],", "\"ffn_s\":[",
      "costs_a.ffn_s: 1 rows; the machine has 2 devices");
  bad("\"sent\":[3,5]", "\"sent\":[3]", "costs_a: there are 1 sent and 2");
  bad("\"port_bandwidth\": [1.0,2.0]", "\"port_bandwidth\": [1.0,0.0]",
      "port_bandwidth: the port bandwidth of device 1 is 0");
  bad("\"layer_a\"", "\"layer_c\"", "layers[0].layer_c: unknown key");
  size_t begin = text.find("\"pairs\":[{"), end = text.find("},{", begin);
  std::string one = text;
  one.erase(begin + 9, end + 2 - begin - 9);
  expectError(parsePlan(one, "p.json"),
              "pairs: 1 pairs; the machine has 2 devices");
  begin = text.find("\"layers\": [");
  end = text.find("\n  ]", begin);
  text.replace(begin, end + 4 - begin, "\"layers\": []");
  expectError(parsePlan(text, "p.json"), "layers: the plan has no layer");
}

TEST(PlanFile, PlacementErrorsNamePlaceAndKey) {
  auto bad = [](const char *find, const char *replace, const char *expected) {
    expectError(
        parsePlan(with(printPlan(placementPlan()), find, replace), "p.json"),
        expected);
  };
  bad("moec-plan/1", "moec-plan/2",
      "p.json:2:13: format: format 'moec-plan/2'");
  bad("\"placement\"", "\"pipeline\"", "expected placement, all-to-all");
  bad("\"strategy\"", "\"strateg\"", "did you mean 'strategy'?");
  bad("\"slots\": 4", "\"slots\": 0", "slots: 0 does not fit");
  bad("[[0,1],[2,0]]", "[[0,9],[2,0]]",
      "p.json:8:42: layers[0].devices[0][1]: 9 does not fit");
  bad("[[0,1],[2,0]]", "[[0,1]]", "1 devices; the machine has 2");
  bad("\"slots\": 4", "\"slots\": 4, \"capacity\": [4]",
      "capacity: 1 numbers; the machine has 2 devices");
  bad("[[0,1],[2,0]]", "[[0,1],[2,0]],\"rounds\":[[0,2]]",
      "layers[0].rounds[0][1]: 2 does not fit");
  bad("[[0,1],[2,0]]", "[[0,1],[2,0]],\"rounds\":[[0]]",
      "layers[0].rounds[0]: 1 destinations; the machine has 2 devices");
  bad("\"objective_s\": 1.5", "\"objective_s\": -1", "objective_s: expected a");
  bad("{\"linear\":2.0}", "[2.0]", "expected an object of names");
  bad("\"speed\":1.0", "\"sped\":1.0",
      "machine: nodes[0].devices[0].sped: unknown key");
  bad("\"path\"", "\"paht\"", "did you mean 'path'?");
  std::string plan = printPlan(placementPlan());
  size_t begin = plan.find("\"layers\": [");
  size_t end = plan.find("\n  ],", begin);
  plan.replace(begin, end + 4 - begin, "\"layers\": []");
  expectError(parsePlan(plan, "p.json"), "layers: the plan has no layer");
}

TEST(PlanFile, AllToAllErrorsNamePlaceAndKey) {
  auto bad = [](const char *find, const char *replace, const char *expected) {
    expectError(
        parsePlan(with(printPlan(allToAllPlan()), find, replace), "p.json"),
        expected);
  };
  bad("\"dst\":1", "\"dst\":2", "sends[0].dst: 2 does not fit");
  bad("[0,7]", "[0]", "traffic[0]: 1 numbers; expected 2");
  bad("[0,7],", "", "traffic: 1 rows; the machine has 2 devices");
  bad("[0,7]", "[0,4611686018427387904]", "traffic from 0 to 1 is");
  bad("\"port_bandwidth\": [1.0,1.0]", "\"port_bandwidth\": [1.0]",
      "1 ports; the machine has 2");
  bad("\"port_units\": [1,1]", "\"port_units\": [1]", "1 numbers");
}

TEST(Engines, EveryFormatReadsBackEqual) {
  std::vector<PlacedLayer> layers = twoLayers();
  Result<std::string> sglang = printSglang(layers);
  ASSERT_TRUE(sglang);
  EXPECT_EQ(*parseSglang(*sglang, "s", 2), layers);
  Result<std::string> trtllm = printTrtllm(layers);
  ASSERT_TRUE(trtllm);
  EXPECT_EQ(*parseTrtllm(*trtllm, "t", 2), layers);
  EXPECT_EQ(*parseAscend(printAscend(layers), "a"), layers);
}

TEST(Engines, SglangFillsDenseLayers) {
  std::vector<PlacedLayer> layers = {{2, 3, {{{0, 1}, {2, 0}}}}};
  EXPECT_EQ(*printSglang(layers), "{\"physical_to_logical_map\": [\n"
                                  "  [0, 1, 2, 0],\n  [0, 1, 2, 0],\n"
                                  "  [0, 1, 2, 0]\n]}\n");
}

TEST(Engines, SaysWhatAFormatCannotHold) {
  std::vector<PlacedLayer> uneven = {{0, 3, {{{0, 1}, {2}}}}};
  expectError(printSglang(uneven), "layer 0: device 1 has 1 experts, device 0 "
                                   "has 2; this format needs equally many");
  expectError(printTrtllm(uneven), "this format needs equally many");
  std::vector<PlacedLayer> slots = {{0, 2, {{{0}, {1}}}},
                                    {1, 2, {{{0, 1}, {1, 0}}}}};
  expectError(printSglang(slots), "layer 1 has 4 slots, others have 2; SGLang");
  expectError(printTrtllm(slots), "others have 2; TensorRT-LLM");
}

TEST(Engines, ChecksPlacements) {
  expectError(checkLayers({}), "no layer");
  expectError(checkLayers({{0, 3, {{{0, 1}}}}}), "expert 2 is on no device");
  expectError(checkLayers({{0, 1, {{{0, 1}}}}}), "expert 1 is not in 0..0");
  expectError(checkLayers({{0, 1, {{{0}}}}, {1, 1, {{{0}, {0}}}}}),
              "layer 1 uses 2 devices, layer 0 uses 1");
}

TEST(Engines, ReadersRejectWithThePlace) {
  std::string sglang = *printSglang(twoLayers());
  expectError(parseSglang(sglang, "s", 0), "give the number of devices");
  expectError(parseSglang(sglang, "s", 3), "4 slots cannot be shared out");
  expectError(parseSglang(with(sglang, "0, 1, 2, 0", "1, 1, 2, 1"), "s", 2),
              "physical_to_logical_map: layer 0: expert 0 is on no device");
  expectError(parseSglang(with(sglang, "physical_to", "physical2"), "s", 2),
              "did you mean 'physical_to_logical_map'?");
  std::string trtllm = *printTrtllm(twoLayers());
  expectError(parseTrtllm(trtllm, "t", 0), "no ep_size");
  expectError(parseTrtllm(trtllm, "t", 3), "4 slots cannot be shared out");
  expectError(parseTrtllm(with(trtllm, "  1: [2,", "  x: [2,"), "t", 2),
              "no layer number");
  expectError(parseTrtllm(with(trtllm, "[2, 1,", "[2,"), "t", 2),
              "t:5:6: initial_global_assignments.1: 3 experts for 4 slots");
  expectError(parseTrtllm(with(trtllm, "1, 1, 0]", "1, 1, 1]"), "t", 2),
              "layer 1: expert 0 is on no device");
  std::string ascend = printAscend(twoLayers());
  expectError(
      parseAscend(with(ascend, "\"layer_id\":0", "\"layer_id\":5"), "a"),
      "5 at place 0");
  expectError(
      parseAscend(with(ascend, "\"device_id\":1", "\"device_id\":4"), "a"),
      "expected device 1");
  expectError(
      parseAscend(with(ascend, "\"device_count\":2", "\"device_count\":3"),
                  "a"),
      "2 devices; device_count says 3");
  expectError(
      parseAscend(with(ascend, "layer_count\":2", "layer_count\":3"), "a"),
      "2 layers; moe_layer_count says 3");
  expectError(parseAscend(with(ascend, "[0,1]", "[1,1,4]"), "a"),
              "expert 3 is on no device");
}

TEST(Traffic, ReadsASquareOfIntegers) {
  Result<plan::TrafficMatrix> t = parseTraffic("0, 12\r\n3 ,0\n\n", "t.csv");
  ASSERT_TRUE(t) << t.error().str();
  EXPECT_EQ((*t)(0, 1), 12);
  EXPECT_EQ((*t)(1, 0), 3);
}

TEST(Traffic, RejectsWithLineAndColumn) {
  auto bad = [](const std::string &text, const char *expected) {
    expectError(parseTraffic(text, "t.csv"), expected);
  };
  bad("0,1\n2,x\n", "t.csv:2:3: 'x' is no number of bytes");
  bad("0,1\n2, -4\n", "t.csv:2:4: '-4' is no number");
  bad("0,1\n2,1.5\n", "'1.5' is no number");
  bad("0,1\n2,\n", "t.csv:2:3: '' is no number");
  bad("0,99999999999999999999\n1,1\n", "is no number");
  bad("0,1\n2,3,4\n", "t.csv:2:1: 3 numbers; the first row has 2");
  bad("0,1\n", "1 rows of 2 numbers; a traffic matrix is square");
  bad("0\n\n1\n", "t.csv:3:1: numbers behind an empty line");
  bad("", "no row of numbers");
  bad("0,4611686018427387904\n1,1\n",
      "t.csv:1:3: 4611686018427387904 bytes; expected at most "
      "2305843009213693952 between 2 ranks");
  bad("\n0,1\n4611686018427387904,1\n", "t.csv:3:1: 4611686018427387904");
  std::string wide;
  for (int i = 0; i < 5000; ++i)
    wide += "1,";
  bad(wide, "more than 4096 rows or columns");
}

TEST(ChromeTrace, HasOneRowForEachResource) {
  plan::TaskGraph graph;
  int32_t device = graph.addProcessor("d0");
  int32_t link = graph.addLink("d0 out", 10);
  int32_t first = graph.addCompute("experts", device, 2);
  graph.addTransfer("send", {link}, 20, 0, {first});
  plan::Result<plan::Timeline> timeline = plan::simulate(graph);
  ASSERT_TRUE(timeline);
  TraceProcess process = predictedProcess(graph, *timeline);
  ASSERT_EQ(process.spans.size(), 2u);
  EXPECT_EQ(process.spans[1].row, "d0 out");
  EXPECT_DOUBLE_EQ(process.spans[1].start, 2);
  EXPECT_DOUBLE_EQ(process.spans[1].seconds, 2);
  nlohmann::json json = nlohmann::json::parse(printChromeTrace({process}));
  EXPECT_EQ(json["traceEvents"].size(), 5u);
  EXPECT_EQ(json["traceEvents"][4]["ts"], 2e6);
}

TEST(ChromeTrace, OverlappingSpansTakeSeveralLines) {
  TraceProcess process{
      "predicted",
      {{"out", "a", 0, 2}, {"out", "b", 1, 2}, {"out", "c", 2, 1}}};
  nlohmann::json json = nlohmann::json::parse(printChromeTrace({process}));
  const auto &events = json["traceEvents"];
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[3]["tid"], 0);
  EXPECT_EQ(events[4]["tid"], 1);
  EXPECT_EQ(events[5]["tid"], 0);
}
