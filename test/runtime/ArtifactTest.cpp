//===- ArtifactTest.cpp - What is said of broken artifacts ----------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#include "support/TestArtifact.h"
#include "support/TestSession.h"

#include <gmock/gmock.h>

using namespace moec::test;
using nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

class ArtifactTest : public testing::Test, public TestArtifact {
protected:
  ArtifactTest() : TestArtifact("scale") {
    input(tensor("x", "f32", {"n", 3}));
    output(tensor("y", "f32", {"n", 3}));
    sharedWeight({"w0", {3}, {1, 10, 100}});
    write();
  }

  /// The error of opening, without the folder's name.
  std::string open(bool verify = true) {
    std::string error = TestSession(path(), {}, verify).error;
    std::string folder = path().string();
    while (error.find(folder) != error.npos)
      error.replace(error.find(folder), folder.size(), "MODEL");
    return error;
  }

  /// The error of opening with `value` at the JSON pointer `key`.
  std::string openWith(const std::string &key, const json &value) {
    json before = manifest;
    manifest[json::json_pointer(key)] = value;
    writeManifest();
    manifest = before;
    return open(false);
  }
  std::string openWithout(const std::string &key) {
    json before = manifest;
    manifest.erase(key);
    writeManifest();
    manifest = before;
    return open(false);
  }

  std::filesystem::path weights() const {
    return path() / "weights/shared.safetensors";
  }
  /// The error of opening with another safetensors header.
  std::string openWithHeader(const std::string &header) {
    uint64_t length = header.size();
    writeBytes(weights(), std::string(reinterpret_cast<char *>(&length), 8) +
                              header + std::string(12, '\0'));
    return open(false);
  }
};

} // namespace

TEST_F(ArtifactTest, OpensWithAndWithoutVerification) {
  EXPECT_EQ(open(), "");
  EXPECT_EQ(open(false), "");
}

TEST_F(ArtifactTest, NoSuchFolder) {
  EXPECT_EQ(TestSession("/nonexistent.moe").error,
            "/nonexistent.moe is not an artifact: there is no such folder");
  std::filesystem::remove(path() / "manifest.json");
  EXPECT_EQ(open(),
            "cannot open MODEL/manifest.json: No such file or directory");
}

TEST_F(ArtifactTest, FlippedByte) {
  for (std::string file : {"weights/shared.safetensors", "program.so"}) {
    std::string bytes = readBytes(path() / file);
    std::string damaged = bytes;
    damaged[damaged.size() - 2] ^= 1;
    writeBytes(path() / file, damaged);
    EXPECT_THAT(open(),
                StartsWith("MODEL/" + file + ": the checksum is xxh3:"));
    EXPECT_THAT(open(), EndsWith("; the file is damaged, copy or compile the "
                                 "artifact again"));
    writeBytes(path() / file, bytes);
  }
}

TEST_F(ArtifactTest, MissingChecksum) {
  manifest["checksums"].erase("program.so");
  writeManifest();
  EXPECT_EQ(open(), "MODEL/manifest.json: there is no checksum of program.so");
}

TEST_F(ArtifactTest, OtherVersions) {
  EXPECT_EQ(openWith("/format_version", 2),
            "MODEL/manifest.json: format_version is 2 but this runtime reads "
            "1; compile the model again with the moe-compile of this runtime");
  EXPECT_EQ(openWith("/abi_version", 0),
            "MODEL/manifest.json: abi_version is 0 but this runtime reads 3; "
            "compile the model again with the moe-compile of this runtime");
  EXPECT_EQ(openWith("/format", "zip"), "MODEL/manifest.json: format must be "
                                        "\"moec-artifact\", not \"zip\"");
}

