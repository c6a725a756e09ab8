//===- MoeRunTest.cpp - moe-run as a user calls it ------------------------===//
//
// Part of moec. Runs the tool as a process: what it prints, its exit code.
//
//===----------------------------------------------------------------------===//

#include "Npy.h"
#include "support/TestArtifact.h"

#include "onnx.pb.h"

#include <gmock/gmock.h>

#include <sys/wait.h>

#include <cstdio>
#include <cstring>

using namespace moec::test;
using moec::run::HostTensor;
using moec::run::readNpy;
using moec::run::writeNpy;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

namespace fs = std::filesystem;

struct Result {
  int exitCode = -1;
  std::string output;
  std::string error;
};

HostTensor floats(const std::string &name, std::vector<int64_t> shape,
                  const std::vector<float> &values) {
  HostTensor tensor(name, MOE_RT_F32, std::move(shape));
  std::memcpy(tensor.bytes().data(), values.data(), tensor.bytes().size());
  return tensor;
}

/// The model y = x * [1, 10, 100] and an input for it.
class MoeRun : public testing::Test {
protected:
  MoeRun() : artifact("scale") {
    artifact.input(tensor("x", "f32", {"n", 3}))
        .output(tensor("layer/y", "f32", {"n", 3}))
        .sharedWeight({"w0", {3}, {1, 10, 100}})
        .write();
    writeNpy(file("x.npy"), floats("x", {2, 3}, {1, 2, 3, 4, 5, 6}).view());
  }

  std::string file(const std::string &name) const {
    return (folder.path() / name).string();
  }
  std::string model() const { return artifact.path().string(); }
  std::string input() const { return " --input x=" + file("x.npy"); }

  Result run(const std::string &arguments) const {
    std::string command = std::string(MOEC_RUN_TOOL) + " " + arguments + " >" +
                          file("stdout") + " 2>" + file("stderr");
    int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            readBytes(file("stdout")), readBytes(file("stderr"))};
  }
  /// The message of a command that must fail with `exitCode`.
  std::string errorOf(const std::string &arguments, int exitCode = 1) const {
    Result result = run(arguments);
    EXPECT_EQ(result.exitCode, exitCode) << arguments;
    EXPECT_THAT(result.error, StartsWith("moe-run: "));
    EXPECT_EQ(std::count(result.error.begin(), result.error.end(), '\n'), 1)
        << result.error;
    return result.error.substr(9, result.error.size() - 10);
  }

  void writeProto(const std::string &name, const HostTensor &tensor) const {
    onnx::TensorProto proto;
    proto.set_name(tensor.name);
    proto.set_data_type(onnx::TensorProto::FLOAT);
    for (int64_t size : tensor.shape)
      proto.add_dims(size);
    proto.set_raw_data(tensor.bytes().data(), tensor.bytes().size());
    writeBytes(file(name), proto.SerializeAsString());
  }
  /// A data set; `error` is added to one element of the expected output.
  void writeDataSet(const std::string &name, float error) const {
    writeProto(name + "/input_0.pb", floats("x", {1, 3}, {1, 2, 3}));
    writeProto(name + "/output_0.pb",
               floats("layer/y", {1, 3}, {1, 20, 300 + error}));
  }

  TestArtifact artifact;

private:
  TemporaryFolder folder;
};

} // namespace

TEST_F(MoeRun, WritesOutputs) {
  Result result = run(model() + input() + " --output-dir " + file("out/deep"));
  EXPECT_EQ(result.exitCode, 0) << result.error;
  std::string path = file("out/deep/layer_y.npy");
  EXPECT_EQ(result.output, "layer/y  f32[2, 3]  " + path + "\n");
  HostTensor y = readNpy(path, "y", MOE_RT_F32);
  HostTensor expected = floats("y", {2, 3}, {1, 20, 300, 4, 50, 600});
  EXPECT_EQ(y.shape, expected.shape);
  EXPECT_EQ(
      std::memcmp(y.bytes().data(), expected.bytes().data(), y.bytes().size()),
      0);
}

TEST_F(MoeRun, PrintsTimes) {
  Result result = run(model() + input() + " --repeat=5 --json --threads 1");
  EXPECT_EQ(result.exitCode, 0) << result.error;
  json times = json::parse(result.output);
  EXPECT_EQ(times["runs"], 5);
  EXPECT_EQ(times["ranks"], 1);
  EXPECT_EQ(times["threads_per_rank"], 1);
  EXPECT_LE(times["min_ms"], times["median_ms"]);
  EXPECT_THAT(result.error, HasSubstr("layer/y  f32[2, 3]"));
  result = run(model() + input() + " --repeat 2 --warmup 0");
  EXPECT_THAT(result.output, HasSubstr("of 2 runs on 1 ranks with "));
}

