//===- Hardware.h - The hardware file -------------------------------------===//
//
// Part of moec. Reads and writes the YAML description of a machine; README.md
// beside this file states the format. All quantities of the result are SI.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_HARDWARE_H
#define MOEC_TARGET_HARDWARE_H

#include "plan/Topology.h"
#include "target/FileError.h"

#include <nlohmann/json.hpp>

#include <string>

namespace moec::target {

/// Reads the hardware file at `path`. The first error is returned with its
/// line, column and key: broken YAML, an unknown key (with the nearest known
/// one), a missing or repeated key, a number that is not finite and positive,
/// a machine without a device, two devices of one name. The result satisfies
/// `Topology::check()`.
Result<plan::Topology> readHardware(const std::string &path);

/// The same for text in memory; `file` names it in messages.
Result<plan::Topology> parseHardware(const std::string &text,
                                     const std::string &file);

/// The hardware file that reads back as `topology`.
/// Preconditions: `topology.check()` holds, devices stand in the order of their
/// nodes, every node has one, and every port has a bandwidth.
std::string printHardware(const plan::Topology &topology);

/// The same as JSON, which is also YAML: plan files embed it.
nlohmann::ordered_json hardwareToJson(const plan::Topology &topology);

/// Writes `printHardware(topology)` to `path`.
Status writeHardware(const plan::Topology &topology, const std::string &path);

} // namespace moec::target

#endif // MOEC_TARGET_HARDWARE_H
