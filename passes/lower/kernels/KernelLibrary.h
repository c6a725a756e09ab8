//===- KernelLibrary.h - Compute kernels as MLIR text ---------------------===//
//
// Part of moec. The kernels behind `moe_rt.kernel`: functions on contiguous
// memrefs, written as templates (text/*.mlir.in, directives in Template.h) and
// instantiated into a module on demand. README.md lists them with their
// operands; the register tile follows the module's `moe_rt.isa`.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_KERNELS_KERNELLIBRARY_H
#define MOEC_PASSES_LOWER_KERNELS_KERNELLIBRARY_H

#include "passes/lower/kernels/Template.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

#include <set>

namespace moec::kernels {

/// Instruction set that a module's kernels are tiled for: a string attribute,
/// "x86-64-v3" (default: 16 registers of 8 floats), "x86-64-v4" (32 of 16) or
/// "x86-64-v4+amx" (and 8 tiles).
inline constexpr llvm::StringLiteral isaAttribute = "moe_rt.isa";

/// Instances of the kernels in one module.
class KernelLibrary {
public:
  explicit KernelLibrary(mlir::ModuleOp module);

  /// The private function of kernel `name`, specialised by `attributes` and by
  /// the element types of `operands` (ins, then outs); the same one for every
  /// call that needs the same. Its argument types are those of the contract:
  /// dynamic sizes, contiguous. Errors are reported at `location`: an unknown
  /// kernel or attribute, a value or element type it does not offer.
  mlir::FailureOr<mlir::func::FuncOp> get(mlir::Location location,
                                          llvm::StringRef name,
                                          mlir::DictionaryAttr attributes,
                                          mlir::TypeRange operands);

private:
  mlir::LogicalResult load(mlir::Location location,
                           const std::string &templateName,
                           const Parameters &parameters, std::string &text);
  mlir::LogicalResult splice(mlir::Location location, const std::string &text);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  Parameters tile;
  /// Templates with their parameters whose functions are in the module.
  std::set<std::string> loaded;
};

} // namespace moec::kernels

#endif // MOEC_PASSES_LOWER_KERNELS_KERNELLIBRARY_H
