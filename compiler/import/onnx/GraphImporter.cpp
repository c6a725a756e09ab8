#include "import/onnx/Attributes.h"
#include "import/onnx/ElementTypes.h"
#include "import/onnx/Functions.h"
#include "import/onnx/NodeChecks.h"
#include "import/onnx/NodeNames.h"
#include "import/onnx/OnnxImport.h"
#include "import/onnx/OperandTypes.h"
#include "import/onnx/TensorImporter.h"
#include "import/onnx/ValueTypes.h"

#include "dialect/onnx/Node.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace moec::import;
using llvm::Twine;
using ::onnx::NodeProto;
using ::onnx::TensorProto;
namespace dialect = moec::onnx;

namespace {
class GraphImporter {
public:
  GraphImporter(const ModelFile &file, const FlatGraph &graph, StringRef path,
                const ImportOptions &options, MLIRContext *context)
      : file(file), graph(graph), proto(file.model().graph()),
        fileLoc(FileLineColLoc::get(context, path, 0, 0)),
        tensors(file, llvm::sys::path::parent_path(path)),
        valueTypes(options, context), builder(context) {}

  FailureOr<OwningOpRef<ModuleOp>> run();

private:
  Location named(StringRef name) {
    return NameLoc::get(builder.getStringAttr(name.empty() ? "unnamed" : name),
                        fileLoc);
  }
  /// Errors name the value or node in their text.
  LogicalResult fail(StringRef what, StringRef name, const Twine &message) {
    return emitError(fileLoc) << what << " '" << name << "': " << message;
  }
  LogicalResult fail(StringRef what, StringRef name, llvm::Error error) {
    return fail(what, name, llvm::toString(std::move(error)));
  }
  Location locationOf(const NodeProto &node);
  LogicalResult failNode(const NodeProto &node, const Twine &message);

  LogicalResult declare(const ::onnx::ValueInfoProto &value, StringRef what);
  LogicalResult declareAll();
  LogicalResult define(StringRef name, Value value, StringRef what);
  LogicalResult importInputs();
  LogicalResult importInitializers();
  LogicalResult importNode(const FlatNode &flat);
  LogicalResult importConstant(const NodeProto &node);
  LogicalResult importOperands(const NodeProto &node, OperationState &state);
  LogicalResult importAttributes(const FlatNode &flat, OperationState &state);
  LogicalResult typeResult(const NodeProto &node, OpResult result);
  LogicalResult importOutputs();
  Value none();

  const ModelFile &file;
  const FlatGraph &graph;
  const ::onnx::GraphProto &proto;
  Location fileLoc;
  TensorImporter tensors;
  ValueTypes valueTypes;
  OpBuilder builder;
  func::FuncOp function;
  Value noneValue;
  llvm::StringMap<DeclaredType> declared;
  llvm::StringMap<Value> values;
  /// Output names of all nodes, to tell a wrong order from an undefined name.
  llvm::StringMap<const NodeProto *> producers;
};
} // namespace

/// The node's name, inside the name of its module, inside the model file.
Location GraphImporter::locationOf(const NodeProto &node) {
  StringRef module = moduleOf(node);
  return NameLoc::get(builder.getStringAttr(nodeName(node)),
                      module.empty() ? fileLoc : named(module));
}

LogicalResult GraphImporter::failNode(const NodeProto &node,
                                      const Twine &message) {
  return emitError(fileLoc) << "node '" << nodeName(node) << "' ("
                            << node.op_type() << "): " << message;
}

//===----------------------------------------------------------------------===//
// Declared types, inputs, initializers
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::declare(const ::onnx::ValueInfoProto &value,
                                     StringRef what) {
  llvm::Expected<DeclaredType> type = valueTypes.convert(value);
  if (!type)
    return fail(what, value.name(), type.takeError());
  if (type->type)
    declared.try_emplace(value.name(), *type);
  return success();
}

LogicalResult GraphImporter::declareAll() {
  if (llvm::Error error = valueTypes.checkSizes())
    return emitError(fileLoc) << llvm::toString(std::move(error));
  for (const auto &value : proto.input())
    if (failed(declare(value, "input")))
      return failure();
  for (const auto &value : proto.output())
    if (failed(declare(value, "output")))
      return failure();
  // Names that only inner values have are the exporter's, not the user's.
  if (llvm::Error error = valueTypes.checkNames())
    return emitError(fileLoc) << llvm::toString(std::move(error));
  for (const auto &value : proto.value_info())
    if (failed(declare(value, "value")))
      return failure();
  return success();
}

LogicalResult GraphImporter::define(StringRef name, Value value,
                                    StringRef what) {
  if (name.empty())
    return fail(what, name, "it has no name");
  if (!values.try_emplace(name, value).second)
    return fail(what, name, "the name is defined twice in the graph");
  return success();
}

