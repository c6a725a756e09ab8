#include "target/Hardware.h"
#include "target/TextFile.h"

#include <gtest/gtest.h>

using namespace moec;
using namespace moec::target;

static const std::string examples = MOEC_SOURCE_DIR "/examples/hardware/";

static const std::string good = R"(format: moec-hardware/1
name: small
nodes:
  - name: n0
    network: {bandwidth: 1 GB/s, latency: 1 us}
    devices:
      - name: d0
        kind: cpu
        speed: 0.5
        port: {bandwidth: 100 Gb/s}
        memory: [{name: dram, capacity: 2 GiB, bandwidth: 40e9}]
        peak: {f32: 200 GFLOP/s}
        expert_latency: [[1, 1 us], [16, 2e-6]]
)";

TEST(Hardware, ReadsUnitsIntoSi) {
  Result<plan::Topology> t = parseHardware(good, "hw.yaml");
  ASSERT_TRUE(t) << t.error().str();
  ASSERT_EQ(t->size(), 1);
  const plan::Device &d = t->devices[0];
  EXPECT_DOUBLE_EQ(d.portBandwidth, 12.5e9);
  EXPECT_DOUBLE_EQ(d.speed, 0.5);
  EXPECT_EQ(d.memory[0].capacity, int64_t{2} << 30);
  EXPECT_DOUBLE_EQ(d.peakRate.at("f32"), 200e9);
  ASSERT_EQ(d.expertLatency.points.size(), 2u);
  EXPECT_DOUBLE_EQ(d.expertLatency.points[0].seconds, 1e-6);
  EXPECT_DOUBLE_EQ(t->nodes[0].networkLatency, 1e-6);
}

TEST(Hardware, WrittenFilesReadBackEqual) {
  for (const char *name :
       {"1-device.yaml", "4-devices.yaml", "mixed-4.yaml", "2-nodes-8.yaml"}) {
    Result<plan::Topology> t = readHardware(examples + name);
    ASSERT_TRUE(t) << t.error().str();
    Result<plan::Topology> again = parseHardware(printHardware(*t), "printed");
    ASSERT_TRUE(again) << again.error().str();
    EXPECT_EQ(*t, *again) << name;
  }
  Result<plan::Topology> t = parseHardware(good, "hw.yaml");
  ASSERT_TRUE(t);
  EXPECT_EQ(*t, *parseHardware(printHardware(*t), "printed"));
}

TEST(Hardware, ExamplesHaveTheirDevices) {
  EXPECT_EQ(readHardware(examples + "4-devices.yaml")->size(), 4);
  EXPECT_EQ(readHardware(examples + "1-device.yaml")->size(), 1);
  EXPECT_EQ(readHardware(examples + "2-nodes-8.yaml")->nodes.size(), 2u);
  Result<plan::Topology> mixed = readHardware(examples + "mixed-4.yaml");
  EXPECT_DOUBLE_EQ(mixed->devices[3].portBandwidth, 5e9);
}

namespace {
struct BadCase {
  const char *name;
  const char *find, *replace; ///< one change to `good`
  const char *expected;       ///< must be part of the message
};
} // namespace

class BadHardware : public testing::TestWithParam<BadCase> {};

