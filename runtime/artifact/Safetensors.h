//===- Safetensors.h - Tensors of a safetensors file ----------------------===//
//
// Part of moec. Format: 8 bytes little-endian header length, a JSON object
// {"name": {"dtype", "shape", "data_offsets": [begin, end]}, ...}, then the
// data (https://github.com/huggingface/safetensors). Every number is checked
// against the size of the file before it is used.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_RT_ARTIFACT_SAFETENSORS_H
#define MOEC_RT_ARTIFACT_SAFETENSORS_H

#include "artifact/MappedFile.h"
#include "support/Tensor.h"

#include <map>
#include <string>
#include <vector>

namespace moec::rt {

struct StoredTensor {
  moe_rt_type type = MOE_RT_F32;
  std::vector<int64_t> shape;
  const std::byte *data = nullptr; ///< inside the file's mapping
};

/// The file's tensors by name. They point into `file`. Throws Error.
std::map<std::string, StoredTensor> readSafetensors(const MappedFile &file);

} // namespace moec::rt

#endif // MOEC_RT_ARTIFACT_SAFETENSORS_H
