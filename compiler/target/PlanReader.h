//===- PlanReader.h - Parts of the plan file's reader ---------------------===//
//
// Part of moec. Internal: one function for each kind of plan. They throw
// FileError.
//
//===----------------------------------------------------------------------===//

#ifndef MOEC_TARGET_PLANREADER_H
#define MOEC_TARGET_PLANREADER_H

#include "target/Json.h"
#include "target/PlanFile.h"

namespace moec::target {

Baselines readBaselines(const JsonValue &value);
/// `objective_s`, `bound_s` and `baselines` of an object.
PlanScore readScore(const JsonValue &value);

AllToAllDecision readAllToAll(const JsonValue &root,
                              const plan::Topology &machine);
HierarchicalDecision readHierarchical(const JsonValue &root,
                                      const plan::Topology &machine);
ColocationDecision readColocation(const JsonValue &root,
                                  const plan::Topology &machine);

/// Positive numbers, one for each device.
std::vector<double> readPorts(const JsonValue &root,
                              const plan::Topology &machine);

} // namespace moec::target

#endif // MOEC_TARGET_PLANREADER_H