TEST_F(MoeRun, ProfilesAsTextAndJson) {
  TestArtifact profiled("profiled");
  profiled.input(tensor("x", "f32", {1})).output(tensor("y", "f32", {1}));
  writeNpy(file("one.npy"), floats("x", {1}, {1}).view());
  std::string command = profiled.write().string() +
                        " --input x=" + file("one.npy") +
                        " --threads 1 --profile ";
  Result result = run(command + "--repeat 3");
  EXPECT_EQ(result.exitCode, 0) << result.error;
  for (const char *expected :
       {"layer  phase", "\n0      route", "\n1      combine", "\nend    head",
        "\ntotal  head", "of 3 runs", "limits: "})
    EXPECT_THAT(result.output, HasSubstr(expected));

  result = run(command + "--json --trace " + file("trace.json"));
  EXPECT_EQ(result.exitCode, 0) << result.error;
  json profile = json::parse(result.output);
  EXPECT_EQ(profile["runs"], 10);
  EXPECT_GT(profile["limits"]["gflops_per_s"], 0);
  EXPECT_GT(profile["limits"]["gb_per_s"], 0);
  EXPECT_EQ(profile["layers"].size(), 3); // 0, 1, end
  EXPECT_EQ(profile["layers"][1]["phases"][1]["phase"], "combine");
  EXPECT_EQ(profile["layers"][1]["phases"][1]["flops"], 4);
  EXPECT_EQ(profile["phases"][3]["bytes"], 64); // the head
  EXPECT_EQ(profile["steps"][0].size(), 6);

  json trace = json::parse(readBytes(file("trace.json")));
  ASSERT_EQ(trace["traceEvents"].size(), 7); // the rank's name, six steps
  EXPECT_EQ(trace["traceEvents"][6]["name"], "gemm");
  EXPECT_EQ(trace["traceEvents"][6]["args"]["source"], "/lm_head");
}

TEST_F(MoeRun, TraceThatCannotBeWritten) {
  EXPECT_EQ(errorOf(model() + input() + " --trace /nowhere/trace.json"),
            "cannot write the trace /nowhere/trace.json");
}

TEST_F(MoeRun, Help) {
  Result result = run("--help");
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_THAT(result.output, StartsWith("Usage: moe-run MODEL.moe"));
}

TEST_F(MoeRun, TestDataPassesAndFails) {
  writeDataSet("sets/test_data_set_0", 0);
  writeDataSet("sets/test_data_set_10", 0.3f);
  Result result = run(model() + " --test-data " + file("sets"));
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_THAT(result.output, HasSubstr("layer/y  max|a-b|/max|b| = 0\n"));
  EXPECT_THAT(result.output, HasSubstr("  MISMATCH\n"));
  EXPECT_THAT(result.output, HasSubstr("1 of 2 data sets within 0.0001\n"));
  result = run(model() + " --rtol 0.01 --test-data " + file("sets"));
  EXPECT_EQ(result.exitCode, 0);
  result = run(model() + " --repeat 2 --json --test-data " +
               file("sets/test_data_set_0"));
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_EQ(json::parse(result.output)["data_set"],
            file("sets/test_data_set_0"));
}

TEST_F(MoeRun, TestDataWithoutNamesGoesByNumber) {
  writeProto("set/input_0.pb", floats("other", {1, 3}, {1, 2, 3}));
  writeProto("set/output_0.pb", floats("", {1, 3}, {1, 20, 300}));
  EXPECT_EQ(run(model() + " --test-data " + file("set")).exitCode, 0);
}

TEST_F(MoeRun, TestDataThatDoesNotFit) {
  std::string command = model() + " --test-data " + file("set");
  EXPECT_EQ(errorOf(command), file("set") + ": there is no such folder");
  fs::create_directories(file("set"));
  EXPECT_EQ(errorOf(command),
            file("set") + ": there is no output_0.pb to compare with");
  writeDataSet("set", 0);
  writeProto("set/input_1.pb", floats("z", {1}, {1}));
  EXPECT_EQ(errorOf(command), file("set/input_1.pb") +
                                  ": the model has no input 'z' and no "
                                  "input number 1; its inputs are: x");
  writeProto("set/input_1.pb", floats("x", {1}, {1}));
  EXPECT_EQ(errorOf(command),
            file("set/input_1.pb") + ": there is another file for input 'x'");
  writeBytes(file("set/input_1.pb"), "\xff");
  EXPECT_EQ(errorOf(command),
            file("set/input_1.pb") + ": it is not an ONNX tensor");
  fs::remove(file("set/input_1.pb"));
  fs::remove(file("set/input_0.pb"));
  EXPECT_EQ(errorOf(command), "input 'x' (f32[n, 3]) is missing");
}

