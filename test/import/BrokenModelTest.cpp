// One model for each way in which a graph can be broken; each ends in one
// error.

#include "ImportFixture.h"

#include <random>

using namespace moec::import;
using ::onnx::AttributeProto;

namespace {
class BrokenModel : public ImportTest {
protected:
  BrokenModel() {
    model.input("x", Proto::FLOAT, {"N", 8});
    model.output("y");
  }
  void expectError(const std::string &part) {
    expectContains(import(model), part);
  }
  TestModel model;
};
} // namespace

TEST_F(BrokenModel, NoFile) {
  expectContains(importFile(), "cannot read the model file: No such file");
}

TEST_F(BrokenModel, FolderInsteadOfFile) {
  std::filesystem::create_directories(folder / "model.onnx");
  expectContains(importFile(), "cannot read the model file");
}

TEST_F(BrokenModel, Garbage) {
  write("model.onnx", "<html>404 not found</html>");
  expectContains(importFile(), "not an ONNX model");
}

TEST_F(BrokenModel, Empty) {
  write("model.onnx", "");
  expectContains(importFile(), "the model file holds no graph");
}

TEST_F(BrokenModel, TruncatedAnywhere) {
  model.node("Abs", {"x"}, {"y"});
  model.initializer("w", Proto::FLOAT, {300})
      .set_raw_data(std::string(1200, 1));
  std::string whole = model.proto.SerializeAsString();
  for (size_t length = 0; length < whole.size(); length += 7) {
    write("model.onnx", whole.substr(0, length));
    importFile(); // exactly one error, or a shorter valid message; no crash
  }
}

TEST_F(BrokenModel, RandomBytesChanged) {
  TestModel whole = model;
  whole.node("Abs", {"x"}, {"a"});
  auto &bank = whole.initializer("w", Proto::FLOAT, {300});
  bank.set_raw_data(std::string(1200, 1));
  whole.initializer("k", Proto::INT64, {1}).add_int64_data(2);
  setInt(whole.node("TopK", {"a", "k"}, {"y", "i"}), "axis", 1);
  const std::string bytes = whole.proto.SerializeAsString();
  constexpr unsigned seed = 7;
  RecordProperty("seed", seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::string changed = bytes;
    for (int i = 0; i < 3; ++i)
      changed[random() % changed.size()] = static_cast<char>(random());
    write("model.onnx", changed);
    importFile(); // a model or one error
  }
}

TEST_F(BrokenModel, TooLarge) {
  write("model.onnx", "x");
  std::filesystem::resize_file(folder / "model.onnx", 1ull << 31); // sparse
  expectContains(importFile(), "the model file has 2147483648 bytes; protobuf "
                               "allows 2147483647");
}

TEST_F(BrokenModel, UnknownOperator) {
  model.node("Abz", {"x"}, {"y"});
  expectError("node 'the_Abz' (Abz): operator 'Abz' of domain 'ai.onnx', opset "
              "20, is not supported");
}

TEST_F(BrokenModel, OperatorOfAnotherDomain) {
  model.node("Abs", {"x"}, {"y"}, "com.microsoft");
  expectError("operator 'Abs' of domain 'com.microsoft', opset 1, is not "
              "supported");
}

TEST_F(BrokenModel, OpsOfTheDialectThatAreNoOperators) {
  model.node("None", {}, {"y"});
  expectError(
      "operator 'None' of domain 'ai.onnx', opset 20, is not supported");
}

TEST_F(BrokenModel, DomainNotImported) {
  model.node("Abs", {"x"}, {"y"}, "org.example");
  expectError("the model imports no operator set of domain 'org.example'");
}

TEST_F(BrokenModel, Subgraph) {
  model.input("c", Proto::BOOL, {});
  auto &node = model.node("Identity", {"c"}, {"y"});
  attribute(node, "then_branch", AttributeProto::GRAPH);
  expectError("node 'the_Identity' (Identity): attribute 'then_branch' is a "
              "subgraph; control flow (If, Loop, Scan) is not supported");
}

TEST_F(BrokenModel, TooFewInputs) {
  model.node("Add", {"x"}, {"y"});
  expectError("'onnx.Add' op has 1 inputs; expected 2");
}

