#include "ImportFixture.h"

#include "mlir/Parser/Parser.h"

using namespace moec::import;
using ::onnx::AttributeProto;

TEST_F(ImportTest, NodesKeepNameAttributesAndOpset) {
  TestModel model;
  model.input("x", Proto::FLOAT, {"N", 4});
  model.output("y", Proto::FLOAT, {"N", 4});
  auto &softmax = model.node("Softmax", {"x"}, {"p"}, "ai.onnx");
  setInt(softmax, "axis", -1);
  auto &gelu = model.node("QuickGelu", {"p"}, {"y"}, "com.microsoft");
  attribute(gelu, "alpha", AttributeProto::FLOAT).set_f(1.5f);
  std::string ir = import(model);
  expectContains(
      ir, R"(%arg0: tensor<?x4xf32> {onnx.dims = ["N", 4], onnx.name = "x"})");
  expectContains(
      ir, R"(-> (tensor<?x4xf32> {onnx.dims = ["N", 4], onnx.name = "y"}))");
  expectContains(ir, "%0 = onnx.Softmax(%arg0) {axis = -1 : i64, opset = 20 : "
                     "i64} : (tensor<?x4xf32>) -> tensor<*xf32>");
  expectContains(
      ir, "%1 = onnx.com.microsoft.QuickGelu(%0) {alpha = 1.500000e+00 : f32, "
          "opset = 1 : i64} : (tensor<*xf32>) -> tensor<?x4xf32>");
}

TEST_F(ImportTest, EveryKindOfAttribute) {
  TestModel model;
  model.input("x", Proto::FLOAT, {4});
  model.output("y");
  auto &node = model.node("Identity", {"x"}, {"y"});
  attribute(node, "s", AttributeProto::STRING).set_s("text");
  auto &ints = attribute(node, "is", AttributeProto::INTS);
  ints.add_ints(1);
  ints.add_ints(-2);
  attribute(node, "fs", AttributeProto::FLOATS).add_floats(0.5f);
  attribute(node, "ss", AttributeProto::STRINGS).add_strings("a");
  auto &tensor = *attribute(node, "t", AttributeProto::TENSOR).mutable_t();
  tensor.set_data_type(Proto::INT64);
  tensor.add_dims(1);
  tensor.add_int64_data(7);
  std::string ir = import(model);
  expectContains(
      ir,
      R"(fs = array<f32: 5.000000e-01>, is = array<i64: 1, -2>, opset = 20 : i64, s = "text", ss = ["a"], t = dense<7> : tensor<1xi64>)");
}

TEST_F(ImportTest, AbsentInputsAndOutputsAreNone) {
  TestModel model;
  model.input("x", Proto::FLOAT, {"N", 8});
  model.input("hi", Proto::FLOAT, {});
  model.output("y");
  model.node("Clip", {"x", "", "hi"}, {"c"});
  model.node("SkipSimplifiedLayerNormalization", {"c", "x", "g"},
             {"n", "", "", "y"}, "com.microsoft");
  model.initializer("g", Proto::FLOAT, {8}).set_raw_data(std::string(32, 0));
  model.node("Abs", {"n"}, {"unused", ""});
  std::string ir = import(model);
  expectContains(ir, "%0 = onnx.None");
  expectContains(ir, "onnx.Clip(%arg0, %0, %arg1) {opset = 20 : i64} : "
                     "(tensor<?x8xf32>, none, tensor<f32>) -> tensor<*xf32>");
  expectContains(ir, "(tensor<*xf32>, none, none, tensor<*xf32>)");
  expectContains(ir, "onnx.Abs(%3#0)");
}

TEST_F(ImportTest, ElementTypesFollowFromTheOperator) {
  TestModel model;
  model.input("x", Proto::FLOAT16, {"N", 8});
  model.input("k", Proto::INT64, {1});
  model.output("y");
  model.node("TopK", {"x", "k"}, {"v", "i"});
  setInt(model.node("Cast", {"v"}, {"y"}), "to", Proto::BFLOAT16);
  model.node("Less", {"i", "i"}, {"less"});
  model.node("Where", {"less", "v", "v"}, {"w"});
  model.node("Shape", {"x"}, {"s"});
  model.node("CastLike", {"i", "x"}, {"cl"});
  model.node("ConstantOfShape", {"s"}, {"zeros"});
  model.node("OneHot", {"i", "k", "x"}, {"hot"});
  model.node("LayerNormalization", {"x", "x"}, {"ln", "mean"});
  model.node("Split", {"x", "k"}, {"s0", "s1"});
  std::string ir = import(model);
  expectContains(ir, "-> (tensor<*xf16>, tensor<*xi64>)");
  expectContains(ir, "(tensor<*xf16>) -> tensor<*xbf16>");
  expectContains(ir, "(tensor<*xi64>, tensor<*xi64>) -> tensor<*xi1>");
  expectContains(
      ir, "(tensor<*xi1>, tensor<*xf16>, tensor<*xf16>) -> tensor<*xf16>");
  expectContains(ir, "onnx.Shape(%arg0) {opset = 20 : i64} : (tensor<?x8xf16>) "
                     "-> tensor<*xi64>");
  expectContains(ir, "(tensor<*xi64>, tensor<?x8xf16>) -> tensor<*xf16>");
  expectContains(ir, "onnx.ConstantOfShape(%4) {opset = 20 : i64} : "
                     "(tensor<*xi64>) -> tensor<*xf32>");
  expectContains(
      ir, "(tensor<*xi64>, tensor<1xi64>, tensor<?x8xf16>) -> tensor<*xf16>");
  expectContains(
      ir,
      "(tensor<?x8xf16>, tensor<?x8xf16>) -> (tensor<*xf16>, tensor<*xf32>)");
  expectContains(ir, "-> (tensor<*xf16>, tensor<*xf16>)");
}

