#include "import/onnx/Attributes.h"
#include "import/onnx/ElementTypes.h"
#include "import/onnx/ExternalData.h"
#include "import/onnx/Functions.h"
#include "import/onnx/OnnxImport.h"
#include "import/onnx/Tensors.h"
#include "import/onnx/ValueTypes.h"

#include "dialect/onnx/Node.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace moec::import;
using ::onnx::NodeProto;
using ::onnx::TensorProto;
using llvm::Twine;
namespace dialect = moec::onnx;

/// Tensors of at most so many elements become constants: integers and bools are
/// shapes, axes, indices and masks; floats are scalars and small tables.
static constexpr int64_t maxConstantIntegers = 4096;
static constexpr int64_t maxConstantFloats = 256;

namespace {
class GraphImporter {
public:
  GraphImporter(const ModelFile &file, const FlatGraph &graph, StringRef path,
                const ImportOptions &options, MLIRContext *context)
      : file(file), graph(graph), proto(file.model().graph()),
        fileLoc(FileLineColLoc::get(context, path, 0, 0)),
        external(llvm::sys::path::parent_path(path)),
        valueTypes(options, context), builder(context) {}

  FailureOr<OwningOpRef<ModuleOp>> run();

private:
  Location named(StringRef name) {
    return NameLoc::get(builder.getStringAttr(name.empty() ? "unnamed" : name),
                        fileLoc);
  }
  /// Errors about a value or a node, with its name in location and text.
  LogicalResult fail(StringRef what, StringRef name, const Twine &message) {
    return emitError(named(name)) << what << " '" << name << "': " << message;
  }
  LogicalResult fail(StringRef what, StringRef name, llvm::Error error) {
    return fail(what, name, llvm::toString(std::move(error)));
  }
  LogicalResult failNode(const NodeProto &node, const Twine &message);

