#include "ImportFixture.h"

using namespace moec::import;
using ::onnx::AttributeProto;

/// outer(x; beta) = Mul(inner(x; beta), x), inner(x; alpha) = Swish_alpha(x).
static TestModel modelWithFunctions() {
  TestModel model;
  model.importOpset("local", 1);
  model.input("x", Proto::FLOAT, {4});
  model.output("y");
  auto addFunction = [&](const char *name, const char *attributeName) {
    auto &function = *model.proto.add_functions();
    function.set_name(name);
    function.set_domain("local");
    function.add_input("x");
    function.add_output("y");
    function.add_attribute(attributeName);
    for (auto [domain, version] : {std::pair("", 24), std::pair("local", 1)}) {
      auto *opset = function.add_opset_import();
      opset->set_domain(domain);
      opset->set_version(version);
    }
    return &function;
  };
  auto *inner = addFunction("inner", "alpha");
  auto &swish = TestModel::fill(*inner->add_node(), "Swish", {"x"}, {"y"});
  attribute(swish, "alpha", AttributeProto::FLOAT).set_ref_attr_name("alpha");
  auto *outer = addFunction("outer", "beta");
  auto &call =
      TestModel::fill(*outer->add_node(), "inner", {"x"}, {"t"}, "local");
  attribute(call, "alpha", AttributeProto::FLOAT).set_ref_attr_name("beta");
  TestModel::fill(*outer->add_node(), "Mul", {"t", "x"}, {"y"});
  return model;
}

TEST_F(ImportTest, FunctionsAreInlined) {
  TestModel model = modelWithFunctions();
  auto &first = model.node("outer", {"x"}, {"a"}, "local");
  attribute(first, "beta", AttributeProto::FLOAT).set_f(2.0f);
  model.node("outer", {"a"}, {"y"}, "local"); // beta absent: Swish's default
  std::string ir = import(model);
  expectContains(
      ir,
      "%0 = onnx.Swish(%arg0) {alpha = 2.000000e+00 : f32, opset = 24 : i64}");
  expectContains(ir, "%1 = onnx.Mul(%0, %arg0) {opset = 24 : i64}");
  expectContains(ir, "%2 = onnx.Swish(%1) {opset = 24 : i64}");
  expectContains(ir, "%3 = onnx.Mul(%2, %1) {opset = 24 : i64}");
}

TEST_F(ImportTest, FunctionAttributesHaveDefaults) {
  TestModel model = modelWithFunctions();
  auto *standard = model.proto.mutable_functions(1)->add_attribute_proto();
  standard->set_name("beta");
  standard->set_type(AttributeProto::FLOAT);
  standard->set_f(3.0f);
  model.node("outer", {"x"}, {"y"}, "local");
  expectContains(import(model), "alpha = 3.000000e+00 : f32");
}

namespace {
class BrokenFunction : public ImportTest {
protected:
  BrokenFunction() {
    model.input("x", Proto::FLOAT, {"N", 8});
    model.output("y");
  }
  void expectError(const std::string &part) {
    expectContains(import(model), part);
  }
  ::onnx::FunctionProto &function(const std::string &name) {
    auto &added = *model.proto.add_functions();
    added.set_name(name);
    added.set_domain("local");
    added.add_input("x");
    added.add_output("y");
    return added;
  }
  TestModel model;
};
} // namespace

TEST_F(BrokenFunction, Recursion) {
  TestModel::fill(*function("f").add_node(), "g", {"x"}, {"y"}, "local");
  TestModel::fill(*function("g").add_node(), "f", {"x"}, {"y"}, "local");
  model.node("f", {"x"}, {"y"}, "local");
  expectError(
      "calls function 'f' inside that function itself; recursion is not "
      "allowed");
}

TEST_F(BrokenFunction, TooManyArguments) {
  function("f");
  model.node("f", {"x", "x"}, {"y"}, "local");
  expectError("node 'the_f' calls function 'f' with 2 inputs and 1 outputs; it "
              "has 1 and 1");
}

TEST_F(BrokenFunction, DefinedTwice) {
  function("f");
  function("f");
  expectError("function 'local.f' is defined twice");
}

TEST_F(BrokenFunction, NestedTooDeep) {
  for (int i = 0; i < 300; ++i)
    TestModel::fill(*function("f" + std::to_string(i)).add_node(),
                    "f" + std::to_string(i + 1), {"x"}, {"y"}, "local");
  model.node("f0", {"x"}, {"y"}, "local");
  expectError("at a depth of 256 calls; deeper nesting is not supported");
}

TEST_F(BrokenFunction, ExpandsWithoutEnd) {
  for (int i = 0; i < 40; ++i) // 2^40 calls
    for (auto &f = function("f" + std::to_string(i)); f.node_size() < 2;)
      TestModel::fill(*f.add_node(), "f" + std::to_string(i + 1), {}, {},
                      "local");
  function("f40");
  model.node("f0", {"x"}, {"y"}, "local");
  expectError("functions expand to more than 1048576 nodes");
}
