//===- Import.h - Other tools' descriptions of machines -------------------===//
//
// Part of moec. NCCL topology XML, hwloc XML and TACCL alpha-beta tables become
// a `plan::Topology`. None of them holds everything a hardware file does: what
// had to be left out or assumed is said in `notes`, and README.md beside this
// file states the rules.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_IMPORT_H
#define MOEC_TARGET_IMPORT_H

#include "plan/Topology.h"
#include "target/FileError.h"

#include <string>
#include <vector>

namespace moec::target {

struct ImportedTopology {
  plan::Topology topology;
  std::vector<std::string> notes; ///< one sentence each, for the user
};

/// NCCL topology (`NCCL_TOPO_FILE`, root `<system>`), also as clouds ship it
/// with nothing but `<cpu>` and `<pci>`. Rates follow NCCL's own rules.
/// Fails when no element can be recognised as a GPU.
Result<ImportedTopology> importNccl(const std::string &text,
                                    const std::string &file);

/// hwloc XML (`lstopo --of xml`, root `<topology>`): NVIDIA GPUs when there
/// are any, else the whole machine as one CPU device.
Result<ImportedTopology> importHwloc(const std::string &text,
                                     const std::string &file);

/// TACCL topology JSON (alpha, beta per link kind; the chunk size that sets
/// its unit is the end of its name).
Result<ImportedTopology> importAlphaBeta(const std::string &text,
                                         const std::string &file);

/// Any of the above, or a hardware file (which has no notes), recognised by
/// its content.
Result<ImportedTopology> readMachine(const std::string &path);

} // namespace moec::target

#endif // MOEC_TARGET_IMPORT_H