  LogicalResult declare(const ::onnx::ValueInfoProto &value, StringRef what);
  LogicalResult declareAll();
  LogicalResult define(StringRef name, Value value, StringRef what);
  LogicalResult importInputs();
  LogicalResult importInitializers();
  FailureOr<Value> importTensor(const TensorProto &tensor, StringRef name,
                                StringRef what,
                                std::optional<FileRegion> region);
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
  ExternalData external;
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

static std::string nodeName(const NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return output;
  return "unnamed";
}

LogicalResult GraphImporter::failNode(const NodeProto &node,
                                      const Twine &message) {
  std::string name = nodeName(node);
  return emitError(named(name))
         << "node '" << name << "' (" << node.op_type() << "): " << message;
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
    declared[value.name()] = *type;
  return success();
}

LogicalResult GraphImporter::declareAll() {
  // A later declaration wins: the graph's interface over inner values.
  for (const auto &value : proto.value_info())
    if (failed(declare(value, "value")))
      return failure();
  for (const auto &value : proto.output())
    if (failed(declare(value, "output")))
      return failure();
  for (const auto &value : proto.input())
    if (failed(declare(value, "input")))
      return failure();
  if (llvm::Error error = valueTypes.checkOptions())
    return emitError(fileLoc) << llvm::toString(std::move(error));
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

static bool isSmall(RankedTensorType type) {
  return type.getNumElements() <= (isa<FloatType>(type.getElementType())
                                       ? maxConstantFloats
                                       : maxConstantIntegers);
}

/// `region` is where the bytes lie in the model file, if they do. A tensor whose
/// bytes lie in no file, or only in typed fields, is a constant of any size.
FailureOr<Value>
GraphImporter::importTensor(const TensorProto &tensor, StringRef name,
                            StringRef what, std::optional<FileRegion> region) {
  llvm::Expected<RankedTensorType> type =
      tensorType(tensor, builder.getContext());
  if (!type)
    return fail(what, name, type.takeError());
  bool isExternal = tensor.data_location() == TensorProto::EXTERNAL;
  if (isExternal) {
    llvm::Expected<FileRegion> located =
        external.locate(tensor, *dialect::byteSize(*type));
    if (!located)
      return fail(what, name, located.takeError());
    region = *located;
  }
  if (region && !isSmall(*type)) {
    if (region->length != *dialect::byteSize(*type))
      return fail(what, name,
                  "its data has " + Twine(region->length) +
                      " bytes; its type needs " +
                      Twine(*dialect::byteSize(*type)));
    auto attribute =
        dialect::RegionAttr::get(builder.getContext(), region->file,
                              region->offset, region->length);
    return dialect::WeightOp::create(builder, named(name), *type, name, attribute)
        .getResult();
  }

  llvm::Expected<DenseElementsAttr> value = [&]()
      -> llvm::Expected<DenseElementsAttr> {
    if (!region)
      return constantValue(*type, tensor);
    if (!isExternal)
      return constantFromBytes(*type, file.bytes(*region));
    auto bytes = external.read(*region);
    if (!bytes)
      return bytes.takeError();
    return constantFromBytes(*type, (*bytes)->getBuffer());
  }();
  if (!value)
    return fail(what, name, value.takeError());
  return dialect::ConstantOp::create(builder, named(name), *type, *value)
      .getResult();
}

LogicalResult GraphImporter::importInitializers() {
  if (proto.sparse_initializer_size())
    return fail("initializer", proto.sparse_initializer(0).values().name(),
                "sparse initializers are not supported");
  for (const auto &[index, tensor] : llvm::enumerate(proto.initializer())) {
    FailureOr<Value> value = importTensor(tensor, tensor.name(), "initializer",
                                          file.rawData(index));
    if (failed(value) || failed(define(tensor.name(), *value, "initializer")))
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
    noneValue = dialect::NoneOp::create(builder, fileLoc, builder.getNoneType());
  }
  return noneValue;
}

LogicalResult GraphImporter::importConstant(const NodeProto &node) {
  if (node.attribute_size() != 1 || node.output_size() != 1)
    return failNode(node, "a Constant has one attribute and one output");
  const ::onnx::AttributeProto &attribute = node.attribute(0);
  FailureOr<Value> value = failure();
  if (attribute.name() == "value" && attribute.has_t()) {
    value = importTensor(attribute.t(), nodeName(node), "Constant", {});
  } else {
    llvm::Expected<Attribute> converted =
        convertAttribute(attribute, builder.getContext());
    if (!converted)
      return failNode(node, llvm::toString(converted.takeError()));
    auto scalar = [&](Type type) { return RankedTensorType::get({}, type); };
    DenseElementsAttr dense;
    if (auto integer = dyn_cast<IntegerAttr>(*converted))
      dense = DenseElementsAttr::get(scalar(integer.getType()),
                                     ArrayRef<Attribute>(integer));
    else if (auto real = dyn_cast<FloatAttr>(*converted))
      dense = DenseElementsAttr::get(scalar(real.getType()),
                                     ArrayRef<Attribute>(real));
    else if (auto integers = dyn_cast<DenseI64ArrayAttr>(*converted))
      dense = builder.getI64TensorAttr(integers.asArrayRef());
    else if (auto reals = dyn_cast<DenseF32ArrayAttr>(*converted))
      dense = DenseElementsAttr::get(
          RankedTensorType::get({reals.size()}, builder.getF32Type()),
          reals.asArrayRef());
    else
      return failNode(node, "attribute '" + attribute.name() +
                                "' is no value of a supported kind (value, "
                                "value_int, value_ints, value_float, "
                                "value_floats)");
    value = dialect::ConstantOp::create(builder, named(nodeName(node)),
                                     dense.getType(), dense)
                .getResult();
  }
  if (failed(value))
    return failure();
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
    auto diagnostic = emitError(result.getLoc());
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
  auto registered =
      RegisteredOperationName::lookup(name, builder.getContext());
  if (!registered || node.op_type() == "None" || node.op_type() == "Weight")
    return failNode(node, "operator '" + node.op_type() + "' of domain '" +
                              (domain.empty() ? "ai.onnx" : domain) +
                              "', opset " + Twine(version->second) +
                              ", is not supported");

  OperationState state(named(nodeName(node)), *registered);
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
