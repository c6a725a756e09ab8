//===- Functions.h - Model-local functions --------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_FUNCTIONS_H
#define MOEC_IMPORT_ONNX_FUNCTIONS_H

#include "import/onnx/ModelFile.h"

#include "llvm/ADT/StringMap.h"

#include <deque>

namespace moec::import {

/// Imported version of each domain; "ai.onnx" is written "".
using OpsetVersions = llvm::StringMap<int64_t>;

/// A node of the graph or of an inlined function, with the versions that the
/// model or the function imports.
struct FlatNode {
  const ::onnx::NodeProto *node;
  const OpsetVersions *versions;
};

/// A graph's nodes with calls of model-local functions replaced by their
/// bodies, recursively, in order.
class FlatGraph {
public:
  /// Errors: a function that calls itself, more arguments or results than it
  /// has, one defined twice, calls nested deeper than 256, an expansion of more
  /// than 2^20 nodes. `model` must outlive the result.
  static llvm::Expected<std::unique_ptr<FlatGraph>>
  build(const ::onnx::ModelProto &model);

  llvm::ArrayRef<FlatNode> nodes() const { return flat; }

private:
  struct Function {
    const ::onnx::FunctionProto *proto;
    OpsetVersions versions;
    bool isOpen = false; ///< is being expanded
  };
  llvm::Error addFunctions(const ::onnx::ModelProto &model);
  llvm::Error add(const ::onnx::NodeProto &node, const OpsetVersions &versions);
  llvm::Error expand(Function &function, const ::onnx::NodeProto &call);

  OpsetVersions graphVersions;
  llvm::StringMap<Function> functions;
  std::vector<FlatNode> flat;
  std::deque<::onnx::NodeProto> inlined; ///< owns copies; addresses are stable
  int64_t calls = 0;
  int64_t depth = 0;
};

/// "ai.onnx" and "" are one domain.
inline llvm::StringRef canonicalDomain(llvm::StringRef domain) {
  return domain == "ai.onnx" ? "" : domain;
}

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_FUNCTIONS_H