TEST_F(ImportTest, DimensionsAsTextAreSizesAndOptionsSpecialise) {
  TestModel model;
  model.input("x", Proto::INT64, {"batch", "2", ""});
  model.output("y", Proto::INT64, {"batch", 2, "free"});
  model.node("Identity", {"x"}, {"y"});
  std::string ir = import(model);
  expectContains(
      ir,
      R"(%arg0: tensor<?x2x?xi64> {onnx.dims = ["batch", 2, "x:2"], onnx.name = "x"})");
  ir = import(model, {{{"batch", 5}, {"x:2", 7}}});
  expectContains(
      ir,
      R"(%arg0: tensor<5x2x7xi64> {onnx.dims = [5, 2, 7], onnx.name = "x"})");
  expectContains(
      ir,
      R"(-> (tensor<5x2x?xi64> {onnx.dims = [5, 2, "free"], onnx.name = "y"}))");
  expectContains(import(model, {{{"seq", 5}}}),
                 "the model has no dimension 'seq'; its dimensions are: batch, "
                 "free, x:2");
  expectContains(import(model, {{{"batch", -1}}}),
                 "dimension 'batch' is given the size -1");
}

TEST_F(ImportTest, LargeTensorsAreRegionsSmallOnesConstants) {
  TestModel model;
  model.output("w");
  model.output("f");
  model.output("i");
  std::string bytes(2 * 200 * 4, 'a');
  model.initializer("w", Proto::FLOAT, {2, 200}).set_raw_data(bytes);
  model.initializer("f", Proto::FLOAT, {256})
      .set_raw_data(std::string(1024, 0));
  model.initializer("i", Proto::INT64, {512})
      .set_raw_data(std::string(4096, 0));
  std::string ir = import(model);
  std::string file = model.proto.SerializeAsString();
  expectContains(ir, "onnx.Weight \"w\" <\"model.onnx\", " +
                         std::to_string(file.find(bytes)) +
                         ", 1600> : tensor<2x200xf32>");
  expectContains(ir, "onnx.Constant dense<0.000000e+00> : tensor<256xf32>");
  expectContains(ir, "onnx.Constant dense<0> : tensor<512xi64>");
}

TEST_F(ImportTest, TypedFieldsOfEveryType) {
  TestModel model;
  auto tensor = [&](const char *name, int type) -> Proto & {
    model.output(name);
    return model.initializer(name, type, {2});
  };
  auto both = [](auto *field, auto first, auto second) {
    field->Add(first);
    field->Add(second);
  };
  both(tensor("f", Proto::FLOAT).mutable_float_data(), 1.5f, -2.0f);
  both(tensor("d", Proto::DOUBLE).mutable_double_data(), 1.5, -2.0);
  both(tensor("i64", Proto::INT64).mutable_int64_data(), 1, -2);
  both(tensor("i32", Proto::INT32).mutable_int32_data(), 1, -2);
  both(tensor("i16", Proto::INT16).mutable_int32_data(), 1, -2);
  both(tensor("i8", Proto::INT8).mutable_int32_data(), 1, -2);
  both(tensor("u8", Proto::UINT8).mutable_int32_data(), 1, 254);
  both(tensor("u16", Proto::UINT16).mutable_int32_data(), 1, 65534);
  both(tensor("u32", Proto::UINT32).mutable_uint64_data(), 1u, 4294967294u);
  both(tensor("u64", Proto::UINT64).mutable_uint64_data(), 1u, ~0ull);
  both(tensor("b", Proto::BOOL).mutable_int32_data(), 1, 0);
  both(tensor("h", Proto::FLOAT16).mutable_int32_data(), 0x3e00, 0xc000);
  both(tensor("bf", Proto::BFLOAT16).mutable_int32_data(), 0x3fc0, 0xc000);
  std::string ir = import(model);
  for (const char *type : {"f32", "f64", "f16", "bf16"})
    expectContains(ir, std::string("dense<[1.500000e+00, -2.000000e+00]> : "
                                   "tensor<2x") +
                           type + ">");
  for (const char *type : {"i64", "i32", "i16", "i8"})
    expectContains(ir, std::string("dense<[1, -2]> : tensor<2x") + type + ">");
  expectContains(ir, "dense<[1, 254]> : tensor<2xui8>");
  expectContains(ir, "dense<[1, 65534]> : tensor<2xui16>");
  expectContains(ir, "dense<[1, 4294967294]> : tensor<2xui32>");
  expectContains(ir, "dense<[1, 18446744073709551615]> : tensor<2xui64>");
  expectContains(ir, "dense<[true, false]> : tensor<2xi1>");
}

