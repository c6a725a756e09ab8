//===- ExpertKernel.h - A plain expert FFN --------------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOEPROBE_EXPERTKERNEL_H
#define MOEC_TOOLS_MOEPROBE_EXPERTKERNEL_H

#include <cstdint>

namespace moec::tools {

/// out[rows, columns] += in[rows, depth] * weights[depth, columns], row-major
/// f32, for output columns `first` to `last`. A straightforward blocked kernel
/// that the compiler vectorises; it is no competitor of a tuned library, so a
/// curve made with it has the shape of the machine's, and a lower level.
void multiplyColumns(const float *in, const float *weights, float *out,
                     int64_t rows, int64_t depth, int64_t columns,
                     int64_t first, int64_t last);

} // namespace moec::tools

#endif // MOEC_TOOLS_MOEPROBE_EXPERTKERNEL_H
