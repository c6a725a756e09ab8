//===- Npy.h - NumPy's .npy files -----------------------------------------===//
//
// Part of moec. Format versions 1 to 3
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_NPY_H
#define MOEC_TOOLS_MOERUN_NPY_H

#include "HostTensor.h"

namespace moec::run {

/// Reads `path` as input `name`. NumPy has no bf16: where `expected` is bf16,
/// an array of uint16 or of 2-byte void (ml_dtypes) is taken as its bits.
/// Throws Error, whose message begins with the path.
HostTensor readNpy(const std::string &path, const std::string &name,
                   moe_rt_type expected);

/// Writes format version 1; bf16 as uint16. Throws Error, and leaves no file
/// behind then.
void writeNpy(const std::string &path, const moe_rt_tensor &tensor);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_NPY_H