TEST_F(ArtifactTest, MalformedManifest) {
  auto wrong = [](const std::string &text) {
    return "MODEL/manifest.json: " + text;
  };
  EXPECT_EQ(openWithout("ranks"), wrong("the manifest has no 'ranks'"));
  EXPECT_EQ(openWith("/ranks", 0), wrong("ranks must be at least 1, not 0"));
  EXPECT_EQ(openWith("/ranks", -1),
            wrong("ranks must be an integer from 0 to 65536, not -1"));
  EXPECT_EQ(openWith("/ranks", 1e30),
            wrong("ranks must be an integer from 0 to 65536, not 1e+30"));
  EXPECT_EQ(openWith("/name", 7), wrong("name must be a string, not 7"));
  EXPECT_EQ(openWith("/inputs", "x"),
            wrong("inputs must be a list, not \"x\""));
  EXPECT_EQ(openWith("/inputs/0", 3),
            wrong("inputs[0] must be an object, not 3"));
  EXPECT_EQ(openWith("/inputs/0/type", "f8"),
            wrong("inputs[0].type must be an element type, not \"f8\""));
  EXPECT_EQ(openWith("/inputs/0/shape/1", -3),
            wrong("inputs[0].shape[1] must be an integer from 0 to "
                  "9223372036854775807, not -3"));
  EXPECT_EQ(openWith("/outputs/1", manifest["outputs"][0]),
            wrong("outputs[1] must be named differently from the others, not "
                  "{\"name\":\"y\",\"shape\":[\"n\",3],\"type\":\"f32\"}"));
  EXPECT_EQ(openWith("/weights/0/shape/0", true),
            wrong("weights[0].shape[0] must be an integer from 0 to "
                  "9223372036854775807, not true"));
  EXPECT_EQ(openWith("/weight_files/0/rank", 1),
            wrong("weight_files[0].rank must be an integer from 0 to 0, not "
                  "1"));
  EXPECT_EQ(openWith("/decode_state", {{{"input", "y"}, {"output", "y"}}}),
            wrong("decode_state[0].input must be the name of an input, not "
                  "\"y\""));
  EXPECT_THAT(openWith("/decode_state",
                       {{{"input", "x"}, {"output", "y"}, {"kept_along", 9}}}),
              testing::HasSubstr("decode_state[0].kept_along must be"));
  EXPECT_THAT(
      openWith("/decode_state",
               {{{"input", "x"}, {"output", "y"}},
                {{"input", "x"}, {"output", "y"}, {"kept_along", 0}}}),
      testing::HasSubstr(
          "decode_state[1].kept_along must be given for the first states"));
  EXPECT_EQ(openWith("/decode_state", {{{"input", "x"}, {"output", "x"}}}),
            wrong("decode_state[0].output must be the name of an output, not "
                  "\"x\""));
  writeBytes(path() / "manifest.json", manifest.dump().substr(0, 100));
  EXPECT_EQ(open(), wrong("the manifest is not JSON"));
  writeBytes(path() / "manifest.json", "[1]");
  EXPECT_EQ(open(), wrong("the manifest must be an object, not [1]"));
  writeBytes(path() / "manifest.json", std::string(100000, '['));
  EXPECT_EQ(open(), wrong("the manifest is not JSON"));
}

TEST_F(ArtifactTest, PathsStayInside) {
  std::string where = "MODEL/manifest.json: ";
  writeBytes(path().parent_path() / "outside.so", "x");
  for (std::string file : {"../outside.so", "/etc/passwd", "a/../../b", ""})
    EXPECT_EQ(openWith("/program/file", file),
              where + "path '" + file +
                  "' must lie inside the artifact's folder");
  EXPECT_EQ(openWith("/weight_files/0/file", "../outside.so"),
            where +
                "path '../outside.so' must lie inside the artifact's folder");
  std::filesystem::create_symlink("../outside.so", path() / "link.so");
  EXPECT_THAT(openWith("/program/file", "link.so"),
              StartsWith(where + "path 'link.so' leads out of the artifact's "
                                 "folder, to "));
  std::filesystem::create_symlink("program.so", path() / "inside.so");
  EXPECT_EQ(openWith("/program/file", "inside.so"), "");
  EXPECT_EQ(openWith("/program/file", "none.so"),
            where + "cannot open MODEL/none.so: No such file or directory");
}

TEST_F(ArtifactTest, ProgramThatDoesNotLoad) {
  EXPECT_EQ(openWith("/program/entries/0/isa", "z80"),
            "the program was compiled for z80, which this processor does not "
            "have; compile the model for it");
  EXPECT_EQ(openWith("/program/entries", json::array()),
            "the program was compiled for nothing, which this processor does "
            "not have; compile the model for it");
  EXPECT_EQ(openWith("/program/entries/0/symbol", "moe_none"),
            "MODEL/program.so does not export moe_none");
  writeManifest();
  writeBytes(path() / "program.so", "not a shared object");
  EXPECT_THAT(open(false), StartsWith("cannot load the program: "));
}

TEST_F(ArtifactTest, FirstEntryThatTheProcessorHas) {
  json foreign = {{"isa", "z80"}, {"symbol", "none"}};
  json ours = manifest["program"]["entries"][0];
  EXPECT_EQ(openWith("/program/entries", json::array({foreign, ours})), "");
}

