//===- ImportFixture.h - Models in memory, imported through files ---------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TEST_IMPORT_IMPORTFIXTURE_H
#define MOEC_TEST_IMPORT_IMPORTFIXTURE_H

#include "import/onnx/OnnxImport.h"
#include "onnx.pb.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <variant>

namespace moec::import {

using Dim = std::variant<int64_t, std::string>;
using Proto = ::onnx::TensorProto;

/// A graph under construction; imports opset 20 and com.microsoft 1.
class TestModel {
public:
  TestModel() {
    proto.set_ir_version(10);
    importOpset("", 20);
    importOpset("com.microsoft", 1);
    proto.mutable_graph()->set_name("test");
  }

  void importOpset(const std::string &domain, int64_t version) {
    auto *opset = proto.add_opset_import();
    opset->set_domain(domain);
    opset->set_version(version);
  }

  static void setType(::onnx::ValueInfoProto &value, const std::string &name,
                      int type, const std::vector<Dim> &dims) {
    value.set_name(name);
    auto *tensor = value.mutable_type()->mutable_tensor_type();
    tensor->set_elem_type(type);
    tensor->mutable_shape();
    for (const Dim &dim : dims) {
      auto *added = tensor->mutable_shape()->add_dim();
      if (auto *size = std::get_if<int64_t>(&dim))
        added->set_dim_value(*size);
      else if (!std::get<std::string>(dim).empty())
        added->set_dim_param(std::get<std::string>(dim));
    }
  }
  void input(const std::string &name, int type, const std::vector<Dim> &dims) {
    setType(*graph().add_input(), name, type, dims);
  }
  void output(const std::string &name, int type, const std::vector<Dim> &dims) {
    setType(*graph().add_output(), name, type, dims);
  }
  void output(const std::string &name) { graph().add_output()->set_name(name); }

  ::onnx::NodeProto &node(const std::string &op,
                          const std::vector<std::string> &inputs,
                          const std::vector<std::string> &outputs,
                          const std::string &domain = "") {
    return fill(*graph().add_node(), op, inputs, outputs, domain);
  }
  static ::onnx::NodeProto &fill(::onnx::NodeProto &node, const std::string &op,
                                 const std::vector<std::string> &inputs,
                                 const std::vector<std::string> &outputs,
                                 const std::string &domain = "") {
    node.set_name("the_" + op);
    node.set_op_type(op);
    node.set_domain(domain);
    for (const std::string &name : inputs)
      node.add_input(name);
    for (const std::string &name : outputs)
      node.add_output(name);
    return node;
  }

  Proto &initializer(const std::string &name, int type,
                     const std::vector<int64_t> &dims) {
    Proto &tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (int64_t size : dims)
      tensor.add_dims(size);
    return tensor;
  }
  /// A 2 x 200 float initializer "w" (large enough to stay in its file) that
  /// lies in external data.
  Proto &external(const std::string &location, const std::string &offset = "",
                  const std::string &length = "") {
    Proto &tensor = initializer("w", Proto::FLOAT, {2, 200});
    tensor.set_data_location(Proto::EXTERNAL);
    for (auto [key, value] :
         {std::pair("location", location), std::pair("offset", offset),
          std::pair("length", length)})
      if (!value.empty()) {
        auto *entry = tensor.add_external_data();
        entry->set_key(key);
        entry->set_value(value);
      }
    return tensor;
  }

  ::onnx::GraphProto &graph() { return *proto.mutable_graph(); }
  ::onnx::ModelProto proto;
};

inline ::onnx::AttributeProto &
attribute(::onnx::NodeProto &node, const std::string &name,
          ::onnx::AttributeProto::AttributeType type) {
  auto &added = *node.add_attribute();
  added.set_name(name);
  added.set_type(type);
  return added;
}
inline void setInt(::onnx::NodeProto &node, const std::string &name,
                   int64_t value) {
  attribute(node, name, ::onnx::AttributeProto::INT).set_i(value);
}

/// A folder of its own for each test, and imports from it.
class ImportTest : public ::testing::Test {
protected:
  void SetUp() override {
    const auto *info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::path(::testing::TempDir()) /
             (std::string("moec_import_") + info->name());
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  void write(const std::string &file, const std::string &bytes) {
    std::ofstream(folder / file, std::ios::binary) << bytes;
  }

  /// Imports `folder/model.onnx`. Returns the IR, or the error: its location
  /// and message; more than one error fails the test.
  std::string importFile(const ImportOptions &options = {}) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    std::string text;
    int errors = 0;
    mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &d) {
      llvm::raw_string_ostream(text) << d.getLocation() << ": " << d << "\n";
      ++errors;
    });
    auto module =
        importOnnx((folder / "model.onnx").string(), options, context);
    EXPECT_EQ(errors, mlir::failed(module) ? 1 : 0) << text;
    if (mlir::succeeded(module))
      llvm::raw_string_ostream(text) << **module;
    return text;
  }
  std::string import(const TestModel &model,
                     const ImportOptions &options = {}) {
    write("model.onnx", model.proto.SerializeAsString());
    return importFile(options);
  }

  void expectContains(const std::string &text, const std::string &part) {
    EXPECT_NE(text.find(part), std::string::npos)
        << "missing: " << part << "\nin: " << text;
  }

  std::filesystem::path folder;
};

} // namespace moec::import

#endif // MOEC_TEST_IMPORT_IMPORTFIXTURE_H
