//===- DecodeStates.h - What a decoder carries from step to step ----------===//
//
// Part of moec.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_PASSES_LOWER_DECODESTATES_H
#define MOEC_PASSES_LOWER_DECODESTATES_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace moec::lower {

/// The output that becomes the input `name` of the next step, by the exporters'
/// conventions: `past_key_values.` to `present.` (ONNX Runtime GenAI, optimum),
/// `input.past_key_values.` to `output.past_key_values.` (transformers). Empty
/// for other inputs.
std::string decodeStateOutput(llvm::StringRef input);

/// Module attribute: an array of {input, output, axis}, the states that the
/// session keeps; the position is the number of the state.
inline constexpr llvm::StringLiteral kStates = "moe_rt.states";

} // namespace moec::lower

#endif // MOEC_PASSES_LOWER_DECODESTATES_H