static DictionaryAttr interfaceAttributes(Builder &builder, StringRef name,
                                          ArrayAttr dims) {
  NamedAttrList attributes;
  attributes.append("onnx.name", builder.getStringAttr(name));
  if (dims)
    attributes.append("onnx.dims", dims);
  return attributes.getDictionary(builder.getContext());
}

LogicalResult GraphImporter::importInputs() {
  llvm::StringSet<> initialized;
  for (const TensorProto &tensor : proto.initializer())
    initialized.insert(tensor.name());
  for (const auto &input : proto.input()) {
    // Before IR version 4 initializers were inputs too, with a default.
    if (initialized.contains(input.name()))
      continue;
    auto type = declared.find(input.name());
    if (type == declared.end())
      return fail("input", input.name(), "it has no type");
    unsigned index = function.getNumArguments();
    if (failed(function.insertArgument(
            index, type->second.type,
            interfaceAttributes(builder, input.name(), type->second.dims),
            named(input.name()))) ||
        failed(define(input.name(), function.getArgument(index), "input")))
      return failure();
  }
  return success();
}

LogicalResult GraphImporter::importInitializers() {
  if (proto.sparse_initializer_size())
    return fail("initializer", proto.sparse_initializer(0).values().name(),
                "sparse initializers are not supported");
  for (const auto &[index, tensor] : llvm::enumerate(proto.initializer())) {
    llvm::Expected<Value> value =
        tensors.create(builder, named(tensor.name()), tensor.name(), tensor,
                       file.rawData(index));
    if (!value)
      return fail("initializer", tensor.name(), value.takeError());
    if (failed(define(tensor.name(), *value, "initializer")))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

Value GraphImporter::none() {
  if (!noneValue) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&function.getBody().front());
    noneValue =
        dialect::NoneOp::create(builder, fileLoc, builder.getNoneType());
  }
  return noneValue;
}

LogicalResult GraphImporter::importConstant(const NodeProto &node) {
  if (node.attribute_size() != 1 || node.output_size() != 1)
    return failNode(node, "a Constant has one attribute and one output");
  const ::onnx::AttributeProto &attribute = node.attribute(0);
  Location loc = locationOf(node);
  auto create = [&]() -> llvm::Expected<Value> {
    if (attribute.name() == "value" && attribute.has_t())
      return tensors.create(builder, loc, node.output(0), attribute.t(), {});
    llvm::Expected<DenseElementsAttr> value =
        constantOfAttribute(attribute, builder.getContext());
    if (!value)
      return value.takeError();
    return dialect::ConstantOp::create(builder, loc, value->getType(), *value)
        .getResult();
  };
  llvm::Expected<Value> value = create();
  if (!value)
    return failNode(node, llvm::toString(value.takeError()));
  return define(node.output(0), *value, "value");
}

LogicalResult GraphImporter::importOperands(const NodeProto &node,
                                            OperationState &state) {
  int count = node.input_size();
  while (count > 0 && node.input(count - 1).empty())
    --count;
  for (int i = 0; i < count; ++i) {
    const std::string &name = node.input(i);
    if (name.empty()) {
      state.operands.push_back(none());
      continue;
    }
    if (auto value = values.find(name); value != values.end()) {
      state.operands.push_back(value->second);
      continue;
    }
    if (auto later = producers.find(name); later != producers.end())
      return failNode(node, "it reads '" + name + "', which node '" +
                                nodeName(*later->second) +
                                "' defines only later; the graph is not in "
                                "topological order");
    return failNode(node, "it reads '" + name +
                              "', which is no input, initializer or output of "
                              "a node");
  }
  return success();
}

LogicalResult GraphImporter::importAttributes(const FlatNode &flat,
                                              OperationState &state) {
  for (const ::onnx::AttributeProto &attribute : flat.node->attribute()) {
    llvm::Expected<Attribute> converted =
        convertAttribute(attribute, builder.getContext());
    if (!converted)
      return failNode(*flat.node, llvm::toString(converted.takeError()));
    if (attribute.name().empty() || attribute.name() == "opset" ||
        state.attributes.get(attribute.name()))
      return failNode(*flat.node, "attribute '" + attribute.name() +
                                      "' occurs twice or has no name");
    state.addAttribute(attribute.name(), *converted);
  }
  StringRef domain = canonicalDomain(flat.node->domain());
  state.addAttribute("opset",
                     builder.getI64IntegerAttr(flat.versions->lookup(domain)));
  return success();
}