TEST_P(BadHardware, NamesPlaceAndKey) {
  std::string text = good;
  size_t at = text.find(GetParam().find);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, std::string(GetParam().find).size(), GetParam().replace);
  Result<plan::Topology> t = parseHardware(text, "hw.yaml");
  ASSERT_FALSE(t);
  EXPECT_NE(t.error().str().find(GetParam().expected), std::string::npos)
      << t.error().str();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadHardware,
    testing::Values(
        BadCase{"Misspelt", "speed:", "sped:",
                "hw.yaml:9:9: nodes[0].devices[0].sped: unknown key 'sped'; "
                "did you mean 'speed'?"},
        BadCase{"FarKey", "speed:", "colour_of_case:", "the keys here are"},
        BadCase{"Nan", "0.5", ".nan",
                "hw.yaml:9:16: nodes[0].devices[0].speed: '.nan' does not fit"},
        BadCase{"PlainNan", "0.5", "nan", "'nan' does not fit"},
        BadCase{"Infinite", "0.5", "inf", "'inf' does not fit"},
        BadCase{"Negative", "100 Gb/s", "-100 Gb/s", "finite number above 0"},
        BadCase{"Zero", "40e9", "0", "memory[0].bandwidth: '0' does not fit"},
        BadCase{"WrongUnit", "2 GiB", "2 Gb/s", "with one of B, kB"},
        BadCase{"SmallCapacity", "2 GiB", "0.5", "no capacity"},
        BadCase{"NotANumber", "0.5", "[1]", "expected a finite number"},
        BadCase{"Missing", "        kind: cpu\n", "",
                "kind: the key is missing"},
        BadCase{"Twice", "speed: 0.5", "kind: cpu", "given twice"},
        BadCase{"UnknownKind", "kind: cpu", "kind: tpu",
                "expected cpu or cuda"},
        BadCase{"WrongFormat", "moec-hardware/1", "moec-hardware/9",
                "expected moec-hardware/1"},
        BadCase{"RowsFall", "[16, 2e-6]", "[1, 2e-6]", "rows must increase"},
        BadCase{"TimeFalls", "2e-6", "2e-9", "cannot take less time"},
        BadCase{"Point", "[16, 2e-6]", "[16]", "expected [rows, seconds]"},
        BadCase{"HalfRow", "[16, 2e-6]", "[16.5, 2e-6]", "expected an integer"},
        BadCase{"RowList", "[16, 2e-6]", "[[16], 2e-6]", "expected an integer"},
        BadCase{"NoPoint", "[[1, 1 us], [16, 2e-6]]", "[]", "no point"},
        BadCase{"NotAList", "[[1, 1 us], [16, 2e-6]]", "5", "expected a list"},
        BadCase{"NotAMap", "{bandwidth: 100 Gb/s}", "7", "expected a mapping"},
        BadCase{"EmptyWord", "name: d0", "name: ''", "expected a word"},
        BadCase{"ListAsKey", "speed: 0.5", "[a]: 1", "a key must be a word"},
        BadCase{"TooMany", "speed: 0.5", "count: 100000", "integer from 1"},
        BadCase{"BrokenYaml", "[16, 2e-6]]", "[16, 2e-6", "not valid YAML"},
        BadCase{"NotUtf8", "small", "sm\xff", "hw.yaml:2:9: not valid UTF-8"},
        BadCase{"TwoDocuments", "name: small", "---\na: b",
                "one YAML document; something"}),
    [](const auto &info) { return std::string(info.param.name); });

TEST(Hardware, RejectsAMachineWithoutDevices) {
  auto check = [](const std::string &text, const char *expected) {
    Result<plan::Topology> t = parseHardware(text, "hw.yaml");
    ASSERT_FALSE(t);
    EXPECT_NE(t.error().str().find(expected), std::string::npos)
        << t.error().str();
  };
  check("format: moec-hardware/1\nnodes: []\n", "machine has no device");
  check("format: moec-hardware/1\nnodes: [{name: n, devices: []}]\n",
        "node has no device");
  check("", "expected a mapping");
  check(", a\nb: c\n", "expected one YAML document");
  std::string device = "{name: d, kind: cpu, port: {bandwidth: 1}}";
  check("format: moec-hardware/1\nnodes: [{name: n, devices: [" + device +
            ", " + device + "]}]",
        "two devices are named 'd'");
  check("format: moec-hardware/1\nnodes: [{name: n, devices: ["
        "{name: d, count: 65536, kind: cpu, port: {bandwidth: 1}}, " +
            device + "]}]",
        "more than 65536 devices");
  check("format: moec-hardware/1\nnodes: [{name: n, devices: ["
        "{name: a, kind: cpu}, {name: b, kind: cpu, port: {bandwidth: 1}}]}]",
        "nodes[0].devices[0].port: the key is missing");
}

TEST(Hardware, SaysWhenTheFileCannotBeRead) {
  EXPECT_EQ(readHardware("/no/such.yaml").error().str(),
            "/no/such.yaml: no such file");
  EXPECT_EQ(readHardware("/").error().str(), "/: not a regular file");
  Result<plan::Topology> t = parseHardware(good, "hw.yaml");
  Status status = writeHardware(*t, "/no/such/folder/hw.yaml");
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().str().find("cannot write"), std::string::npos);
}

TEST(TextFile, FindsTheFirstByteThatIsNotUtf8) {
  constexpr size_t none = std::string_view::npos;
  EXPECT_EQ(findInvalidUtf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            none);
  EXPECT_EQ(findInvalidUtf8("ab\x80"), 2u);
  EXPECT_EQ(findInvalidUtf8("\xC0\x80"), 0u);
  EXPECT_EQ(findInvalidUtf8("\xED\xA0\x80"), 0u);
  EXPECT_EQ(findInvalidUtf8("\xF4\x90\x80\x80"), 0u);
  EXPECT_EQ(findInvalidUtf8("a\xE2\x82"), 1u);
}