TEST_F(MoeRun, WrongInputs) {
  EXPECT_EQ(errorOf(model()), "input 'x' (f32[n, 3]) is missing");
  EXPECT_EQ(errorOf(model() + " --input z=" + file("x.npy")),
            "the model has no input 'z'; its inputs are: x");
  EXPECT_EQ(errorOf(model() + " --input x=" + file("none.npy")),
            "cannot open " + file("none.npy") + ": No such file or directory");
  writeNpy(file("x.npy"), floats("x", {3, 2}, {1, 2, 3, 4, 5, 6}).view());
  EXPECT_EQ(errorOf(model() + input()),
            "input 'x' has shape [3, 2] but the model takes f32[n, 3]");
  writeNpy(file("x.npy"), HostTensor("x", MOE_RT_I64, {2, 3}).view());
  EXPECT_EQ(errorOf(model() + input()),
            "input 'x' is i64 but the model takes f32[n, 3]");
  writeBytes(file("x.npy"), "not an array");
  EXPECT_EQ(errorOf(model() + input()),
            file("x.npy") + ": it is not a .npy file");
}

TEST_F(MoeRun, BrokenArtifacts) {
  std::string manifest = readBytes(artifact.path() / "manifest.json");
  auto with = [&](const std::string &key, const json &value) {
    json changed = json::parse(manifest);
    changed[json::json_pointer(key)] = value;
    writeBytes(artifact.path() / "manifest.json", changed.dump());
    return errorOf(model() + input() + " --no-verify");
  };
  EXPECT_THAT(with("/format_version", 99),
              HasSubstr("format_version is 99 but this runtime reads 1"));
  EXPECT_THAT(with("/weights/0/name", "w9"),
              HasSubstr("rank 0 has no weight 'w9'"));
  EXPECT_THAT(with("/program/file", "../program.so"),
              HasSubstr("must lie inside the artifact's folder"));
  writeBytes(artifact.path() / "manifest.json", manifest);
  fs::path weights = artifact.path() / "weights/shared.safetensors";
  std::string bytes = readBytes(weights);
  bytes.back() ^= 1;
  writeBytes(weights, bytes);
  EXPECT_THAT(errorOf(model() + input()), HasSubstr("the file is damaged"));
  EXPECT_EQ(run(model() + input() + " --no-verify").exitCode, 0);
  EXPECT_EQ(errorOf(file("none.moe")),
            file("none.moe") + " is not an artifact: there is no such folder");
}

TEST_F(MoeRun, OutputsThatCannotBeWritten) {
  writeBytes(file("out"), "a file");
  EXPECT_THAT(errorOf(model() + input() + " --output-dir " + file("out")),
              StartsWith("cannot make " + file("out")));
  fs::create_directories(file("taken/layer_y.npy"));
  EXPECT_EQ(errorOf(model() + input() + " --output-dir " + file("taken")),
            "cannot write " + file("taken/layer_y.npy") +
                "; is there space, and may you write there?");
}

TEST_F(MoeRun, WrongUsage) {
  auto usage = [&](const std::string &arguments) {
    return errorOf(arguments, 2);
  };
  EXPECT_EQ(usage(""),
            "which model? moe-run MODEL.moe ...; see moe-run --help");
  EXPECT_EQ(usage("a.moe b.moe"), "there are two models, 'a.moe' and 'b.moe'");
  EXPECT_EQ(usage("a.moe --speed 9"),
            "unknown option --speed; see moe-run --help");
  EXPECT_EQ(usage("a.moe --input"), "--input needs a value");
  EXPECT_EQ(usage("a.moe --input x"), "--input needs NAME=FILE.npy, not 'x'");
  EXPECT_EQ(usage("a.moe --input =f.npy"),
            "--input needs NAME=FILE.npy, not '=f.npy'");
  EXPECT_EQ(usage("a.moe --repeat 0"),
            "--repeat needs a number of at least 1, not '0'");
  EXPECT_EQ(usage("a.moe --repeat many"),
            "--repeat needs a number of at least 1, not 'many'");
  EXPECT_EQ(usage("a.moe --threads=-1"),
            "--threads needs a number of at least 1, not '-1'");
  EXPECT_EQ(usage("a.moe --timeout 0"),
            "--timeout needs a number of at least 0.001, not '0'");
  EXPECT_EQ(usage("a.moe --rtol nan"),
            "--rtol needs a number of at least 0, not 'nan'");
  EXPECT_EQ(
      usage("a.moe --test-data d --trace t.json"),
      "--trace shows one run: it goes with --input, not with --test-data");
  EXPECT_EQ(usage("a.moe --json"),
            "--json prints times or a profile: add --repeat or --profile");
  EXPECT_EQ(usage("a.moe --test-data d --input x=x.npy"),
            "--test-data brings its own inputs, leave --input out");
  EXPECT_EQ(usage("a.moe --test-data d --output-dir o"),
            "--output-dir goes with --input, not with --test-data");
}