/// The element type follows from the operator; the shape is what is declared.
LogicalResult GraphImporter::typeResult(const NodeProto &node,
                                        OpResult result) {
  unsigned index = result.getResultNumber();
  llvm::Expected<Type> element =
      resultElementType(dialect::Node(result.getOwner()), index);
  if (!element)
    return failNode(node, llvm::toString(element.takeError()));
  const std::string &name = node.output(index);
  auto known = declared.find(name);
  if (known == declared.end()) {
    result.setType(UnrankedTensorType::get(*element));
    return define(name, result, "value");
  }
  Type stated = known->second.type.getElementType();
  if (stated != *element) {
    auto diagnostic = emitError(fileLoc);
    diagnostic << "node '" << nodeName(node) << "' (" << node.op_type()
               << "): output '" << name << "' is declared with elements of "
               << stated << ", but the operator makes " << *element;
    return diagnostic;
  }
  result.setType(known->second.type);
  return define(name, result, "value");
}

LogicalResult GraphImporter::importNode(const FlatNode &flat) {
  const NodeProto &node = *flat.node;
  StringRef domain = canonicalDomain(node.domain());
  auto version = flat.versions->find(domain);
  if (version == flat.versions->end())
    return failNode(node, "the model imports no operator set of domain '" +
                              node.domain() + "'");
  if (domain.empty() && node.op_type() == "Constant")
    return importConstant(node);
  std::string name =
      ("onnx." + domain + (domain.empty() ? "" : ".") + node.op_type()).str();
  auto registered = RegisteredOperationName::lookup(name, builder.getContext());
  if (!registered || node.op_type() == "None" || node.op_type() == "Weight")
    return failNode(node, "operator '" + node.op_type() + "' of domain '" +
                              (domain.empty() ? "ai.onnx" : domain) +
                              "', opset " + Twine(version->second) +
                              ", is not supported");

  OperationState state(locationOf(node), *registered);
  if (failed(importOperands(node, state)) ||
      failed(importAttributes(flat, state)))
    return failure();
  int results = node.output_size();
  while (results > 0 && node.output(results - 1).empty())
    --results;
  state.types.assign(results, builder.getNoneType());
  Operation *op = builder.create(state);
  if (failed(verify(op)))
    return failure();
  if (llvm::Error error = checkOperandTypes(dialect::Node(op)))
    return failNode(node, llvm::toString(std::move(error)));
  if (llvm::Error error = checkNode(dialect::Node(op)))
    return failNode(node, llvm::toString(std::move(error)));
  for (OpResult result : op->getResults())
    if (!node.output(result.getResultNumber()).empty() &&
        failed(typeResult(node, result)))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

LogicalResult GraphImporter::importOutputs() {
  SmallVector<Value> results;
  SmallVector<Attribute> attributes;
  for (const auto &output : proto.output()) {
    auto value = values.find(output.name());
    if (value == values.end())
      return fail("output", output.name(), "no node of the graph defines it");
    results.push_back(value->second);
    attributes.push_back(interfaceAttributes(
        builder, output.name(), declared.lookup(output.name()).dims));
  }
  if (results.empty())
    return emitError(fileLoc) << "the graph has no outputs";
  func::ReturnOp::create(builder, fileLoc, results);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), ValueRange(results).getTypes()));
  function.setResAttrsAttr(builder.getArrayAttr(attributes));
  return success();
}

FailureOr<OwningOpRef<ModuleOp>> GraphImporter::run() {
  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLoc);
  builder.setInsertionPointToEnd(module->getBody());
  function = func::FuncOp::create(builder, fileLoc, "main",
                                  builder.getFunctionType({}, {}));
  builder.setInsertionPointToEnd(function.addEntryBlock());
  for (const FlatNode &flat : graph.nodes())
    for (const std::string &output : flat.node->output())
      producers.try_emplace(output, flat.node);
  if (failed(declareAll()) || failed(importInputs()) ||
      failed(importInitializers()))
    return failure();
  for (const FlatNode &flat : graph.nodes())
    if (failed(importNode(flat)))
      return failure();
  if (failed(importOutputs()) || failed(verify(*module)))
    return failure();
  return module;
}

FailureOr<OwningOpRef<ModuleOp>>
moec::import::importOnnx(StringRef path, const ImportOptions &options,
                         MLIRContext &context) {
  context.loadDialect<func::FuncDialect, dialect::OnnxDialect>();
  auto fail = [&](llvm::Error error) {
    return emitError(FileLineColLoc::get(&context, path, 0, 0))
           << llvm::toString(std::move(error));
  };
  llvm::Expected<ModelFile> file = ModelFile::open(path);
  if (!file)
    return fail(file.takeError());
  llvm::Expected<std::unique_ptr<FlatGraph>> graph =
      FlatGraph::build(file->model());
  if (!graph)
    return fail(graph.takeError());
  return GraphImporter(*file, **graph, path, options, &context).run();
}