TEST_F(BrokenModel, DecidingInputAbsent) {
  model.node("Add", {"", "x"}, {"y"});
  expectError("input 0 is absent, but its type decides the result's");
}

TEST_F(BrokenModel, UndefinedName) {
  model.node("Abs", {"z"}, {"y"});
  expectError("node 'the_Abs' (Abs): it reads 'z', which is no input, "
              "initializer or output of a node");
}

TEST_F(BrokenModel, WrongOrder) {
  model.node("Abs", {"z"}, {"y"});
  model.node("Neg", {"x"}, {"z"});
  expectError(
      "node 'the_Abs' (Abs): it reads 'z', which node 'the_Neg' defines "
      "only later; the graph is not in topological order");
}

TEST_F(BrokenModel, NameDefinedTwice) {
  model.node("Abs", {"x"}, {"y"});
  model.node("Neg", {"x"}, {"y"});
  expectError("value 'y': the name is defined twice in the graph");
}

TEST_F(BrokenModel, InputWithoutName) {
  model.input("", Proto::FLOAT, {1});
  expectError("input '': it has no name");
}

TEST_F(BrokenModel, InputWithoutType) {
  model.graph().add_input()->set_name("z");
  expectError("input 'z': it has no type");
}

TEST_F(BrokenModel, SequenceInput) {
  auto *input = model.graph().add_input();
  input->set_name("z");
  input->mutable_type()->mutable_sequence_type();
  expectError("input 'z': it is a sequence, map, optional or sparse tensor");
}

TEST_F(BrokenModel, UnsupportedElementType) {
  model.input("z", Proto::STRING, {1});
  expectError("input 'z': element type STRING is not supported");
}

TEST_F(BrokenModel, UnknownElementType) {
  model.initializer("w", 77, {1});
  expectError("initializer 'w': element type 77 is not supported");
}

TEST_F(BrokenModel, NegativeSizeOfInput) {
  model.input("z", Proto::FLOAT, {2, -1});
  expectError("input 'z': its size on axis 1 is -1");
}

TEST_F(BrokenModel, HugeInput) {
  model.input("z", Proto::FLOAT, {int64_t(1) << 40, int64_t(1) << 40});
  expectError("input 'z': its number of elements does not fit 63 bits");
}

TEST_F(BrokenModel, NegativeSizeOfInitializer) {
  model.initializer("w", Proto::FLOAT, {-4});
  expectError("initializer 'w': a size of -4 is negative");
}

TEST_F(BrokenModel, HugeInitializer) {
  model.initializer("w", Proto::FLOAT, {int64_t(1) << 40, int64_t(1) << 40});
  expectError("initializer 'w': its size in bytes does not fit 63 bits");
}

TEST_F(BrokenModel, RawDataOfWrongSize) {
  model.initializer("w", Proto::FLOAT, {300}).set_raw_data("abcd");
  expectError("initializer 'w': its data has 4 bytes; its type needs 1200");
}

TEST_F(BrokenModel, SmallRawDataOfWrongSize) {
  model.initializer("w", Proto::FLOAT, {3}).set_raw_data("abcd");
  expectError("initializer 'w': its data has 4 bytes; its type needs 12");
}

TEST_F(BrokenModel, TypedDataOfWrongSize) {
  model.initializer("w", Proto::FLOAT, {3}).add_float_data(1.0f);
  expectError("initializer 'w': its data has 4 bytes; its type needs 12");
}

TEST_F(BrokenModel, SparseInitializer) {
  model.graph().add_sparse_initializer()->mutable_values()->set_name("w");
  expectError("initializer 'w': sparse initializers are not supported");
}

TEST_F(BrokenModel, DeclaredElementTypeDisagrees) {
  model.node("Shape", {"x"}, {"s"});
  model.output("s", Proto::FLOAT, {2});
  expectError(
      "node 'the_Shape' (Shape): output 's' is declared with elements of "
      "'f32', but the operator makes 'i64'");
}

TEST_F(BrokenModel, CastToUnsupportedType) {
  setInt(model.node("Cast", {"x"}, {"y"}), "to", Proto::STRING);
  expectError("node 'the_Cast' (Cast): element type STRING is not supported");
}

TEST_F(BrokenModel, AttributeTwice) {
  auto &node = model.node("Softmax", {"x"}, {"y"});
  setInt(node, "axis", 0);
  setInt(node, "axis", 1);
  expectError("attribute 'axis' occurs twice or has no name");
}

