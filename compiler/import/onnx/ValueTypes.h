//===- ValueTypes.h - Declared types and dimension names ------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_IMPORT_ONNX_VALUETYPES_H
#define MOEC_IMPORT_ONNX_VALUETYPES_H

#include "import/onnx/ModelFile.h"
#include "import/onnx/OnnxImport.h"

#include "mlir/IR/BuiltinTypes.h"

#include <set>

namespace moec::import {

struct DeclaredType {
  /// Null if the model declares nothing.
  mlir::TensorType type;
  /// An integer or a name for each axis; null if the rank is unknown.
  mlir::ArrayAttr dims;
};

/// Converts the types that a model declares, with the sizes that the user gave
/// to named dimensions.
class ValueTypes {
public:
  ValueTypes(const ImportOptions &options, mlir::MLIRContext *context)
      : options(options), context(context) {}

  /// A dimension without a size or name gets the name "VALUE:AXIS". Errors: no
  /// tensor, element type, a negative size, more elements than fit 63 bits.
  llvm::Expected<DeclaredType> convert(const ::onnx::ValueInfoProto &value);

  /// Error if a size in the options is negative.
  llvm::Error checkSizes() const;
  /// Error if a name in the options occurred in no converted type.
  llvm::Error checkNames() const;

private:
  mlir::Attribute convertDim(const ::onnx::TensorShapeProto_Dimension &dim,
                             llvm::Twine otherwise);

  const ImportOptions &options;
  mlir::MLIRContext *context;
  std::set<std::string> names;
};

} // namespace moec::import

#endif // MOEC_IMPORT_ONNX_VALUETYPES_H
