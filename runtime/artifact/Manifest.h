//===- Manifest.h - What manifest.json says -------------------------------===//
//
// Part of moec. The manifest as a value; what it means on disk is Artifact's.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_ARTIFACT_MANIFEST_H
#define MOEC_RT_ARTIFACT_MANIFEST_H

#include "support/Tensor.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace moec::rt {

/// A tensor at the border of the model.
struct TensorSignature {
  std::string name;
  moe_rt_type type = MOE_RT_F32;
  /// -1 where the size is not fixed; then `symbols` has its name or expression.
  std::vector<int64_t> shape;
  std::vector<std::string> symbols; ///< as long as `shape`; "" where fixed

  /// "i64[2, batch]"
  std::string text() const;
};

struct WeightSignature {
  std::string name;
  moe_rt_type type = MOE_RT_F32;
  std::vector<int64_t> shape;
  bool differsByRank = false; ///< shape[0] is not checked
};

struct WeightFile {
  std::string file;
  std::optional<int64_t> rank; ///< nullopt: used by all ranks
};

struct ProgramEntry {
  std::string isa; ///< "x86-64-v3"
  std::string symbol;
};

/// An output that is an input of the next step.
struct DecodeState {
  size_t inputIndex = 0, outputIndex = 0;
  /// The axis along which it grows, where the session keeps it.
  std::optional<int64_t> keptAlong;
};

struct Manifest {
  static constexpr int64_t formatVersion = 1;
  static constexpr int64_t abiVersion = 3;

  std::string name;
  int64_t ranks = 1;
  std::string programFile;
  std::vector<ProgramEntry> entries; ///< best first
  std::vector<TensorSignature> inputs;
  std::vector<TensorSignature> outputs;
  std::vector<WeightSignature> weights;
  std::vector<WeightFile> weightFiles;
  std::vector<DecodeState> decodeState; ///< the kept ones first
  std::map<std::string, std::string> checksums; ///< by file

  size_t keptStates() const;
};

/// Throws Error: not JSON, an unknown version, or the key whose value is wrong.
Manifest parseManifest(std::string_view text);

/// A plain name, which stands for one size throughout the inputs; anything else
/// is an expression and only informs.
bool isIdentifier(std::string_view symbol);

} // namespace moec::rt

#endif // MOEC_RT_ARTIFACT_MANIFEST_H
