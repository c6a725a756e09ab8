#include "import/onnx/NodeNames.h"

using namespace moec::import;
using llvm::StringRef;
using ::onnx::NodeProto;

std::string moec::import::nodeName(const NodeProto &node) {
  if (!node.name().empty())
    return node.name();
  for (const std::string &output : node.output())
    if (!output.empty())
      return output;
  return "unnamed";
}

// The exporter writes a list of quoted names that ends with the operation
// itself.
StringRef moec::import::moduleOf(const NodeProto &node) {
  for (const auto &property : node.metadata_props())
    if (property.key() == "pkg.torch.onnx.name_scopes") {
      StringRef modules = StringRef(property.value()).rsplit(", ").first;
      modules.consume_back("'");
      return modules.rsplit('\'').second;
    }
  return "";
}