TEST_F(BrokenModel, AttributeOfUnknownKind) {
  attribute(model.node("Softmax", {"x"}, {"y"}), "axis",
            AttributeProto::UNDEFINED);
  expectError("attribute 'axis' is of a kind that is not supported "
              "(AttributeProto.type 0)");
}

TEST_F(BrokenModel, AttributeTensors) {
  auto &node = model.node("ConstantOfShape", {"x"}, {"y"});
  auto &tensor = *attribute(node, "value", AttributeProto::TENSOR).mutable_t();
  tensor.set_data_type(Proto::STRING);
  expectError(
      "attribute 'value' is a broken tensor: element type STRING is not "
      "supported");
  tensor.set_data_type(Proto::FLOAT);
  expectError("attribute 'value' is a broken tensor: its data has 0 bytes; its "
              "type needs 4");
  tensor.set_data_location(Proto::EXTERNAL);
  expectError("attribute 'value' is a tensor with external data");
}

TEST_F(BrokenModel, FunctionAttributeOutsideFunction) {
  attribute(model.node("Softmax", {"x"}, {"y"}), "axis", AttributeProto::INT)
      .set_ref_attr_name("a");
  expectError(
      "attribute 'axis' refers to 'a' of a function, but stands in none");
}

TEST_F(BrokenModel, ConstantWithoutValue) {
  model.node("Constant", {}, {"y"});
  expectError(
      "node 'the_Constant' (Constant): a Constant has one attribute and "
      "one output");
  attribute(*model.graph().mutable_node(0), "value_string",
            AttributeProto::STRING);
  expectError("attribute 'value_string' of a Constant is not supported");
}

TEST_F(BrokenModel, OutputUndefined) {
  expectError("output 'y': no node of the graph defines it");
}

TEST_F(BrokenModel, NoOutputs) {
  model.graph().clear_output();
  expectError("the graph has no outputs");
}

TEST_F(BrokenModel, LegacyBroadcast) {
  setInt(model.node("Add", {"x", "x"}, {"y"}), "broadcast", 1);
  expectError("broadcasting by the attribute 'broadcast' (opset 1 to 6) is not "
              "supported");
}

TEST_F(BrokenModel, TopKOfTooMany) {
  model.initializer("k", Proto::INT64, {1}).add_int64_data(9);
  auto &node = model.node("TopK", {"x", "k"}, {"y", "i"});
  expectError("node 'the_TopK' (TopK): k is 9, but axis 1 has 8 elements");
  setInt(node, "axis", 2);
  expectError("axis 2 does not exist in an input of rank 2");
}

TEST_F(BrokenModel, Experts) {
  model.input("scores", Proto::FLOAT, {"N", 4});
  auto &bank = model.initializer("w", Proto::FLOAT, {4, 1, 8});
  bank.set_raw_data(std::string(4 * 8 * 4, 0));
  auto &node =
      model.node("MoE", {"x", "scores", "w", "", "w"}, {"y"}, "com.microsoft");
  setInt(node, "k", 5);
  expectError("node 'the_MoE' (MoE): k is 5, but it has 4 experts");
  node.mutable_attribute(0)->set_i(2);
  bank.set_dims(0, 2);
  bank.set_raw_data(std::string(2 * 8 * 4, 0));
  expectError("the router scores 4 experts, but the first weight bank has 2");
  bank.set_dims(0, 0);
  bank.set_raw_data("");
  expectError("it has no experts");
}

TEST_F(BrokenModel, OperandTypes) {
  model.input("i", Proto::INT64, {2});
  auto &node = model.node("Add", {"x", "i"}, {"y"});
  expectError("node 'the_Add' (Add): input 1 has elements of i64; expected "
              "f32, as input 0 has");
  node.set_op_type("Where");
  node.set_input(1, "x");
  node.add_input("x");
  expectError("input 0 has elements of f32; expected bool");
  node.set_op_type("Exp");
  node.clear_input();
  node.add_input("i");
  expectError("input 0 has elements of i64; expected floating-point numbers");
  node.set_op_type("Gather");
  node.add_input("x");
  expectError("input 1 has elements of f32; expected integers");
}
