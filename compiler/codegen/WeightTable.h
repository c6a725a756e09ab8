//===- WeightTable.h - The weights that an artifact stores ----------------===//
//
// Part of moec. The module's `moe_rt.weights` as plain values.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_CODEGEN_WEIGHTTABLE_H
#define MOEC_CODEGEN_WEIGHTTABLE_H

#include "dialect/moe_rt/MoeRt.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace moec::codegen {

/// How the manifest and safetensors call an element type; bytes of one element.
struct ElementType {
  std::string manifest;    ///< "f32"
  std::string safetensors; ///< "F32"
  int64_t bytes = 0;
};

/// Fails for a type that safetensors cannot hold.
llvm::Expected<ElementType> elementType(mlir::Type type);

struct FileRegion {
  std::string file;
  int64_t offset = 0, length = 0;
};

/// One stored weight; see moe_rt.weight for what the fields mean.
struct Weight {
  std::string name; ///< unique in the table
  std::vector<FileRegion> regions, regions2;
  ElementType type;            ///< as stored
  ElementType sourceType;      ///< of the raw tensor
  std::vector<int64_t> source; ///< shape of the raw tensor
  rt::PackKind kind = rt::PackKind::None;
  bool transposed = false;
  std::optional<rt::Fusion> fusion;
  std::vector<int64_t> stored;             ///< shape after packing, all experts
  std::vector<std::vector<int64_t>> slots; ///< by rank; empty: on all ranks
};

/// Position = index in the program. A name that occurs twice gets its index
/// appended.
llvm::Expected<std::vector<Weight>> readWeightTable(mlir::ModuleOp module);

} // namespace moec::codegen

#endif // MOEC_CODEGEN_WEIGHTTABLE_H