TEST_F(ImportTest, ConstantNodes) {
  TestModel model;
  auto constant = [&](const char *name, const char *key,
                      AttributeProto::AttributeType type) -> AttributeProto & {
    model.output(name);
    return attribute(model.node("Constant", {}, {name}), key, type);
  };
  constant("a", "value_int", AttributeProto::INT).set_i(3);
  constant("b", "value_ints", AttributeProto::INTS).add_ints(4);
  constant("c", "value_float", AttributeProto::FLOAT).set_f(0.5f);
  constant("d", "value_floats", AttributeProto::FLOATS).add_floats(0.25f);
  auto &tensor = *constant("e", "value", AttributeProto::TENSOR).mutable_t();
  tensor.set_data_type(Proto::BOOL);
  tensor.add_dims(0);
  std::string ir = import(model);
  expectContains(ir, "onnx.Constant dense<3> : tensor<i64>");
  expectContains(ir, "onnx.Constant dense<4> : tensor<1xi64>");
  expectContains(ir, "onnx.Constant dense<5.000000e-01> : tensor<f32>");
  expectContains(ir, "onnx.Constant dense<2.500000e-01> : tensor<1xf32>");
  expectContains(ir, "onnx.Constant dense<> : tensor<0xi1>");
}

TEST_F(ImportTest, AnInitializerWinsOverTheInputOfItsName) {
  TestModel model;
  model.input("x", Proto::FLOAT, {1});
  model.input("w", Proto::FLOAT, {1});
  model.initializer("w", Proto::FLOAT, {1}).add_float_data(2.0f);
  model.output("y");
  model.node("Add", {"x", "w"}, {"y"});
  std::string ir = import(model);
  expectContains(
      ir,
      "@main(%arg0: tensor<1xf32> {onnx.dims = [1], onnx.name = \"x\"}) ->");
  expectContains(ir, "onnx.Add(%arg0, %0)");
}

TEST_F(ImportTest, NewerVersionsAreAccepted) {
  TestModel model;
  model.proto.set_ir_version(99);
  model.proto.mutable_opset_import(0)->set_version(99);
  model.input("x", Proto::FLOAT, {1});
  model.output("y");
  model.node("Abs", {"x"}, {"y"});
  expectContains(import(model), "opset = 99 : i64");
}

TEST_F(ImportTest, LocationsNameNodeModuleAndFile) {
  TestModel model;
  model.input("x", Proto::FLOAT, {1});
  model.output("y");
  auto *property = model.node("Abs", {"x"}, {"y"}).add_metadata_props();
  property->set_key("pkg.torch.onnx.name_scopes");
  property->set_value("['', 'model', 'model.layers.0.mlp', 'abs_1']");
  write("model.onnx", model.proto.SerializeAsString());
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  auto module = importOnnx((folder / "model.onnx").string(), {}, context);
  ASSERT_TRUE(mlir::succeeded(module));
  std::string text;
  llvm::raw_string_ostream stream(text);
  (*module)->walk([&](mlir::Operation *op) {
    if (op->getName().getStringRef() == "onnx.Abs")
      stream << op->getLoc();
  });
  expectContains(text, "loc(\"the_Abs\"(\"model.layers.0.mlp\"(\"" +
                           (folder / "model.onnx").string());
}

/// Imports all models below `root`; their text must parse to the same text.
static int roundTripAll(const std::filesystem::path &root) {
  int models = 0;
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "model.onnx")
      continue;
    SCOPED_TRACE(entry.path().string());
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    auto module = importOnnx(entry.path().string(), {}, context);
    EXPECT_TRUE(mlir::succeeded(module));
    if (mlir::failed(module))
      continue;
    std::string text, again;
    llvm::raw_string_ostream(text) << **module;
    auto parsed = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(parsed);
    if (parsed)
      llvm::raw_string_ostream(again) << *parsed;
    EXPECT_EQ(text, again);
    ++models;
  }
  return models;
}

TEST_F(ImportTest, EveryModelOfTheSuiteRoundTrips) {
  EXPECT_EQ(roundTripAll(MOEC_SOURCE_DIR "/test/models"), 3);
}

TEST_F(ImportTest, EverySharedModelRoundTrips) {
  const char *root = std::getenv("MOEC_SHARED");
  std::filesystem::path models =
      std::filesystem::path(root ? root : MOEC_SOURCE_DIR "/../shared") /
      "models";
  if (!std::filesystem::exists(models))
    GTEST_SKIP() << models << " is not there";
  EXPECT_GT(roundTripAll(models), 0);
}