TEST_F(ArtifactTest, MissingWeight) {
  EXPECT_EQ(openWith("/weights/0/name", "w7"),
            "MODEL: rank 0 has no weight 'w7'; searched: "
            "weights/shared.safetensors");
  EXPECT_EQ(openWith("/weight_files", json::array()),
            "MODEL: rank 0 has no weight 'w0'; searched: no file");
  EXPECT_EQ(openWith("/weight_files/0/file", "weights/none.safetensors"),
            "MODEL/manifest.json: cannot open "
            "MODEL/weights/none.safetensors: No such file or directory");
  EXPECT_EQ(openWith("/weight_files/0/file", "weights"),
            "MODEL/weights is not a file");
}

TEST_F(ArtifactTest, WeightOfAnotherShape) {
  std::string where = "MODEL/weights/shared.safetensors: weight 'w0' is f32[3] "
                      "but the manifest says ";
  EXPECT_EQ(openWith("/weights/0/shape", {4}), where + "f32[4]");
  EXPECT_EQ(openWith("/weights/0/type", "i32"), where + "i32[3]");
  EXPECT_EQ(openWith("/weights/0/shape", {nullptr, 5}), where + "f32[any, 5]");
  EXPECT_EQ(openWith("/weights/0/shape", {nullptr}), "");
}

TEST_F(ArtifactTest, TruncatedSafetensors) {
  std::string bytes = readBytes(weights());
  std::string where = "MODEL/weights/shared.safetensors: ";
  writeBytes(weights(), bytes.substr(0, bytes.size() - 4));
  EXPECT_EQ(open(false),
            where + "tensor 'w0' lies at bytes 0 to 12 but the file has 8 "
                    "bytes of data; is it truncated?");
  writeBytes(weights(), bytes.substr(0, 20));
  EXPECT_THAT(open(false), StartsWith(where + "the safetensors header is said "
                                              "to have "));
  for (size_t size : {0, 7}) {
    writeBytes(weights(), bytes.substr(0, size));
    EXPECT_EQ(open(false), where + "the file has " + std::to_string(size) +
                               " bytes and no safetensors header");
  }
  writeBytes(weights(), std::string(100, '\xff'));
  EXPECT_THAT(open(false), HasSubstr("18446744073709551615 bytes"));
}

TEST_F(ArtifactTest, MalformedSafetensors) {
  std::string where = "MODEL/weights/shared.safetensors: ";
  auto entry = [](const std::string &type, const std::string &shape,
                  const std::string &offsets) {
    return R"({"w0":{"dtype":)" + type + R"(,"shape":)" + shape +
           R"(,"data_offsets":)" + offsets + "}}";
  };
  EXPECT_EQ(openWithHeader(entry("\"F32\"", "[3]", "[0,12]")), "");
  EXPECT_EQ(openWithHeader("[]"),
            where + "the safetensors header is not a JSON object");
  EXPECT_EQ(openWithHeader("{"),
            where + "the safetensors header is not a JSON object");
  EXPECT_EQ(openWithHeader(R"({"w0":3})"), where + "tensor 'w0' has no dtype");
  EXPECT_EQ(openWithHeader(entry("\"F4\"", "[3]", "[0,12]")),
            where + "tensor 'w0' has the unknown type \"F4\"");
  EXPECT_EQ(openWithHeader(entry("5", "[3]", "[0,12]")),
            where + "tensor 'w0' has the unknown type 5");
  EXPECT_EQ(openWithHeader(entry("\"F32\"", "3", "[0,12]")),
            where + "tensor 'w0' has a malformed shape or data_offsets");
  EXPECT_EQ(openWithHeader(entry("\"F32\"", "[-3]", "[0,12]")),
            where + "shape of tensor 'w0' is not a size");
  EXPECT_EQ(openWithHeader(entry("\"F32\"", "[3]", "[0.5,12]")),
            where + "data offset of tensor 'w0' is not a size");
  EXPECT_EQ(openWithHeader(entry("\"F32\"", "[2]", "[0,12]")),
            where + "tensor 'w0' has shape [2] of f32 but 12 bytes");
  EXPECT_EQ(openWithHeader(entry("\"F32\"", "[3]", "[12,0]")),
            where + "tensor 'w0' lies at bytes 12 to 0 but the file has 12 "
                    "bytes of data; is it truncated?");
  EXPECT_EQ(openWithHeader(entry("\"F32\"",
                                 "[4611686018427387904,4611686018427387904]",
                                 "[0,0]")),
            where + "tensor 'w0' has shape [4611686018427387904, "
                    "4611686018427387904] of f32 but 0 bytes");
}
