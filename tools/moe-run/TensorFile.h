//===- TensorFile.h - ONNX tensors in files -------------------------------===//
//
// Part of moec. The input_*.pb and output_*.pb of ONNX test data: one
// serialised onnx.TensorProto each.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_TENSORFILE_H
#define MOEC_TOOLS_MOERUN_TENSORFILE_H

#include "HostTensor.h"

namespace moec::run {

/// The tensor of `path`, under the name that the file gives it (may be empty).
/// Throws Error, whose message begins with the path: not a TensorProto, a type
/// that the runtime does not have, data that do not fit the dims.
HostTensor readTensorFile(const std::string &path);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_TENSORFILE_H
