//===- KernelTable.h - The kernels and how they specialise ----------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_KERNELS_KERNELTABLE_H
#define MOEC_PASSES_LOWER_KERNELS_KERNELTABLE_H

#include "llvm/ADT/StringRef.h"

#include <string>
#include <string_view>
#include <vector>

namespace moec::kernels {

/// An attribute of `moe_rt.kernel`, written into its text as ${name}.
struct Setting {
  std::string name;
  /// The value where the attribute is absent.
  std::string absent;
  /// The values it may have; empty: any number.
  std::vector<std::string> values;
};

/// An operand whose element type specialises the kernel, as ${T<operand>}.
struct ElementType {
  unsigned operand;
  std::vector<std::string> types;
};

struct Kernel {
  std::string name;
  unsigned operands;
  std::vector<ElementType> elementTypes;
  std::vector<Setting> settings;
};

/// The kernel of this name, null if there is none.
const Kernel *findKernel(llvm::StringRef name);

/// The text of a template (text/NAME.mlir.in), null if there is none.
const char *findText(std::string_view name);

} // namespace moec::kernels

#endif // MOEC_PASSES_LOWER_KERNELS_KERNELTABLE_H
