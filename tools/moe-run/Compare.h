//===- Compare.h - Two tensors, how far apart -----------------------------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TOOLS_MOERUN_COMPARE_H
#define MOEC_TOOLS_MOERUN_COMPARE_H

#include "HostTensor.h"

namespace moec::run {

struct Comparison {
  /// Floating point: max |actual - expected| / max |expected|, in double, over
  /// all elements but those where both are NaN or the same infinity; infinite
  /// where only one of them is. Where all expected values are 0 the difference
  /// itself. Integers and booleans: 0 if all are equal, else infinite.
  double error = 0;
  std::string text; ///< "max|a-b|/max|b| = 1.2e-07", or what differs
};

/// Different types or shapes compare as infinitely far apart.
Comparison compare(const moe_rt_tensor &actual, const moe_rt_tensor &expected);

} // namespace moec::run

#endif // MOEC_TOOLS_MOERUN_COMPARE_H
