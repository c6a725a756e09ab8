#include "import/onnx/Functions.h"

#include "llvm/ADT/Twine.h"

using namespace moec::import;
using llvm::StringRef;
using llvm::Twine;
using ::onnx::AttributeProto;
using ::onnx::NodeProto;

/// Nested calls can grow a small file exponentially, or exhaust the stack.
static constexpr size_t maxNodes = size_t(1) << 20;
static constexpr int64_t maxDepth = 256;

template <typename Proto>
static std::string functionKey(const Proto &proto, StringRef name) {
  return (canonicalDomain(proto.domain()) + "." + name +
          (proto.overload().empty() ? "" : ":") + proto.overload())
      .str();
}

template <typename Imports>
static OpsetVersions versionsOf(const Imports &imports) {
  OpsetVersions versions;
  for (const auto &import : imports)
    versions[canonicalDomain(import.domain())] = import.version();
  return versions;
}

namespace {
/// The names and attributes of one call, applied to a copy of the body.
class Binding {
public:
  Binding(const ::onnx::FunctionProto &function, const NodeProto &call,
          int64_t number)
      : prefix((function.name() + "#" + Twine(number) + "/").str()) {
    for (int i = 0; i < function.input_size(); ++i)
      values[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    for (int i = 0; i < function.output_size(); ++i)
      if (i < call.output_size() && !call.output(i).empty())
        values[function.output(i)] = call.output(i);
    for (const AttributeProto &attribute : function.attribute_proto())
      attributes[attribute.name()] = &attribute;
    for (const AttributeProto &attribute : call.attribute())
      attributes[attribute.name()] = &attribute;
  }

  void apply(NodeProto &node) const {
    node.set_name(prefix + node.name());
    for (std::string &name : *node.mutable_input())
      rename(name);
    for (std::string &name : *node.mutable_output())
      rename(name);
    for (int i = node.attribute_size(); i-- > 0;)
      bind(node, i);
  }

private:
  void rename(std::string &name) const {
    if (name.empty())
      return;
    auto bound = values.find(name);
    name = bound != values.end() ? bound->second : prefix + name;
  }

  /// An attribute that refers to one of the function's: taken from the call,
  /// else from the default, else absent.
  void bind(NodeProto &node, int i) const {
    AttributeProto &attribute = *node.mutable_attribute(i);
    if (attribute.ref_attr_name().empty())
      return;
    auto bound = attributes.find(attribute.ref_attr_name());
    if (bound == attributes.end()) {
      node.mutable_attribute()->DeleteSubrange(i, 1);
      return;
    }
    std::string name = attribute.name();
    attribute = *bound->second;
    attribute.set_name(name);
  }

  std::string prefix;
  llvm::StringMap<std::string> values;
  llvm::StringMap<const AttributeProto *> attributes;
};
} // namespace

llvm::Error FlatGraph::addFunctions(const ::onnx::ModelProto &model) {
  for (const ::onnx::FunctionProto &proto : model.functions()) {
    Function function{&proto, versionsOf(proto.opset_import())};
    std::string key = functionKey(proto, proto.name());
    if (!functions.try_emplace(key, std::move(function)).second)
      return llvm::createStringError("function '" + key + "' is defined twice");
  }
  return llvm::Error::success();
}

llvm::Error FlatGraph::add(const NodeProto &node,
                           const OpsetVersions &versions) {
  auto function = functions.find(functionKey(node, node.op_type()));
  if (function != functions.end())
    return expand(function->second, node);
  flat.push_back({&node, &versions});
  return llvm::Error::success();
}

llvm::Error FlatGraph::expand(Function &function, const NodeProto &call) {
  const ::onnx::FunctionProto &proto = *function.proto;
  auto fail = [&](const Twine &message) {
    return llvm::createStringError("node '" + call.name() +
                                   "' calls function '" + proto.name() + "' " +
                                   message);
  };
  if (function.isOpen)
    return fail("inside that function itself; recursion is not allowed");
  if (call.input_size() > proto.input_size() ||
      call.output_size() > proto.output_size())
    return fail("with " + Twine(call.input_size()) + " inputs and " +
                Twine(call.output_size()) + " outputs; it has " +
                Twine(proto.input_size()) + " and " +
                Twine(proto.output_size()));
  if (depth == maxDepth)
    return fail("at a depth of " + Twine(maxDepth) +
                " calls; deeper nesting is not supported");
  function.isOpen = true;
  ++depth;
  Binding binding(proto, call, calls++);
  for (const NodeProto &inner : proto.node()) {
    if (inlined.size() == maxNodes)
      return fail("and the model's functions expand to more than " +
                  Twine(maxNodes) + " nodes");
    NodeProto &copy = inlined.emplace_back(inner);
    binding.apply(copy);
    if (llvm::Error error = add(copy, function.versions))
      return error;
  }
  --depth;
  function.isOpen = false;
  return llvm::Error::success();
}

llvm::Expected<std::unique_ptr<FlatGraph>>
FlatGraph::build(const ::onnx::ModelProto &model) {
  auto graph = std::make_unique<FlatGraph>();
  graph->graphVersions = versionsOf(model.opset_import());
  if (llvm::Error error = graph->addFunctions(model))
    return error;
  for (const NodeProto &node : model.graph().node())
    if (llvm::Error error = graph->add(node, graph->graphVersions))
      return error;
  return graph;
}
