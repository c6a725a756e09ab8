#include "ImportFixture.h"

using namespace moec::import;

namespace {
class ExternalDataTest : public ImportTest {
protected:
  void SetUp() override {
    ImportTest::SetUp();
    write("data.bin", std::string(4096, 0));
    model.output("w");
  }
  TestModel model;
};
} // namespace

TEST_F(ExternalDataTest, RegionsOfFilesInTheFolder) {
  model.external("data.bin", "1024", "1600");
  expectContains(
      import(model),
      R"(onnx.Weight "w" <"data.bin", 1024, 1600> : tensor<2x200xf32>)");
}

TEST_F(ExternalDataTest, OffsetAndLengthAreOptional) {
  std::filesystem::create_directories(folder / "sub");
  write("sub/data.bin", std::string(1600, 0));
  model.external("sub/data.bin");
  expectContains(import(model), R"(<"sub/data.bin", 0, 1600>)");
}

TEST_F(ExternalDataTest, SmallTensorsAreLoaded) {
  write("data.bin", std::string(8, 0) + std::string("\x05\0\0\0\0\0\0\0", 8));
  Proto &tensor = model.external("data.bin", "8", "8");
  tensor.set_data_type(Proto::INT64);
  tensor.clear_dims();
  expectContains(import(model), "onnx.Constant dense<5> : tensor<i64>");
}

TEST_F(ExternalDataTest, EachViolationIsOneError) {
  std::filesystem::create_symlink("/etc/passwd", folder / "link");
  std::filesystem::create_directories(folder / "sub");
  auto expect = [&](const char *location, const char *offset,
                    const char *length, const std::string &error) {
    model.graph().clear_initializer();
    model.external(location, offset, length);
    expectContains(import(model), "initializer 'w': " + error);
  };
  expect("", "", "", "external data names no location");
  expect(
      "/etc/passwd", "", "",
      "external data lies at '/etc/passwd'; an absolute path is not allowed");
  expect("sub/../../x", "", "",
         "external data lies at 'sub/../../x'; '..' is not allowed");
  expect("link", "", "",
         "external data file '" + (folder / "link").string() +
             "' is a link to '/etc/passwd', which leaves the model's folder");
  expect("gone.bin", "", "",
         "cannot read external data file '" + (folder / "gone.bin").string() +
             "': No such file");
  expect("sub", "", "",
         "external data '" + (folder / "sub").string() +
             "' is not a plain file");
  expect("data.bin", "-4", "",
         "external data has offset '-4'; expected a decimal number below 2^63");
  expect("data.bin", "99999999999999999999", "",
         "external data has offset '99999999999999999999'");
  expect("data.bin", "", "0x10", "external data has length '0x10'");
  expect("data.bin", "0", "400",
         "external data has length 400; the tensor's type needs 1600 bytes");
  expect("data.bin", "4000", "1600",
         "external data file 'data.bin' has 4096 bytes; the tensor needs 1600 "
         "from offset 4000");
  expect("data.bin", "9223372036854775807", "1600",
         "external data file 'data.bin' has 4096 bytes");
}
